using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>One execution of one plan: all marks, a barrier, then the positions; oldest views first, a bounded number at once.</summary>
internal sealed partial class PlanExecutor : IDisposable
{
    /// <summary>States older than this are read again before they are relied on.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(2);

    /// <summary>How long writes under way may take to answer once the run is cancelled.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>So many failures in a row are the server's, not the items'.</summary>
    private const int MaxFailuresInARow = 10;

    private const int BatchSize = 200;

    /// <summary>So long an announcement stands for what is sent after it: its age tells how long ago that was.</summary>
    private static readonly TimeSpan AnnouncedFor = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly SyncPlan _plan;
    private readonly PlexServer _target;
    private readonly RunId? _run;
    private readonly IRunLease? _journal;
    private readonly IProgress<SyncProgress>? _progress;
    private readonly ChangeExecution[] _entries;
    private readonly RunScope _scope;
    private readonly LostWrites _lostMarks;
    private readonly RemovalProof _proof;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _refreshing = new(1);
    private PlexException? _error;
    private bool _isJournalBroken;
    private int _failuresInARow;
    private int _done;
    private int _total;

    private PlanExecutor(
        ILogger logger,
        SyncPlan plan,
        PlexServer target,
        RunId? run,
        IRunLease? journal,
        IProgress<SyncProgress>? progress,
        ChangeExecution[] entries,
        RunScope scope,
        RemovalProof proof)
    {
        _logger = logger;
        _plan = plan;
        _target = target;
        _run = run;
        _journal = journal;
        _progress = progress;
        _entries = entries;
        _scope = scope;
        _proof = proof;
        _lostMarks = new LostWrites(logger, target, progress);
    }

    /// <summary>A run from the beginning.</summary>
    /// <param name="logger">Told what could not be done.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="target">To whom.</param>
    /// <param name="lease">Where outcomes are recorded; null where nothing is kept.</param>
    /// <param name="isFresh">The states that the plan was made from may be relied on.</param>
    /// <param name="proof">Reads again what removals rest on.</param>
    /// <param name="progress">Told as changes are written.</param>
    public static PlanExecutor Begin(
        ILogger logger, SyncPlan plan, PlexServer target, IRunLease? lease, bool isFresh, RemovalProof proof,
        IProgress<SyncProgress>? progress)
    {
        var readAt = isFresh ? plan.CreatedAt : DateTimeOffset.MinValue;
        var span = new RunSpan(target.Time.GetUtcNow(), DateTimeOffset.MaxValue);
        var entries = plan.Changes.Select(change => new ChangeExecution(change, readAt, span)).ToArray();
        return new PlanExecutor(logger, plan, target, lease?.Run, lease, progress, entries, isFresh ? RunScope.Fresh : RunScope.All, proof);
    }

    /// <summary>A run that was killed, from where it stopped.</summary>
    /// <param name="logger">Told what could not be done.</param>
    /// <param name="recorded">What the journal has of it.</param>
    /// <param name="target">To whom.</param>
    /// <param name="journal">Where further outcomes are recorded.</param>
    /// <param name="finish">What was not begun is to be done too.</param>
    /// <param name="progress">Told as changes are written.</param>
    public static PlanExecutor Resume(
        ILogger logger, SyncReport recorded, PlexServer target, IRunLease journal, bool finish, IProgress<SyncProgress>? progress)
    {
        var span = recorded.Span?.Shift(target.Clock.Lead);
        var entries = recorded.Results.Select(result => new ChangeExecution(result, finish, span)).ToArray();
        return new PlanExecutor(
            logger,
            recorded.Plan,
            target,
            recorded.Run,
            journal,
            progress,
            entries,
            finish ? RunScope.Rest : RunScope.Halfway,
            new RemovalProof(logger, store: null, users: []));
    }

    /// <summary>Every change was tried, and it is known what became of it.</summary>
    public bool IsComplete =>
        Array.TrueForAll(_entries, static entry => entry.Outcome is not (ChangeOutcome.Planned or ChangeOutcome.Unknown));

    /// <summary>No answer is still out.</summary>
    public bool IsSettled => Array.TrueForAll(_entries, static entry => !entry.IsLost);

    /// <summary>Runs the plan. Cancelled, it starts no more writes, waits a little for those under way, and reports what it did.</summary>
    public async Task<SyncReport> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var phase = PhaseScope.Begin("apply", _target.Time);
        using var grace = new CancellationTokenSource();
        using var cancelled = cancellationToken.Register(() =>
        {
            _stop.Cancel();
            grace.CancelAfter(Grace);
        });
        try
        {
            await _lostMarks.AdoptAsync(_entries, _run, _scope is RunScope.Rest, cancellationToken).ConfigureAwait(false);
            await LeaveWhatIsPlayedAsync(cancellationToken).ConfigureAwait(false);
            BeginCounting();
            await WriteAsync(static entry => entry.Marks.Length > 0, MarkAsync, grace.Token).ConfigureAwait(false);
            await SettleAsync(grace.Token, cancellationToken).ConfigureAwait(false);
            await WriteAsync(static entry => entry.AwaitsPosition, SetPositionAsync, grace.Token).ConfigureAwait(false);
            await RateAsync(grace.Token).ConfigureAwait(false);
            await ExplainRefusalsAsync(cancellationToken).ConfigureAwait(false);
            await VerifyAsync(grace.Token, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The report tells how far it came.
        }
        catch (PlexException e)
        {
            _error ??= e;
        }

        var report = await CloseAsync().ConfigureAwait(false);
        Conclude(phase, report, cancellationToken);
        return report;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _refreshing.Dispose();
    }

    private void Conclude(PhaseScope phase, SyncReport report, CancellationToken cancellationToken)
    {
        phase.Tag("user.id", _target.User.Id.Value);
        phase.Tag("plexsync.run", _run?.ToString());
        phase.Tag("plexsync.changes", report.Results.Count);
        phase.Tag("plexsync.applied", report.Count(ChangeOutcome.Applied));
        phase.Tag("plexsync.failed", report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown));
        phase.Tag("plexsync.verified", report.Verified);
        for (var at = 0; at < _entries.Length; at++)
        {
            if (!_entries[at].IsOld)
            {
                SyncDiagnostics.Tried(report.Results[at]);
            }
        }

        if (report.Error is { } error)
        {
            phase.Fail(error);
        }
        else if (cancellationToken.IsCancellationRequested && !IsComplete)
        {
            phase.Fail(new OperationCanceledException());
        }
    }

    private async Task WriteAsync(
        Func<ChangeExecution, bool> isWanted, Func<ChangeExecution, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var entries = Array.FindAll(_entries, entry => isWanted(entry) && entry.IsPending);
        var parallel =
            new ParallelOptions { MaxDegreeOfParallelism = _target.Options.MaxConcurrency, CancellationToken = CancellationToken.None };
        await Parallel.ForEachAsync(Enumerable.Range(0, entries.Length), parallel, async (at, _) =>
        {
            var entry = entries[at];
            if (!_stop.IsCancellationRequested && await IsAsPlannedAsync(entries, at, cancellationToken).ConfigureAwait(false))
            {
                if (await TryAnnounceAsync(entry).ConfigureAwait(false))
                {
                    await write(entry, cancellationToken).ConfigureAwait(false);
                    await RecordAsync(entry).ConfigureAwait(false);
                    await PaceAsync(entry).ConfigureAwait(false);
                }

                entry.IsTaken = false;
            }
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads again what was read too long ago, this change and those that follow, and leaves out what is no longer as planned.
    /// </summary>
    private async Task<bool> IsAsPlannedAsync(ChangeExecution[] entries, int at, CancellationToken cancellationToken)
    {
        var entry = entries[at];
        if (IsStale(entry) || IsToProve(entry))
        {
            await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (IsToProve(entry))
                {
                    var others = _entries.Where(next => next != entry && next is { IsTaken: false, IsPending: true } && IsToProve(next));
                    await ProveAsync([entry, .. others.Take(BatchSize - 1)], cancellationToken).ConfigureAwait(false);
                }

                if (entry.IsPending && IsStale(entry))
                {
                    await RefreshAsync(
                        [entry, .. entries.Skip(at + 1).Take(BatchSize - 1).Where(next => !next.IsTaken && IsStale(next))],
                        cancellationToken)
                        .ConfigureAwait(false);
                }
            }
            catch (PlexException e)
            {
                Stop(e);
            }
            finally
            {
                _refreshing.Release();
            }
        }

        return entry.IsTaken = entry.IsPending && !_stop.IsCancellationRequested;
    }

    private bool IsToProve(ChangeExecution entry) =>
        RemovalProof.IsNeededFor(_plan, entry.Change) && !entry.IsTouched && IsOld(entry.ProvedAt ?? DateTimeOffset.MinValue);

    /// <summary>Leaves out the removals that rest on what is no longer so.</summary>
    private async Task ProveAsync(ChangeExecution[] removals, CancellationToken cancellationToken)
    {
        var now = _target.Time.GetUtcNow();
        var objections = await _proof.FindObjectionsAsync(Array.ConvertAll(removals, static entry => entry.Change), cancellationToken)
            .ConfigureAwait(false);
        foreach (var entry in removals)
        {
            entry.ProvedAt = now;
            if (objections.TryGetValue(entry.Change, out var objection))
            {
                entry.Skip(objection);
                await RecordAsync(entry).ConfigureAwait(false);
                Count(entry);
            }
        }
    }

    private bool IsOld(DateTimeOffset readAt) => (_target.Time.GetUtcNow() - readAt).Duration() > StaleAfter;

    private bool IsStale(ChangeExecution entry) => IsOld(entry.ReadAt);

    private async Task RefreshAsync(ChangeExecution[] stale, CancellationToken cancellationToken)
    {
        var now = _target.Time.GetUtcNow();
        var current = await _target.GetItemsAsync(stale.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
        foreach (var entry in stale)
        {
            entry.Refresh(current.GetValueOrDefault(entry.Key), now);
            await RecordAsync(entry).ConfigureAwait(false);
            Count(entry);
        }
    }

    private Task MarkAsync(ChangeExecution entry, CancellationToken cancellationToken) => SendAsync(entry, async () =>
    {
        foreach (var mark in entry.Marks)
        {
            if (!await TryAnnounceAsync(entry).ConfigureAwait(false))
            {
                return;
            }

            entry.Sending();
            await _target.MarkAsync(mark, entry.Key, failure => RepeatAsync(entry, failure), cancellationToken).ConfigureAwait(false);
            entry.Marked(mark);
        }

        entry.Reached();
    });

    private async Task SettleAsync(CancellationToken grace, CancellationToken cancellationToken)
    {
        try
        {
            // A server that was given up is still asked what it did, but sent nothing more.
            await _lostMarks.SettleAsync(_entries, _stop.IsCancellationRequested ? null : RepeatAsync, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Log.NotSettled(_logger, _target.User.Title, e.Message);
        }

        async Task RepeatAsync(ChangeExecution entry)
        {
            if (!_stop.IsCancellationRequested && await TryAnnounceAsync(entry).ConfigureAwait(false))
            {
                await MarkAsync(entry, grace).ConfigureAwait(false);
                await RecordAsync(entry).ConfigureAwait(false);
                await PaceAsync(entry).ConfigureAwait(false);
            }
        }
    }

    private Task SetPositionAsync(ChangeExecution entry, CancellationToken cancellationToken) => SendAsync(entry, async () =>
    {
        // A plan read from elsewhere may lack what the rules of this server ask for; it is refused here rather than sent.
        if (PlexWriteRules.Refuse(entry.Change.After.Position, entry.Duration, _target.PlayedThreshold) is { } reason)
        {
            entry.Skip(reason);
            return;
        }

        entry.Positioning();
        await _target.SetPositionAsync(
            entry.Key,
            entry.Change.After.Position,
            entry.Duration ?? default,
            failure => RepeatAsync(entry, failure),
            cancellationToken).ConfigureAwait(false);
        entry.Positioned();
    });

    /// <summary>Sends writes of a change. Notes on the change what went wrong.</summary>
    private async Task SendAsync(ChangeExecution entry, Func<Task> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Fail(entry, e);
        }
        catch (OperationCanceledException)
        {
            entry.Doubt(null);
        }
    }

    /// <summary>Before a write is sent again because of a failure.</summary>
    private async Task RepeatAsync(ChangeExecution entry, PlexException failure)
    {
        entry.Doubted = failure;
        if (!await TryAnnounceAsync(entry).ConfigureAwait(false))
        {
            throw failure;
        }
    }

    private void Fail(ChangeExecution entry, PlexException e)
    {
        if (e.MayHaveTakenEffect)
        {
            entry.Doubt(e);
        }
        else
        {
            entry.Refused(e);
        }

        Log.NotWritten(_logger, entry.Change.Item.DisplayTitle, entry.Key, _target.User.Title, e.Message);
    }

    /// <summary>Gives a struggling server time, and gives up on one that turns everything away or that no longer takes the token.</summary>
    private async Task PaceAsync(ChangeExecution entry)
    {
        Count(entry);
        switch (entry.Error?.Kind)
        {
            case null:
                Interlocked.Exchange(ref _failuresInARow, 0);
                break;
            case PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired or PlexErrorKind.GatewayRefused or PlexErrorKind.Redirected
                or PlexErrorKind.CertificateRejected or PlexErrorKind.CertificateUntrusted or PlexErrorKind.CertificateExpired
                or PlexErrorKind.TlsNotSpoken:
                Stop(entry.Error);
                break;
            case PlexErrorKind.ServerError or PlexErrorKind.Unavailable or PlexErrorKind.RateLimited
                or PlexErrorKind.Timeout or PlexErrorKind.Unreachable or PlexErrorKind.NotPlex:
                var failures = Interlocked.Increment(ref _failuresInARow);
                var pause = entry.Error.RetryAfter ?? _target.Options.RetryDelay * Math.Pow(2, Math.Min(failures, 5));
                if (failures >= MaxFailuresInARow || entry.Error.RetryAfter > PlexTransport.LongestWait)
                {
                    Stop(entry.Error);
                }
                else
                {
                    await Task.Delay(pause < PlexTransport.LongestWait ? pause : PlexTransport.LongestWait, _target.Time, _stop.Token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            // What is refused of an item says nothing about the others.
            default:
                break;
        }
    }

    /// <summary>What there is to do; what a run that was killed had done, or nobody wants done, is not part of it.</summary>
    private void BeginCounting()
    {
        foreach (var entry in _entries)
        {
            entry.IsCounted = !entry.IsPending;
            _total += entry.IsPending ? 1 : 0;
        }

        if (_total > 0)
        {
            Report(SyncPhase.Writing, 0, _total);
        }
    }

    /// <summary>Counts a change once it needs nothing more; one that is taken up again was counted already.</summary>
    private void Count(ChangeExecution entry)
    {
        if (!entry.IsPending && !entry.IsCounted)
        {
            entry.IsCounted = true;
            Report(SyncPhase.Writing, Interlocked.Increment(ref _done), _total);
        }
    }

    private void Report(SyncPhase phase, int done, int total) =>
        _progress?.Report(new SyncProgress(phase, _plan.Target, null, done, total) { Server = _target.MachineIdentifier });

    private void Stop(PlexException error)
    {
        if (Interlocked.CompareExchange(ref _error, error, null) is null)
        {
            Log.Stopped(_logger, _target.User.Title, error.Message);
        }

        _stop.Cancel();
    }

    /// <summary>
    /// An item that was listed but refused on write may have gone from the target's sight meanwhile: then it is no failure.
    /// </summary>
    private async Task ExplainRefusalsAsync(CancellationToken cancellationToken)
    {
        var refused = Array.FindAll(_entries, static entry => entry.Error?.Kind is PlexErrorKind.NotFound or PlexErrorKind.Forbidden);
        if (refused.Length == 0 || _stop.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var current = await _target.GetItemsAsync(refused.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
            foreach (var entry in refused.Where(entry => !current.ContainsKey(entry.Key)))
            {
                entry.Skip(SkipReason.NotVisibleToTarget);
            }
        }
        catch (PlexException e)
        {
            // They stay what they are: refused.
            Log.NotSettled(_logger, _target.User.Title, e.Message);
        }
    }

    /// <summary>A plan from elsewhere does not know what the target is watching at this moment.</summary>
    private async Task LeaveWhatIsPlayedAsync(CancellationToken cancellationToken)
    {
        if (_scope is RunScope.Fresh || !Array.Exists(_entries, static entry => entry.IsPending))
        {
            return;
        }

        var playing = await TargetFacts.ReadPlayingAsync(_logger, _target, cancellationToken).ConfigureAwait(false);
        foreach (var entry in _entries.Where(entry => entry.IsPending && playing?.IsPlaying(_target, entry.Key) is true))
        {
            entry.Skip(SkipReason.PlayedNow);
        }
    }

    /// <summary>
    /// Reads back what was written. What the server accepted and does not show is looked up like a lost mark, written once more, and looked
    /// for again; after that the server does not keep it.
    /// </summary>
    private async Task VerifyAsync(CancellationToken grace, CancellationToken cancellationToken)
    {
        if (!Array.Exists(_entries, static entry => entry.IsToVerify))
        {
            return;
        }

        using var phase = PhaseScope.Begin("verify", _target.Time);
        try
        {
            var missing = await FindMissingAsync(cancellationToken).ConfigureAwait(false);
            Array.ForEach(Array.FindAll(missing, static entry => entry.IsRating), RefuseUnkept);
            missing = Array.FindAll(missing, static entry => !entry.IsRating);
            if (missing.Length == 0)
            {
                return;
            }

            Array.ForEach(missing, static entry => entry.Missed());
            await SettleAsync(grace, cancellationToken).ConfigureAwait(false);
            await WriteAsync(static entry => entry.AwaitsPosition, SetPositionAsync, grace).ConfigureAwait(false);
            var unknown = missing.Where(static entry => entry is { Outcome: ChangeOutcome.Unknown, IsLost: false, IsUsers: false });
            foreach (var entry in (await FindMissingAsync(cancellationToken).ConfigureAwait(false)).Union(unknown))
            {
                RefuseUnkept(entry);
            }
        }
        catch (OperationCanceledException e)
        {
            phase.Fail(e);
            throw;
        }
        catch (PlexException e)
        {
            phase.Fail(e);
            Log.NotSettled(_logger, _target.User.Title, e.Message);
        }
    }

    /// <summary>
    /// The server accepted it and does not show it; where it did not answer every attempt as it should, that is why. A rating of somebody
    /// who does not own the server may be answered with the owner's.
    /// </summary>
    private void RefuseUnkept(ChangeExecution entry)
    {
        var error = entry.Error ?? entry.Doubted ?? new PlexException(
            PlexErrorKind.DidNotStick, $"The server accepted '{entry.Change.Item.DisplayTitle}' ({entry.Key}) and does not show it.")
        {
            Subject = entry.Change.Item.DisplayTitle,
        };
        entry.Refused(error);
        Log.NotWritten(_logger, entry.Change.Item.DisplayTitle, entry.Key, _target.User.Title, error.Message);
        if (entry.IsRating && !_target.IsOwner)
        {
            entry.Skip(SkipReason.OwnersRating);
        }
    }

    /// <summary>
    /// Writes the ratings, the first of them for a trial: where the server does not show it to this user afterwards, it has only the
    /// owner's (plex-facts §6.5), and nothing more is written over those.
    /// </summary>
    private async Task RateAsync(CancellationToken cancellationToken)
    {
        var ratings = Array.FindAll(_entries, static entry => entry is { IsRating: true, IsPending: true });
        if (ratings.Length == 0)
        {
            return;
        }

        foreach (var trial in ratings)
        {
            await WriteAsync(entry => entry == trial, SetRatingAsync, cancellationToken).ConfigureAwait(false);
            if (trial.Outcome is ChangeOutcome.Applied && !_stop.IsCancellationRequested
                && await IsShownAsync(trial, cancellationToken).ConfigureAwait(false) is { } isShown)
            {
                foreach (var entry in isShown || _target.IsOwner ? [] : ratings.Where(static entry => entry.IsPending))
                {
                    entry.Skip(SkipReason.OwnersRating);
                    Count(entry);
                }

                break;
            }
        }

        await WriteAsync(static entry => entry.IsRating, SetRatingAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null where it cannot be told.</summary>
    private async Task<bool?> IsShownAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        try
        {
            var shown = await _target.GetItemsAsync([entry.Key], cancellationToken).ConfigureAwait(false);
            if (!shown.TryGetValue(entry.Key, out var item) || item.IsStateDamaged)
            {
                return null;
            }

            if (!entry.IsMissingIn(item.State))
            {
                return true;
            }

            RefuseUnkept(entry);
            return false;
        }
        catch (PlexException e)
        {
            Log.NotSettled(_logger, _target.User.Title, e.Message);
            return null;
        }
    }

    private Task SetRatingAsync(ChangeExecution entry, CancellationToken cancellationToken) => SendAsync(entry, async () =>
    {
        await _target.SetRatingAsync(entry.Key, entry.Change.After.UserRating, cancellationToken).ConfigureAwait(false);
        entry.Rated();
    });

    private async Task<ChangeExecution[]> FindMissingAsync(CancellationToken cancellationToken)
    {
        var written = Array.FindAll(_entries, static entry => entry is { IsToVerify: true, IsDecided: true });
        if (written.Length == 0 || _stop.IsCancellationRequested)
        {
            return [];
        }

        var missing = new List<ChangeExecution>();
        var done = 0;
        Report(SyncPhase.Verifying, done, written.Length);
        foreach (var part in written.Chunk(BatchSize))
        {
            var current = await _target.GetItemsAsync(part.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
            missing.AddRange(part.Where(entry =>
                current.TryGetValue(entry.Key, out var item) && !item.IsStateDamaged && entry.IsMissingIn(item.State)));
            Report(SyncPhase.Verifying, done += part.Length, written.Length);
        }

        return missing.ToArray();
    }

    /// <summary>
    /// Nothing is sent that the journal does not know of; once per change, again once its outcome was recorded, and again when some time
    /// has passed: whoever settles the run must know how old its last write is at most.
    /// </summary>
    private async Task<bool> TryAnnounceAsync(ChangeExecution entry)
    {
        var now = _target.Clock.Now;
        if (entry.IsAnnounced && (now is null || (entry.Announced is [.., var last] && (now - last).Value.Duration() < AnnouncedFor)))
        {
            return true;
        }

        try
        {
            if (_journal is not null)
            {
                await _journal.AnnounceAsync(entry.Change, now, CancellationToken.None).ConfigureAwait(false);
            }

            (entry.IsAnnounced, entry.Recorded) = (true, null);
            entry.Announced = now is { } at ? [.. entry.Announced, at] : entry.Announced;
            return true;
        }
        catch (Exception e)
        {
            _isJournalBroken = true;
            Stop(JournalFailure(e));
            return false;
        }
    }

    /// <summary>
    /// What is decided is recorded; a journal that fails ends the run, since nothing may be written that could not be taken back.
    /// </summary>
    /// <param name="entry">The change.</param>
    /// <param name="isLast">Nothing more is done about it in this run.</param>
    private async Task RecordAsync(ChangeExecution entry, bool isLast = false)
    {
        if (_journal is null || _isJournalBroken || !(entry.IsDecided || (isLast && entry is { IsAnnounced: true, IsLost: false })))
        {
            return;
        }

        var result = entry.ToResult();
        if (result == entry.Recorded)
        {
            return;
        }

        try
        {
            await _journal.RecordAsync(result, CancellationToken.None).ConfigureAwait(false);
            (entry.IsAnnounced, entry.Recorded) = (false, result);
        }
        catch (Exception e)
        {
            _isJournalBroken = true;
            Stop(JournalFailure(e));
        }
    }

    /// <summary>Records the rest. While an answer is still out, the run stays open: whoever writes next settles it first.</summary>
    private async Task<SyncReport> CloseAsync()
    {
        foreach (var entry in _entries)
        {
            await RecordAsync(entry, isLast: true).ConfigureAwait(false);
        }

        var report = Report();
        if (_journal is null || _isJournalBroken || !IsSettled)
        {
            return report;
        }

        try
        {
            await _journal.CompleteAsync(report, CancellationToken.None).ConfigureAwait(false);
            return report;
        }
        catch (Exception e)
        {
            Stop(JournalFailure(e));
            return report with { Error = _error };
        }
    }

    /// <summary>Whatever a journal throws, as the failure that it is.</summary>
    public static PlexException JournalFailure(Exception e) =>
        e as PlexException ?? new PlexException(PlexErrorKind.JournalFailed, $"The journal failed: {e.Message}", e);

    private SyncReport Report() => new()
    {
        Plan = _plan,
        // What was recorded is what came of it; made once, since there may be many.
        Results = Array.ConvertAll(_entries, entry => _isJournalBroken ? entry.ToResult() : entry.Recorded ?? entry.ToResult()),
        Run = _run,
        Verified = _entries.Count(static entry => entry.IsVerified),
        Error = _error,
    };

    /// <summary>How much of a plan a run takes on.</summary>
    private enum RunScope
    {
        /// <summary>All of it, relying on the states just read.</summary>
        Fresh,

        /// <summary>All of it, after reading each state again.</summary>
        All,

        /// <summary>What a killed run left, begun or not.</summary>
        Rest,

        /// <summary>Only what a killed run left half-way.</summary>
        Halfway,
    }

    private static partial class Log
    {
        [LoggerMessage(3100, LogLevel.Warning, "'{Item}' ({Key}) was not written for '{User}': {Reason}")]
        public static partial void NotWritten(ILogger logger, string item, RatingKey key, string user, string reason);

        [LoggerMessage(3101, LogLevel.Error, "Writing for '{User}' stopped: {Reason}")]
        public static partial void Stopped(ILogger logger, string user, string reason);

        [LoggerMessage(3111, LogLevel.Warning, "What became of writes for '{User}' could not be read: {Reason}")]
        public static partial void NotSettled(ILogger logger, string user, string reason);
    }
}
