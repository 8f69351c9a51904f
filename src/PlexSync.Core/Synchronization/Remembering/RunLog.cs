namespace PlexSync;

/// <summary>
/// For those who write a store: puts together what was recorded of one run on one target. Give it the records in their order, then ask it
/// for the run or the report.
/// </summary>
/// <param name="id">The name of the run.</param>
/// <param name="number">Its number.</param>
/// <param name="plan">The plan.</param>
/// <param name="startedAt">When it began, by the store's clock.</param>
public sealed class RunLog(RunId id, long number, SyncPlan plan, DateTimeOffset startedAt)
{
    private readonly Dictionary<ChangeKey, ChangeResult> _results = [];
    private readonly Dictionary<ChangeKey, List<DateTimeOffset>> _announced = [];
    private PlexException? _error;
    private DateTimeOffset? _endedAt;
    private DateTimeOffset? _recordedAt;
    private int _verified;

    /// <summary>Whether the run was completed.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>When something was last recorded, by the store's clock. It tells until when a killed run can have written.</summary>
    public DateTimeOffset RecordedAt
    {
        get => _recordedAt ?? startedAt;
        set => _recordedAt = value;
    }

    /// <summary>A change was about to be sent (<see cref="IRunLease.AnnounceAsync"/>).</summary>
    public void Announce(PlannedChange change, DateTimeOffset? serverTime)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (!_announced.TryGetValue(change.Key, out var times))
        {
            _announced.Add(change.Key, times = []);
        }

        if (serverTime is { } at)
        {
            times.Add(at);
        }

        _results.Remove(change.Key);
    }

    /// <summary>What became of a change (<see cref="IRunLease.RecordAsync"/>).</summary>
    public void Record(ChangeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        _results[result.Change.Key] = result;
    }

    /// <summary>The run was completed (<see cref="IRunLease.CompleteAsync"/>).</summary>
    /// <param name="verified">How many changes were read back.</param>
    /// <param name="error">What ended the run, if anything did.</param>
    /// <param name="endedAt">
    /// When it ended, by the store's clock; for a run that was killed, when its process last recorded something.
    /// </param>
    public void Complete(int verified, PlexException? error, DateTimeOffset? endedAt) =>
        (IsFinished, _verified, _error, _endedAt) = (true, verified, error, endedAt);

    /// <summary>The run, and how many of its changes were recorded.</summary>
    public override string ToString() => $"{id}: {_results.Count} of {plan.Changes.Count} recorded";

    /// <summary>The run as <see cref="ISyncStore.ListRunsAsync"/> gives it.</summary>
    public SyncRun ToRun()
    {
        var report = ToReport();
        return new SyncRun
        {
            Id = id,
            Number = number,
            Server = plan.Server,
            Source = plan.Source,
            Target = plan.Target,
            Policy = plan.Policy,
            StartedAt = startedAt,
            Undoes = plan.Undoes,
            Changes = plan.Changes.Count,
            IsFinished = IsFinished,
            Outcomes = report.CountAll(),
            Written = report.CountWritten(),
        };
    }

    /// <summary>The run as <see cref="ISyncStore.ReadRunAsync"/> gives it.</summary>
    public SyncReport ToReport() => new()
    {
        Plan = plan,
        Results = plan.Changes.Select(ResultOf).ToList(),
        // A killed run could not record its end; its last record stands for it.
        Span = new RunSpan(startedAt, IsFinished ? _endedAt ?? RecordedAt : RecordedAt + WriteTimes.Settling),
        Run = id,
        Number = number,
        Verified = _verified,
        Error = _error,
    };

    private ChangeResult ResultOf(PlannedChange change)
    {
        var isAnnounced = _announced.TryGetValue(change.Key, out var times);
        var result = _results.GetValueOrDefault(change.Key)
            ?? new ChangeResult { Change = change, Outcome = isAnnounced ? ChangeOutcome.Unknown : ChangeOutcome.Planned };
        return result with { Announced = times?.ToArray() ?? [] };
    }
}
