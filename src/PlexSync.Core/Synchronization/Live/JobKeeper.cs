namespace PlexSync;

/// <summary>Keeps one job up: connects, reads everything, and from then on only what changes; all of it again after a while.</summary>
/// <param name="job">The job.</param>
/// <param name="lease">The right to keep it up; disposed of along with this.</param>
/// <param name="live">What all jobs share.</param>
/// <param name="servers">Tell when something has changed.</param>
internal sealed class JobKeeper(LiveJob job, IWatchLease lease, LiveWork live, ServerWatches servers) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>What somebody has to mend is not tried again that often.</summary>
    private static readonly TimeSpan MendingWait = TimeSpan.FromMinutes(5);

    private readonly Alarm _alarm = new(live.Time);
    private readonly Dictionary<(ServerUser User, LibraryKey Library), string> _evidence = [];
    private IWatchLease _lease = lease;
    private JobUsers? _connected;
    private IReadOnlyList<Library> _libraries = [];
    private PlexException? _failure;
    private int _news;
    private TimeSpan? _ordinaryAt;
    private TimeSpan _openTriedAt;
    private int _openTries;

    public LiveJob Job => job;

    /// <summary>Whether nothing is to be done before its time comes or something changes.</summary>
    public bool IsAsleep => _alarm.IsAsleep;

    /// <summary>Why the job could not be connected; null where it was.</summary>
    public PlexException? Failure => Volatile.Read(ref _failure);

    /// <summary>What the last run knew; null where a run has yet to end, or that could not be told.</summary>
    public LastReading? Known { get; private set; }


    /// <summary>Connects for the first time; a failure comes to light when the job is kept up.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connected = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is not PlexErrorKind.JobsInLoop)
        {
            _failure = e;
        }
    }

    /// <summary>Keeps the job up until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            PlexException error;
            try
            {
                await KeepAsync(Succeed, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (PlexException e)
            {
                error = e;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One job's trouble, whatever it is, is not that of the others.
                error = new PlexException(PlexErrorKind.Unknown, $"The job '{job.Name}' failed: {e.Message}", e);
            }

            var wait = WaitAfter(error, ++failures);
            live.Tell(new LiveJobFailed(job, error, wait));
            for (var until = live.Now + wait; live.Now < until;)
            {
                await _alarm.SleepAsync(until - live.Now, cancellationToken).ConfigureAwait(false);
            }

            void Succeed()
            {
                if (failures > 0)
                {
                    live.Tell(new LiveJobRecovered(job, failures));
                    failures = 0;
                }
            }
        }
    }

    /// <summary>Something has changed that concerns the job.</summary>
    public void Wake()
    {
        Volatile.Write(ref _news, 1);
        _alarm.Set();
    }

    /// <summary>The server refused or failed: the job has to connect again.</summary>
    public void Fail(PlexException error)
    {
        Volatile.Write(ref _failure, error);
        _alarm.Set();
    }

    /// <summary>Wakes the job if a list of what was viewed last shows anything that the last run did not know.</summary>
    /// <param name="newest">The list.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="library">Of which library.</param>
    /// <param name="isPlaying">What is being played: it is no news before it has ended.</param>
    /// <param name="isHinted">Whether something has been played.</param>
    public void Consider(NewestItems newest, PlexServer user, LibraryKey library, Predicate<RatingKey> isPlaying, bool isHinted)
    {
        var known = KnownOf(user, library);
        var changed = (known is null ? newest.Items : KnownViews.FindChanged(newest, known))
            .Where(item => !isPlaying(item.Item)).ToList();
        // What is missing was unwatched: that waits for a whole run.
        var evidence = newest.Oddity is null && changed.Count + newest.Damaged.Count == 0 ? ""
            : $"{newest.Oddity} {string.Join(' ', changed)} {string.Join(' ', newest.Damaged)}";
        // What has already led to a run, and is still there after it, leads to no other one.
        bool isNew;
        lock (_evidence)
        {
            isNew = evidence != _evidence.GetValueOrDefault((user.ServerUser, library), "");
            _evidence[(user.ServerUser, library)] = evidence;
        }

        if (evidence.Length > 0 && (isNew || (newest.Oddity is not null && isHinted)))
        {
            Wake();
        }
    }

    /// <summary>Wakes the job if it has left an item for later, and the time has come.</summary>
    /// <param name="hints">What may have changed.</param>
    /// <param name="isPoll">Whether it is time to look at everything.</param>
    /// <param name="isPlayed">What somebody plays or has paused: its end will be told.</param>
    public void ConsiderOpen(IReadOnlyList<Hint> hints, bool isPoll, Predicate<RatingKey> isPlayed)
    {
        // The first time soon: a server may list a playback for a moment longer than it lasts.
        bool MayTry(RatingKey item) => _openTries == 0 || (live.Now - _openTriedAt >= MendingWait && !isPlayed(item));
        if (Known is { Open: { Count: > 0 } open }
            && (hints.Any(hint => hint.Item is null || open.Any(item => item.Item == hint.Item))
                || (isPoll && open.Any(item => MayTry(item.Item)))))
        {
            _openTries++;
            Wake();
        }
    }

    /// <summary>What the last run knew of a library of a user.</summary>
    public ReadLibrary? KnownOf(PlexServer user, LibraryKey library) =>
        Known?.Users.FirstOrDefault(known => known.User == user.ServerUser)?.Libraries.FirstOrDefault(known => known.Library == library);

    /// <summary>The libraries in which views of the user matter; none before the first run has ended.</summary>
    public IEnumerable<Library> LibrariesOf(PlexServer user) =>
        _libraries.Where(library => Known is null || KnownOf(user, library.Key) is not null);

    public ValueTask DisposeAsync() => _lease.DisposeAsync();

    /// <summary>Takes the job again where the store has lost that we have it, as when its folder was removed.</summary>
    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lease.RequireAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.LeaseLost)
        {
            await _lease.DisposeAsync().ConfigureAwait(false);
            _lease = await live.Store.WatchAsync(job.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JobUsers> ConnectAsync(CancellationToken cancellationToken)
    {
        var users = await job.Connect(cancellationToken).ConfigureAwait(false);
        await live.RequireNoLoopAsync(job, users, cancellationToken).ConfigureAwait(false);
        return users;
    }

    private async Task KeepAsync(Action succeed, CancellationToken cancellationToken)
    {
        Throw();
        await TakeAsync(cancellationToken).ConfigureAwait(false);
        var users = _connected ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
        _connected = null;
        live.Tell(new LiveJobConnected(job, users));
        var until = live.Now + live.Options.Every;
        using var registration = servers.Register(this, users);
        await SyncAsync(users, isWhole: true, cancellationToken).ConfigureAwait(false);
        succeed();
        while (live.Now < until)
        {
            var next = _ordinaryAt < until ? _ordinaryAt.Value : until;
            await _alarm.SleepAsync(next - live.Now, cancellationToken).ConfigureAwait(false);
            Throw();
            if (_ordinaryAt <= live.Now)
            {
                await SyncAsync(users, isWhole: true, cancellationToken).ConfigureAwait(false);
            }
            else if (_ordinaryAt is null && Interlocked.Exchange(ref _news, 0) > 0)
            {
                await SyncAsync(users, isWhole: false, cancellationToken).ConfigureAwait(false);
            }
        }

        void Throw()
        {
            if (Interlocked.Exchange(ref _failure, null) is { } failure)
            {
                throw failure;
            }
        }
    }

    /// <summary>One run: of everything, or of what has changed.</summary>
    private async Task SyncAsync(JobUsers users, bool isWhole, CancellationToken cancellationToken)
    {
        await _lease.RequireAsync(cancellationToken).ConfigureAwait(false);
        using var entered = await live.EnterAsync(users.All.Select(static user => user.MachineIdentifier), cancellationToken)
            .ConfigureAwait(false);
        Volatile.Write(ref _news, 0);
        (_ordinaryAt, _openTriedAt) = (null, live.Now);
        var options = job.Job.CreateOptions(live.Time);
        options.Quick = !isWhole;
        options.WholeReadingAfter = live.Options.Every * 2;
        options.WaitsForPlayers = true;
        // Nothing is taken away because of an event, even where it makes the run read everything.
        options.OnlyAdds = !isWhole;
        var plans = await PlanAsync(users, options, cancellationToken).ConfigureAwait(false);
        if (!isWhole && plans.All(static plan => plan.Reading is ReadingScope.Changed) && !live.Bursts.TryAdd(plans, live.Now))
        {
            _ordinaryAt = live.Now + BurstLimit.Period;
            live.Tell(new LiveBurst(job, plans.Sum(static plan => plan.Changes.Count), BurstLimit.Period));
            return;
        }

        IReadOnlyList<SyncReport> reports;
        try
        {
            reports = await live.Synchronizer.ApplyAsync(plans, users.All, options, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SyncCanceledException e)
        {
            live.Tell(new LiveRunEnded(job, e.Reports));
            throw;
        }

        servers.NoteWritten(reports);
        var open = Known?.Open ?? [];
        Known = await live.Store.ReadLastReadingAsync(
            ChangeReader.QuestionOf(options, users.All.Select(static user => user.ServerUser), job.Job.IsMerge), cancellationToken)
            .ConfigureAwait(false);
        _libraries = [.. plans.Where(plan => plan.Server.MachineIdentifier == users.Source.MachineIdentifier)
            .SelectMany(static plan => plan.Libraries, static (_, library) => library.Library).DistinctBy(static library => library.Key)];
        _openTries = Known?.Open.Except(open).Any() is true ? 0 : _openTries;
        live.Tell(new LiveRunEnded(job, reports));
        if (reports.Select(static report => report.Error).FirstOrDefault(static error => error is not null) is { } error)
        {
            throw error;
        }
    }

    private Task<IReadOnlyList<SyncPlan>> PlanAsync(JobUsers users, SyncOptions options, CancellationToken cancellationToken) =>
        job.Job.IsMerge
            ? live.Synchronizer.PlanMergeAsync(users.All, options, progress: null, cancellationToken)
            : live.Synchronizer.PlanAsync(users.Source, users.Targets, options, progress: null, cancellationToken);

    private TimeSpan WaitAfter(PlexException error, int failures)
    {
        var (shortest, longest) = error switch
        {
            // The token may just have been replaced.
            { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired } when failures == 1 =>
                (TimeSpan.FromSeconds(1), LongestWait),
            // A PIN that is wrong is wrong again, and plex.tv counts.
            { Kind: PlexErrorKind.PinRejected } => (live.Options.Every, live.Options.Every),
            { Kind: PlexErrorKind.JournalFailed } => (ShortestWait, LongestWait),
            { Kind: PlexErrorKind.TooManyRemovals } => (MendingWait, live.Options.Every),
            { Category: PlexErrorCategory.Usage or PlexErrorCategory.Account } => (MendingWait, live.Options.Every),
            _ => (ShortestWait, LongestWait),
        };
        var wait = TimeSpan.FromTicks((long)Math.Min(longest.Ticks, shortest.Ticks * Math.Pow(2, Math.Min(failures - 1, 20))));
        return error.RetryAfter > wait ? TimeSpan.FromTicks(Math.Min(error.RetryAfter.Value.Ticks, PlexTransport.LongestWait.Ticks)) : wait;
    }
}
