namespace PlexSync;

/// <summary>
/// Watches one server for all jobs: listens to its events, and looks at what each user viewed last when something was played, and from
/// time to time. What it finds wakes the jobs that it concerns.
/// </summary>
/// <param name="live">What all jobs share.</param>
/// <param name="listen">Listens to the server.</param>
internal sealed class ServerWatch(LiveWork live, Func<PlexServer, CancellationToken, IAsyncEnumerable<ServerEvent>> listen)
{
    /// <summary>How often it is looked while the server tells what is played, and nothing is.</summary>
    private static readonly TimeSpan IdlePoll = TimeSpan.FromMinutes(5);

    /// <summary>So long after something was played it is looked more often.</summary>
    private static readonly TimeSpan ActiveFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan BetweenListeners = TimeSpan.FromMinutes(1);

    /// <summary>More views than that need no list.</summary>
    private const int MostChanges = 1000;

    private readonly object _lock = new();
    private readonly PlaybackHints _hints = new();
    private readonly Alarm _alarm = new(live.Time);
    private readonly Alarm _joined = new(live.Time);
    private readonly List<WatchedJob> _jobs = [];
    private bool _isOpen;
    private bool _isDeaf = true;
    private int _mustLook;

    /// <summary>Whether nothing is to be done before its time comes.</summary>
    public bool IsAsleep => _alarm.IsAsleep;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new[] { ListenAsync(either.Token), LookAsync(either.Token) };
        await Task.WhenAny(tasks).ConfigureAwait(false);
        // Neither ends unless it fails.
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public IDisposable Register(WatchedJob job)
    {
        lock (_lock)
        {
            _jobs.Add(job);
        }

        _joined.Set();
        _alarm.Set();
        return new Registration(this, job);
    }

    public void NoteWritten(IEnumerable<RatingKey> items) => _hints.NoteWritten(items, live.Now);

    private List<WatchedJob> Jobs()
    {
        lock (_lock)
        {
            return [.. _jobs];
        }
    }

    /// <summary>As whom to ask for what concerns everybody: the owner, if there is one among them.</summary>
    private static PlexServer? FindBest(List<WatchedJob> jobs)
    {
        var users = jobs.SelectMany(static job => job.All).ToList();
        return users.Find(static user => user.IsOwner) ?? users.FirstOrDefault();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (FindBest(Jobs()) is not { } server)
            {
                await _joined.SleepAsync(BetweenListeners, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                await foreach (var heard in listen(server, cancellationToken).ConfigureAwait(false))
                {
                    Hear(heard, server);
                }
            }
            catch (PlexException e)
            {
                Hear(new EventStreamLost(e, BetweenListeners), server);
            }

            await _joined.SleepAsync(BetweenListeners, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Hear(ServerEvent heard, PlexServer server)
    {
        var next = _hints.NextAt;
        _hints.Hear(heard, live.Now);
        if (heard is EventStreamOpened or EventStreamLost)
        {
            var lost = heard as EventStreamLost;
            var isChanged = _isOpen != lost is null;
            (_isOpen, _isDeaf) = (lost is null, true);
            if (lost is null || isChanged)
            {
                // What was missed is caught up with; a stream that was lost is looked for again and again.
                Volatile.Write(ref _mustLook, 1);
                _alarm.Set();
            }

            if (isChanged)
            {
                live.Tell(new LiveStreamChanged(ServerReference.To(server), lost?.Error));
            }
        }
        else if (_hints.NextAt is { } earlier && !(earlier >= next))
        {
            _alarm.Set();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (nextPoll, activeUntil) = (live.Now + live.Options.Poll, TimeSpan.Zero);
        while (true)
        {
            while (Jobs().Count == 0)
            {
                await _alarm.SleepAsync(TimeSpan.FromDays(1), cancellationToken).ConfigureAwait(false);
            }

            var next = _hints.NextAt < nextPoll ? _hints.NextAt.Value : nextPoll;
            await _alarm.SleepAsync(next - live.Now, cancellationToken).ConfigureAwait(false);
            var jobs = Jobs();
            var isPoll = Interlocked.Exchange(ref _mustLook, 0) > 0 || live.Now >= nextPoll;
            if (FindBest(jobs) is { } server && (_hints.NeedsLook(live.Now) || (isPoll && _isDeaf)))
            {
                await JoinAsync(server, cancellationToken).ConfigureAwait(false);
            }

            var due = _hints.TakeDue(live.Now);
            if (isPoll || due.Count > 0)
            {
                await CheckAsync(jobs, due, isPoll, cancellationToken).ConfigureAwait(false);
                activeUntil = due.Count > 0 ? live.Now + ActiveFor : activeUntil;
                var isIdle = _isOpen && live.Now >= activeUntil && live.Options.Poll < IdlePoll;
                var poll = live.Now + (isIdle ? IdlePoll : live.Options.Poll);
                nextPoll = isPoll || poll < nextPoll ? poll : nextPoll;
            }
        }
    }

    private async Task JoinAsync(PlexServer server, CancellationToken cancellationToken)
    {
        try
        {
            if (await server.GetPlayingAsync(cancellationToken).ConfigureAwait(false) is { } playing)
            {
                _hints.Join(playing.Sessions, _isDeaf, live.Now);
                // Without events, only the list tells what begins.
                _isDeaf = !_isOpen;
                return;
            }
        }
        catch (PlexException)
        {
            // The look at what was viewed, which comes next, fares no better and is told.
        }

        _hints.GiveUpJoin(live.Now);
    }

    /// <summary>Looks at what the users viewed last whom the hints concern, or everybody.</summary>
    private async Task CheckAsync(List<WatchedJob> jobs, IReadOnlyList<Hint> hints, bool isPoll, CancellationToken cancellationToken)
    {
        if (jobs.SelectMany(static job => job.All).FirstOrDefault() is not { } any)
        {
            return;
        }

        // After a run, it is known what that has read and written.
        using var entered = await live.EnterAsync([any.MachineIdentifier], cancellationToken).ConfigureAwait(false);
        var looks = jobs.SelectMany(job => job.Watched
            .Where(user => isPoll || hints.Any(hint => hint.Concerns(user)))
            .SelectMany(user => job.Keeper.LibrariesOf(user), (user, library) => new Look(job.Keeper, user, library)));
        // Several jobs with one user make one request.
        var results = await Task.WhenAll(looks.GroupBy(static look => (look.User.ServerUser, look.Library.Key))
            .Select(look => LookAtAsync([.. look], hints.Count > 0, cancellationToken))).ConfigureAwait(false);
        foreach (var (keeper, failures) in results.SelectMany(static result => result).GroupBy(
            static result => result.Keeper, static result => result.Error, static (keeper, errors) => (keeper, errors.ToList())))
        {
            // One library that cannot be read is the next whole run's to tell.
            var gravest = failures.Find(static error => error is not null && !LibraryReader.IsConfinedToOneLibrary(error));
            if ((gravest ?? (failures.Contains(null) ? null : failures[0])) is { } error)
            {
                keeper.Fail(error);
            }
        }

        jobs.ForEach(job => job.Keeper.ConsiderOpen(hints, isPoll, _hints.IsPlayed));
    }

    /// <summary>Reads what a user viewed last in a library, and lets the jobs of the user see whether that is new.</summary>
    /// <returns>Each job with what failed.</returns>
    private async Task<IEnumerable<(JobKeeper Keeper, PlexException? Error)>> LookAtAsync(
        List<Look> looks, bool isHinted, CancellationToken cancellationToken)
    {
        var (user, library) = (looks[0].User, looks[0].Library);
        var known = looks.ConvertAll(look => look.Keeper.KnownOf(user, library.Key)).OfType<ReadLibrary>().ToList();
        try
        {
            var newest = known.Count > 0
                ? await KnownViews.ReadNewestAsync(user, library, known, MostChanges, cancellationToken).ConfigureAwait(false)
                : await NewestItems.ReadAsync(user, library, static _ => true, expected: 0, MostChanges, cancellationToken)
                    .ConfigureAwait(false);
            foreach (var look in looks)
            {
                look.Keeper.Consider(
                    newest, user, library.Key, item => _hints.IsPlaying(user.User.Id, user.IsOwner, item), isHinted);
            }

            return looks.Select(static look => (look.Keeper, (PlexException?)null));
        }
        catch (PlexException e)
        {
            return looks.Select(look => (look.Keeper, (PlexException?)e));
        }
    }

    private readonly record struct Look(JobKeeper Keeper, PlexServer User, Library Library);

    private sealed class Registration(ServerWatch watch, WatchedJob job) : IDisposable
    {
        public void Dispose()
        {
            lock (watch._lock)
            {
                watch._jobs.Remove(job);
            }
        }
    }
}
