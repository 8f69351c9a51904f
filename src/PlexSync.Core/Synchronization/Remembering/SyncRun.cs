using System.Globalization;
using System.Text.Json.Serialization;

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

    /// <summary>The user whose state changed, for <see cref="PlexConnections"/>.</summary>
    [JsonIgnore]
    public ServerUser TargetUser => new(Server.MachineIdentifier, Target.Id);

    /// <summary>
    /// The run that "undo the last one" means: the newest that wrote something, is not an undo, and was not undone; null if there is
    /// none.
    /// </summary>
    /// <param name="runs">The runs, newest first, as <see cref="ISyncStore.ListRunsAsync"/> gives them.</param>
    public static RunId? FindLast(IReadOnlyList<SyncRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs.FirstOrDefault(run => run is { Written: > 0, Undoes: null } && run.FindUndo(runs) is null)?.Id;
    }

    /// <summary>The parts of a run, one for each target; empty if there is no such run.</summary>
    /// <param name="runs">The runs, as <see cref="ISyncStore.ListRunsAsync"/> gives them.</param>
    /// <param name="name">The number of the run, or its name.</param>
    public static IReadOnlyList<SyncRun> FindParts(IReadOnlyList<SyncRun> runs, string name)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(name);
        return RunId.TryParse(name, out var id) ? PartsOf(runs, id)
            : long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? [.. runs.Where(run => run.Number == number)]
            : [];
    }

    /// <summary>The parts of a run, one for each target; empty if there is no such run.</summary>
    /// <inheritdoc cref="FindParts"/>
    public static IReadOnlyList<SyncRun> PartsOf(IReadOnlyList<SyncRun> runs, RunId run)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.Where(known => known.Id == run)];
    }

    /// <summary>
    /// The run that took this one back, on this target; null if none did. One that left changes undone does not count, nor one that was
    /// taken back itself.
    /// </summary>
    /// <param name="runs">The runs, newest first, as <see cref="ISyncStore.ListRunsAsync"/> gives them.</param>
    public SyncRun? FindUndo(IReadOnlyList<SyncRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return Find(this, runs.Count);

        // The whole list is searched, since runs without a number may be in any order. Damaged files could have two runs undo each other:
        // the depth ends that.
        SyncRun? Find(SyncRun run, int depth) => depth < 0 ? null : runs.FirstOrDefault(
            other => other.Undoes == run.Id && other.TargetUser == run.TargetUser && other.IsComplete && Find(other, depth - 1) is null);
    }

    /// <summary>The number and the name, whose state went to whom, and what became of it.</summary>
    public override string ToString() =>
        $"{(Number > 0 ? $"#{Number} " : "")}{Id}: {Source.Title} → {Target.Title} on {Server.Name} ({Policy}): {Describe(Outcomes)}";

    /// <summary>As in <c>3 applied, 1 failed</c>.</summary>
    internal static string Describe(IReadOnlyDictionary<ChangeOutcome, int> outcomes) => outcomes.Count == 0 ? "no changes"
        : string.Join(", ", outcomes.OrderBy(static one => one.Key).Select(static one => $"{one.Value} {Words.ToWord(one.Key)}"));

    /// <summary>Whether it finished, and every change was made or left out on purpose.</summary>
    public bool IsComplete =>
        IsFinished && Outcomes.GetValueOrDefault(ChangeOutcome.Failed) + Outcomes.GetValueOrDefault(ChangeOutcome.Unknown)
        + Outcomes.GetValueOrDefault(ChangeOutcome.Planned) == 0;
}

/// <summary>That a run has begun, and whether it has finished.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsFinished">Whether it has finished.</param>
public readonly record struct RunMark(RunId Run, bool IsFinished);
