using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What became of a plan.</summary>
public sealed record SyncReport
{
    /// <summary>The plan.</summary>
    public required SyncPlan Plan { get; init; }

    /// <summary>The plan's changes, in its order, each with its outcome.</summary>
    public required IReadOnlyList<ChangeResult> Results { get; init => field = value ?? []; }

    /// <summary>The name of the run in the store; null without a store, and if nothing was to be written.</summary>
    public RunId? Run { get; init; }

    /// <summary>The number of that run (<see cref="SyncRun.Number"/>); 0 if it has none.</summary>
    public long Number { get; init; }

    /// <summary>How many of the changes were read back after the run and are there.</summary>
    public int Verified { get; init; }

    /// <summary>What ended the run before every change was tried; null if nothing did.</summary>
    public PlexException? Error { get; init; }

    /// <summary>When the run took place, by the local clock; null where that is not known.</summary>
    internal RunSpan? Span { get; init; }

    /// <summary>When the writes of a change can have taken effect.</summary>
    /// <param name="result">The change.</param>
    /// <param name="lead">By how much the server's clock is ahead.</param>
    internal WriteTimes TimesOf(ChangeResult result, TimeSpan? lead) => result.TimesIn(Span, lead);

    /// <summary>How many changes have this outcome.</summary>
    public int Count(ChangeOutcome outcome) => Results.Count(result => result.Outcome == outcome);

    /// <summary>
    /// The first error that ended the run for a target, or, if no library could be read, the first of those errors; otherwise null.
    /// </summary>
    /// <param name="reports">The reports of the run, one for each target.</param>
    public static PlexException? FindError(IReadOnlyList<SyncReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var libraries = reports.SelectMany(static report => report.Plan.Libraries, static (_, library) => library.Error).ToList();
        return reports.Select(static report => report.Error).FirstOrDefault(static error => error is not null)
            ?? (libraries.Contains(null) ? null : libraries.FirstOrDefault());
    }

    /// <summary>The run, whose state went to whom, and what became of it.</summary>
    public override string ToString() => $"{(Run is { } run ? $"{run}: " : "")}{Plan.Source.Title} → {Plan.Target.Title} on "
        + $"{Plan.Server.Name}: {SyncRun.Describe(CountAll())}{(Error is { } error ? $", ended by {error.Kind}" : "")}";

    /// <summary>How many changes wrote something, or may have.</summary>
    internal int CountWritten() =>
        Results.Count(static result => result.HasWritten);

    /// <summary>How many changes have each outcome that occurs.</summary>
    internal Dictionary<ChangeOutcome, int> CountAll()
    {
        var counts = new Dictionary<ChangeOutcome, int>();
        foreach (var result in Results)
        {
            counts[result.Outcome] = counts.GetValueOrDefault(result.Outcome) + 1;
        }

        return counts;
    }
}

/// <summary>What became of one change.</summary>
public sealed record ChangeResult
{
    /// <summary>The change.</summary>
    public required PlannedChange Change { get; init; }

    /// <summary>What became of it.</summary>
    public required ChangeOutcome Outcome { get; init; }

    /// <summary>Why it was left out, where it was.</summary>
    public SkipReason? SkipReason { get; init; }

    /// <summary>Why it failed, where it did and the reason is known.</summary>
    public PlexException? Error { get; init; }

    /// <summary>
    /// Watched or not, and the position, as the run left them to the best of its knowledge; null where it wrote nothing. After a change
    /// that failed half-way, it is neither the state before nor the one planned. Its date is the one that was read back, and null if the
    /// state was not read back: an item with any other date was viewed by the user since.
    /// </summary>
    public WatchState? StateAfterRun { get; init; }

    /// <summary>
    /// When it was about to be sent, by the server's clock; null where it was not sent or the server does not tell the time.
    /// </summary>
    public DateTimeOffset? AnnouncedAt
    {
        get => Announced is [.., var last] ? last : null;
        init => Announced = value is { } at ? [at] : [];
    }

    /// <summary>The item and what became of it.</summary>
    public override string ToString() =>
        $"{Change.Item.Label}: {Words.ToWord(Outcome)}{(SkipReason is { } reason ? $", {Words.ToWord(reason)}" : "")}"
        + (Error is { } error ? $", {error.Kind}" : "");

    /// <summary>When each of its writes was about to be sent, by the server's clock.</summary>
    internal DateTimeOffset[] Announced { get; init; } = [];

    /// <summary>Whether it wrote something, or may have.</summary>
    internal bool HasWritten => StateAfterRun is not null || Outcome is ChangeOutcome.Unknown;

    /// <summary>When its writes can have taken effect.</summary>
    /// <param name="span">When the run took place, by the local clock.</param>
    /// <param name="lead">By how much the server's clock is ahead.</param>
    internal WriteTimes TimesIn(RunSpan? span, TimeSpan? lead) => new(Announced, span?.Shift(lead));

    /// <summary>
    /// Whether the state is as the run left it. A higher view count, or another date, comes from a view of the user. If the run's last
    /// answer was lost, every state on the way to the planned one can be the run's.
    /// </summary>
    internal bool IsAsLeft(WatchState state, WriteTimes times)
    {
        if (Outcome is ChangeOutcome.Unknown)
        {
            return Change.IsRating ? Change.IsReachedBy(state) : Change.IsOfRun(state, times);
        }

        return StateAfterRun is { } left && Change.IsStill(state, left)
            && (Change.IsRating || (state.IsEmpty && left.IsEmpty)
                || (left.LastViewedAt is { } read ? state.LastViewedAt == read : state.LastViewedAt is { } date && times.Contain(date)));
    }
}

/// <summary>How far a run has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="User">Whose state is read or written.</param>
/// <param name="Library">The library being read; null otherwise.</param>
/// <param name="Done">Items read, changes that need nothing more, or changes read back. Each begins with a report of 0.</param>
/// <param name="Total">
/// Items of the library, changes to be made or read back, or marks in doubt; null while a library is read whose size the server has not
/// told.
/// </param>
/// <remarks>
/// Libraries are read, and changes made, several at once: reports come from several threads, and may overtake each other. The last one of a
/// library that was read whole has <see cref="Done"/> equal to <see cref="Total"/>; one that is read again begins again.
/// </remarks>
public readonly record struct SyncProgress(SyncPhase Phase, UserReference User, Library? Library, int Done, int? Total)
{
    /// <summary>The server that is asked.</summary>
    public MachineIdentifier Server { get; init; }

    /// <summary>While reading: how many items have a state that cannot be used (<see cref="SkipReason.StateDamaged"/>).</summary>
    public int Damaged { get; init; }

    /// <summary>How long is waited now until the server has done what it was sent; null where nothing is waited for.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>The run that was killed, whose writes are looked up; null where they are this run's own.</summary>
    public RunId? Stopped { get; init; }

    /// <summary>How many changes of that run nobody can tell about any more: their items are out of sight, or were changed since.</summary>
    public int InDoubt { get; init; }
}

/// <summary>What a run is doing.</summary>
[JsonConverter(typeof(WordConverter<SyncPhase>))]
public enum SyncPhase
{
    /// <summary>A library is being read.</summary>
    Reading,

    /// <summary>Changes are being written.</summary>
    Writing,

    /// <summary>Writes whose answers were lost are being looked up.</summary>
    Settling,

    /// <summary>What was written is being read back.</summary>
    Verifying,
}

/// <summary>A run was cancelled; what it had done by then is in <see cref="Reports"/>.</summary>
public sealed class SyncCanceledException : OperationCanceledException
{
    internal SyncCanceledException(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
        : base("The synchronisation was cancelled.", cancellationToken) => Reports = reports;

    /// <summary>One report per target, in their order; targets that were not reached have none.</summary>
    public IReadOnlyList<SyncReport> Reports { get; }
}
