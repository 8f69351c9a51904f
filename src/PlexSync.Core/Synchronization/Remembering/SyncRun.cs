namespace PlexSync;

/// <summary>A run on one target, as a store lists it.</summary>
public sealed record SyncRun
{
    /// <summary>Its name; runs on several targets share one.</summary>
    public required RunId Id { get; init; }

    /// <summary>Its number; runs that began later have larger ones. 0 for runs of versions that did not number them.</summary>
    public long Number { get; init; }

    /// <summary>The server.</summary>
    public required ServerReference Server { get; init; }

    /// <summary>Whose state was copied.</summary>
    public required UserReference Source { get; init; }

    /// <summary>Whose state changed.</summary>
    public required UserReference Target { get; init; }

    /// <summary>The name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The run that this one takes back, if it is an undo.</summary>
    public RunId? Undoes { get; init; }

    /// <summary>How many changes were planned.</summary>
    public required int Changes { get; init; }

    /// <summary>
    /// Whether it was closed (<see cref="IRunLease.CompleteAsync"/>). If not, it is still going on or was killed; a killed run is settled
    /// before the next one writes. Whether every change was made is <see cref="IsComplete"/>.
    /// </summary>
    public required bool IsFinished { get; init; }

    /// <summary>How many changes have each outcome, as far as it was recorded.</summary>
    public required IReadOnlyDictionary<ChangeOutcome, int> Outcomes { get; init; }

    /// <summary>How many items it wrote to, or may have.</summary>
    public required int Written { get; init; }

    /// <summary>
    /// The run that "undo the last one" means: the newest that wrote something, is not an undo, and was not undone; null if there is
    /// none.
    /// </summary>
    /// <param name="runs">The runs, newest first, as <see cref="ISyncStore.ListRunsAsync"/> gives them.</param>
    public static RunId? FindLast(IReadOnlyList<SyncRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        for (var at = 0; at < runs.Count; at++)
        {
            if (runs[at] is { Written: > 0, Undoes: null } run && run.FindUndo(runs) is null)
            {
                return run.Id;
            }
        }

        return null;
    }

    /// <summary>The run that took this one back on its target; null if none did, or only in part.</summary>
    /// <param name="runs">The runs, in any order.</param>
    public SyncRun? FindUndo(IReadOnlyList<SyncRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return FindUndo(runs, depth: 0);
    }

    // An undo that was undone itself does not count, nor does an incomplete one: the rest can still be undone. Damaged files could have two
    // runs undo each other: the depth ends that.
    private SyncRun? FindUndo(IReadOnlyList<SyncRun> runs, int depth)
    {
        for (var at = 0; at < runs.Count && depth <= runs.Count; at++)
        {
            if (runs[at].Undoes == Id && runs[at].Target.Id == Target.Id
                && runs[at].Server.MachineIdentifier == Server.MachineIdentifier
                && runs[at].IsComplete && runs[at].FindUndo(runs, depth + 1) is null)
            {
                return runs[at];
            }
        }

        return null;
    }

    /// <summary>Whether it finished, and every change was made or left out on purpose.</summary>
    public bool IsComplete =>
        IsFinished && Outcomes.GetValueOrDefault(ChangeOutcome.Failed) + Outcomes.GetValueOrDefault(ChangeOutcome.Unknown)
        + Outcomes.GetValueOrDefault(ChangeOutcome.Planned) == 0;
}

/// <summary>That a run has begun, and whether it has finished.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsFinished">Whether it has finished.</param>
public readonly record struct RunMark(RunId Run, bool IsFinished);
