using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>One execution of one plan: all marks, a barrier, then the positions; oldest views first, a bounded number at once.</summary>
internal sealed class PlanExecutor : IDisposable
{
    /// <summary>How long writes under way may take to answer once the run is cancelled.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger;
    private readonly SyncPlan _plan;
    private readonly PlexServer _target;
    private readonly RunId? _run;
    private readonly long _number;
    private readonly ChangeExecution[] _entries;
    private readonly RunScope _scope;
    private readonly WritePace _pace;
    private readonly RunProgress _progress;
    private readonly RunRecorder _recorder;
    private readonly StateRefresher _states;
    private readonly ChangeWriter _writer;
    private readonly LostWrites _lostWrites;
    private readonly Verifier _verifier;
    private readonly RatingTrial _ratings;

    private PlanExecutor(
        ILogger logger,
        SyncPlan plan,
        PlexServer target,
        RunId? run,
        long number,
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
        _number = number;
        _entries = entries;
        _scope = scope;
        _pace = new WritePace(logger, target);
        _progress = new RunProgress(plan, target, progress);
        _recorder = new RunRecorder(journal, target, _pace);
        _states = new StateRefresher(plan, target, entries, proof, _recorder, _pace, _progress);
        _writer = new ChangeWriter(logger, target, _states, _recorder, _pace, _progress);
        _lostWrites = new LostWrites(logger, target, progress);
        _verifier = new Verifier(logger, target, _pace, _progress);
        _ratings = new RatingTrial(target, _writer, _verifier, _pace, _progress);
    }

    /// <summary>A run from the beginning.</summary>
    /// <param name="logger">Told what could not be done.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="target">To whom.</param>
    /// <param name="lease">Where outcomes are recorded; null without a store.</param>
    /// <param name="isFresh">Whether the states that the plan was made from can be relied on.</param>
    /// <param name="proof">Reads again what removals rest on.</param>
    /// <param name="progress">Told as changes are written.</param>
    public static PlanExecutor Begin(
        ILogger logger, SyncPlan plan, PlexServer target, IRunLease? lease, bool isFresh, RemovalProof proof,
        IProgress<SyncProgress>? progress)
    {
        var readAt = isFresh ? plan.CreatedAt : DateTimeOffset.MinValue;
        var span = new RunSpan(target.Time.GetUtcNow(), DateTimeOffset.MaxValue);
        var entries = plan.Changes.Select(change => new ChangeExecution(change, readAt, span)).ToArray();
        return new PlanExecutor(
            logger,
            plan,
            target,
            lease?.Run,
            lease?.Number ?? 0,
            lease,
            progress,
            entries,
            isFresh ? RunScope.Fresh : RunScope.All,
            proof);
    }

    /// <summary>A run that was killed, from where it stopped.</summary>
    /// <param name="logger">Told what could not be done.</param>
    /// <param name="recorded">What the store has of it.</param>
    /// <param name="target">To whom.</param>
    /// <param name="journal">The lease, under which further outcomes are recorded.</param>
    /// <param name="finish">Whether changes that were not begun are to be done, too.</param>
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
            recorded.Number,
            journal,
            progress,
            entries,
            finish ? RunScope.Rest : RunScope.Halfway,
            new RemovalProof(logger, store: null, users: []));
    }

    /// <summary>Whether every change was tried, and it is known what became of it.</summary>
    public bool IsComplete =>
        Array.TrueForAll(_entries, static entry => entry.Outcome is not (ChangeOutcome.Planned or ChangeOutcome.Unknown));

    /// <summary>Whether no write still waits for its outcome.</summary>
    public bool IsSettled => Array.TrueForAll(_entries, static entry => !entry.IsLost);

    /// <summary>Runs the plan. Cancelled, it starts no more writes, waits a little for those under way, and reports what it did.</summary>
    public async Task<SyncReport> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var phase = PhaseScope.Begin("apply", _target.Time);
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _target.Time);
        using var cancelled = cancellationToken.Register(() =>
        {
            _pace.Stop();
            grace.CancelAfter(Grace);
        });
        try
        {
            await _lostWrites.AdoptAsync(_entries, _run, _scope is RunScope.Rest, cancellationToken).ConfigureAwait(false);
            await LeaveWhatIsPlayedAsync(cancellationToken).ConfigureAwait(false);
            _progress.Begin(_entries);
            await _writer.WriteMarksAsync(_entries, grace.Token).ConfigureAwait(false);
            await SettleAsync(grace.Token, cancellationToken).ConfigureAwait(false);
            await _writer.WritePositionsAsync(_entries, grace.Token).ConfigureAwait(false);
            await _ratings.WriteAsync(_entries, grace.Token).ConfigureAwait(false);
            await _verifier.ExplainRefusalsAsync(_entries, cancellationToken).ConfigureAwait(false);
            await _verifier.VerifyAsync(_entries, () => RewriteAsync(grace.Token, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The report tells how far it came.
        }
        catch (PlexException e)
        {
            _pace.TryKeep(e);
        }

        var report = await CloseAsync().ConfigureAwait(false);
        Conclude(phase, report, cancellationToken);
        return report;
    }

    public void Dispose()
    {
        _pace.Dispose();
        _states.Dispose();
    }

    /// <summary>Leaves out what the target is playing: a plan that was not made just now does not know that.</summary>
    private async Task LeaveWhatIsPlayedAsync(CancellationToken cancellationToken)
    {
        if (_scope is RunScope.Fresh || !Array.Exists(_entries, static entry => entry.IsPending))
        {
            return;
        }

        var playing = await TargetFacts.ReadPlayingAsync(_logger, _target, cancellationToken).ConfigureAwait(false);
        foreach (var entry in _entries.Where(entry =>
            entry.IsPending && playing?.IsPlaying(_target.User.Id, _target.IsOwner, entry.Key) is true))
        {
            entry.Skip(SkipReason.PlayedNow);
        }
    }

    private async Task SettleAsync(CancellationToken grace, CancellationToken cancellationToken)
    {
        try
        {
            // A server that was given up on is still asked what it did, but nothing more is sent to it.
            Func<ChangeExecution, Task>? repeat = _pace.IsStopped ? null : entry => _writer.RepeatMarksAsync(entry, grace);
            await _lostWrites.SettleAsync(_entries, repeat, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            ApplyingLog.NotSettled(_logger, _target.User.Title, e.Message);
        }
    }

    private async Task RewriteAsync(CancellationToken grace, CancellationToken cancellationToken)
    {
        await SettleAsync(grace, cancellationToken).ConfigureAwait(false);
        await _writer.WritePositionsAsync(_entries, grace).ConfigureAwait(false);
    }

    /// <summary>
    /// Records the remaining outcomes, and closes the run. If a write still waits for its outcome, the run stays open, and the next run
    /// settles it first.
    /// </summary>
    private async Task<SyncReport> CloseAsync()
    {
        foreach (var entry in _entries)
        {
            await _recorder.RecordAsync(entry, isLast: true).ConfigureAwait(false);
        }

        var report = new SyncReport
        {
            Plan = _plan,
            Results = Array.ConvertAll(_entries, _recorder.ResultOf),
            Run = _run,
            Number = _number,
            Verified = _entries.Count(static entry => entry.State is ChangeState.Verified),
            Error = _pace.Error,
        };
        if (!IsSettled)
        {
            return report;
        }

        await _recorder.CompleteAsync(report).ConfigureAwait(false);
        return report with { Error = _pace.Error };
    }

    private void Conclude(PhaseScope phase, SyncReport report, CancellationToken cancellationToken)
    {
        phase.Tag("user.id", _target.User.Id.Value);
        phase.Tag("plexsync.run", _run?.ToString());
        phase.Tag("plexsync.changes", report.Results.Count);
        phase.Tag("plexsync.applied", report.Count(ChangeOutcome.Applied));
        phase.Tag("plexsync.failed", report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown));
        phase.Tag("plexsync.verified", report.Verified);
        phase.Tag("plexsync.write_limit", _target.WriteLimit);
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
}
