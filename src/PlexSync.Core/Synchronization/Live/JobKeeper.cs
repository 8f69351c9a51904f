namespace PlexSync;

/// <summary>Keeps one job up: connects, reads everything, and from then on only what changes; all of it again after a while.</summary>
/// <remarks>
/// One task runs it. Others tell it what they have found, by <see cref="Wake"/> and <see cref="ReportLook"/>. After a failure it stays
/// connected and goes on with what changes meanwhile, unless connecting anew may help.
/// </remarks>
/// <param name="job">The job.</param>
/// <param name="lease">The right to keep it up; disposed of along with this.</param>
/// <param name="live">What all jobs share.</param>
/// <param name="servers">Tell when something has changed.</param>
internal sealed class JobKeeper(LiveJob job, IWatchLease lease, LiveWork live, ServerWatches servers) : IAsyncDisposable
{
    /// <summary>The next run is one that makes the looks after a large run short again.</summary>
    private static readonly TimeSpan UntilSettled = TimeSpan.FromMinutes(2);

    private readonly Alarm _alarm = new(live.Time);
    private readonly LiveFailures _failures = new(job, live);
    private IWatchLease _lease = lease;
    private JobUsers? _prepared;
    private PlexException? _unprepared;
    private JobUsers? _users;
    private Look? _look;
    private int _isWoken;
    private bool _isAfterBurst;

    /// <summary>When everything is to be read.</summary>
    private TimeSpan _wholeAt;

    public LiveJob Job => job;

    /// <summary>What the last run knew.</summary>
    public JobNews News { get; } = new(live);

    /// <summary>Whether nothing is to be done before its time comes or something changes.</summary>
    public bool IsAsleep => _alarm.IsAsleep;

    /// <summary>Why the job could not be connected at first; null where it was.</summary>
    public PlexException? Unprepared => _unprepared;

    /// <summary>Connects for the first time; a failure is told once the job is kept up.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            var users = await job.Connect(cancellationToken).ConfigureAwait(false);
            RequireTargets(users);
            _prepared = users;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _unprepared = _failures.ToPlex(e);
        }
    }

    /// <summary>Refuses the job if another one would undo its work; other failures are told once the job is kept up.</summary>
    public async Task RequireNoLoopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (_prepared is null ? Task.CompletedTask : live.RequireNoLoopAsync(job, _prepared, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is not PlexErrorKind.JobsInLoop)
        {
            (_prepared, _unprepared) = (null, e);
        }
    }

    /// <summary>Keeps the job up until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await KeepAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One job's trouble, whatever it is, is not that of the others.
                var now = live.Now;
                for (var until = now + _failures.Add(_failures.ToPlex(e), isWhole: _wholeAt <= now); live.Now < until;)
                {
                    await _alarm.SleepAsync(until - live.Now, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Something has changed that concerns the job.</summary>
    public void Wake()
    {
        Volatile.Write(ref _isWoken, 1);
        _alarm.Set();
    }

    /// <summary>It was looked at what the users viewed last.</summary>
    /// <param name="users">As whom; those of an earlier connection do not count.</param>
    /// <param name="error">What failed; null if nothing did.</param>
    /// <param name="retryIn">After how long it is looked again.</param>
    public void ReportLook(JobUsers users, PlexException? error, TimeSpan retryIn)
    {
        if (users == Volatile.Read(ref _users) && (error is not null || _failures.IsLook))
        {
            Volatile.Write(ref _look, new Look(error, retryIn));
            _alarm.Set();
        }
    }

    public ValueTask DisposeAsync() => _lease.DisposeAsync();

    /// <summary>Keeps the job up with one connection: until everything is to be read, or connecting anew may help.</summary>
    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _unprepared, null) is { } unprepared)
        {
            throw unprepared;
        }

        await TakeAsync(cancellationToken).ConfigureAwait(false);
        var users = Interlocked.Exchange(ref _prepared, null) ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _users, users);
        Volatile.Write(ref _look, null);
        var connectedAt = live.Now;
        live.Tell(new LiveJobConnected(job, users));
        using var registration = servers.Register(this, users);
        var (hasRun, mustConnect) = (false, false);
        for (TimeSpan? due = live.Now; ;)
        {
            var next = due is { } at && (at < _wholeAt || !hasRun) ? at : _wholeAt;
            await _alarm.SleepAsync(next - live.Now, cancellationToken).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _look, null) is { } look)
            {
                if (look.Error is null)
                {
                    _failures.EndLook();
                }
                else if (!mustConnect && _failures.MustConnect(look.Error))
                {
                    (mustConnect, due) = (true, live.Now + _failures.Add(look.Error, isWhole: false));
                }
                else
                {
                    _failures.AddLook(look.Error, look.RetryIn);
                }
            }

            var isDue = due <= live.Now;
            var isWhole = live.Now >= _wholeAt;
            var isOld = hasRun || live.Now - connectedAt >= live.Options.Every;
            if ((isWhole && isOld) || (isDue && mustConnect))
            {
                return;
            }

            // What is left for the run after a burst waits for that.
            var isWoken = Interlocked.Exchange(ref _isWoken, 0) > 0 && !_isAfterBurst;
            if (!isDue && !isWoken)
            {
                continue;
            }

            try
            {
                due = await SyncAsync(users, isWhole, cancellationToken).ConfigureAwait(false);
                // After a burst, nothing has been done yet.
                if (!_isAfterBurst)
                {
                    (hasRun, mustConnect) = (true, false);
                    _failures.End(isWhole);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var (now, error) = (live.Now, _failures.ToPlex(e));
                mustConnect |= _failures.MustConnect(error);
                // A run that has read everything for others is not made again for one.
                var isStillWhole = isWhole && _wholeAt <= now;
                due = now + _failures.Add(error, isStillWhole);
                // Until then, what changes is synchronised as ever, unless it is left for the run after a burst.
                _wholeAt = isStillWhole ? due.Value : _wholeAt;
            }
        }
    }

    private void RequireTargets(JobUsers users)
    {
        if (users.Targets.Count == 0)
        {
            throw new InvalidOperationException($"The job '{job.Name}' was connected to nobody.");
        }
    }

    private async Task<JobUsers> ConnectAsync(CancellationToken cancellationToken)
    {
        var users = await job.Connect(cancellationToken).ConfigureAwait(false);
        RequireTargets(users);
        await live.RequireNoLoopAsync(job, users, cancellationToken).ConfigureAwait(false);
        return users;
    }

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

    /// <summary>One run: of everything, or of what has changed.</summary>
    /// <returns>When the next one is due, whatever else happens; null if none is.</returns>
    private async Task<TimeSpan?> SyncAsync(JobUsers users, bool isWhole, CancellationToken cancellationToken)
    {
        using var entered = await live.EnterAsync(users.All.Select(static user => user.MachineIdentifier), cancellationToken)
            .ConfigureAwait(false);
        await TakeAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _isWoken, 0);
        // What was looked at before counts no more.
        Volatile.Write(ref _look, null);
        var started = live.Now;
        News.Begin();
        var options = CreateOptions(isWhole);
        var plans = await live.Synchronizer.PlanAsync(job.Job, users, options, progress: null, cancellationToken).ConfigureAwait(false);
        if (!isWhole && !_isAfterBurst && plans.All(static plan => plan.Reading is ReadingScope.Changed)
            && !live.Bursts.TryAdd(plans, live.Now))
        {
            _isAfterBurst = true;
            live.Tell(new LiveBurst(job, plans.Sum(static plan => plan.Changes.Count), BurstLimit.Period));
            return live.Now + BurstLimit.Period;
        }

        var reports = await ApplyAsync(plans, users, options, cancellationToken).ConfigureAwait(false);
        var error = SyncReport.FindError(reports);
        _isAfterBurst &= error is not null;
        servers.NoteWritten(this, reports);
        _wholeAt = isWhole && reports.Any(HasRead) ? started + live.Options.Every : _wholeAt;
        var question = ChangeReader.QuestionOf(options, users.All.Select(static user => user.ServerUser), job.Job.IsMerge);
        News.End(
            await live.Store.ReadLastReadingAsync(question, cancellationToken).ConfigureAwait(false),
            reports.SelectMany(RunReading.OpenOf),
            [.. plans.Where(plan => plan.Server.MachineIdentifier == users.Source.MachineIdentifier)
                .SelectMany(static plan => plan.Libraries, static (_, library) => library.Library)
                .DistinctBy(static library => library.Key)]);
        live.Tell(new LiveRunEnded(job, reports));
        return error is not null ? throw error
            : News.IsLong && isWhole ? live.Now + UntilSettled : null;
    }

    /// <summary>Whether the run came to anything for the target.</summary>
    private static bool HasRead(SyncReport report) => report.Error is null
        && (report.Plan.Libraries.Count == 0 || report.Plan.Libraries.Any(static library => library.Error is null));

    private SyncOptions CreateOptions(bool isWhole)
    {
        var options = job.Job.CreateOptions(live.Time);
        options.Quick = !isWhole;
        options.WholeReadingAfter = live.Options.Every * 2;
        options.WaitsForPlayers = servers.IsPlaying;
        // Nothing is taken away because of an event, even where it makes the run read everything.
        options.OnlyAdds = !isWhole;
        return options;
    }

    private async Task<IReadOnlyList<SyncReport>> ApplyAsync(
        IReadOnlyList<SyncPlan> plans, JobUsers users, SyncOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await live.Synchronizer.ApplyAsync(plans, users.All, options, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SyncCanceledException e)
        {
            live.Tell(new LiveRunEnded(job, e.Reports));
            throw;
        }
    }

    /// <summary>How a look ended.</summary>
    /// <param name="Error">What failed; null if nothing did.</param>
    /// <param name="RetryIn">After how long it is looked again.</param>
    private sealed record Look(PlexException? Error, TimeSpan RetryIn);
}
