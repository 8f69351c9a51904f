using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>One item that is to change.</summary>
public sealed record PlannedChange
{
    private readonly LostState? _lost;
    private readonly long _sourceViewedAt;

    /// <summary>The item as the target lists it, with the state it had.</summary>
    public required MediaItem Item { get; init; }

    /// <summary>Its library.</summary>
    public required LibraryKey Library { get; init; }

    /// <summary>What happens to it.</summary>
    public required ChangeAction Action { get; init; }

    /// <summary>The state it should have afterwards: whether watched, and the position. Plex stamps the date itself.</summary>
    public required WatchState After { get; init; }

    /// <summary>Why.</summary>
    public required ChangeReason Reason { get; init; }

    /// <summary>When the source viewed it last, which decides the order of writing.</summary>
    public DateTimeOffset? SourceViewedAt
    {
        get => _sourceViewedAt == 0 ? null : new DateTimeOffset(_sourceViewedAt, TimeSpan.Zero);
        init => _sourceViewedAt = value?.UtcTicks ?? 0;
    }

    /// <summary>The state the target had when the plan was made.</summary>
    [JsonIgnore]
    public WatchState Before => Item.State;

    /// <summary>What a removal rests on; null for other changes, and if the plan does not say: the removal is then left out.</summary>
    public RemovalBasis? Basis { get; init; }

    /// <summary>The item, both states and the reason.</summary>
    public override string ToString() => $"{Item.Label}: {Before} → {After} ({Reason})";

    /// <summary>Tells the changes of a plan apart: an item can be marked and rated.</summary>
    internal ChangeKey Key => new(Item.RatingKey, IsRating);

    /// <summary>Whether the item is unwatched, for good or on the way.</summary>
    internal bool Unwatches => !IsRating && Array.IndexOf(StateWrites.MarksFrom(Before, After), Mark.Unwatched) >= 0;

    /// <summary>Its reason is that somebody marks the item by hand.</summary>
    internal bool IsMark => Reason == ChangeReason.Marked;

    internal bool IsRating => Action is ChangeAction.Rating;

    /// <summary>Whether nothing is left to do if the item has this state.</summary>
    internal bool IsReachedBy(WatchState state) => IsRating ? state.UserRating == After.UserRating : state.Matches(After);

    /// <summary>Whether a run with this change can have left the state: all of the change, a part of it, or nothing of it yet.</summary>
    internal bool IsOfRun(WatchState state, WriteTimes times) => IsRating
        ? state.UserRating == Before.UserRating || state.UserRating == After.UserRating
        : StateWrites.IsOfRun(state, Before, After, times);

    /// <summary>Whether two states agree in what the change is about.</summary>
    internal bool IsStill(WatchState one, WatchState other) => IsRating ? one.UserRating == other.UserRating : one.IsStill(other);

    /// <summary>What a change from one state to the other is called.</summary>
    internal static ChangeAction ActionOf(WatchState before, WatchState after) =>
        after.Matches(before) && after.UserRating != before.UserRating ? ChangeAction.Rating
        : after.IsWatched && !before.IsWatched ? ChangeAction.Watched
        : after.IsInProgress ? ChangeAction.Progress
        : ChangeAction.Unwatched;

    /// <summary>
    /// What is gone for good, since Plex stamps dates itself and counts views from one: what no undo could bring back or, in an undo, what
    /// it cannot bring back.
    /// </summary>
    public LostState Lost
    {
        get => _lost ?? LostBetween(Before, After);
        init => _lost = value;
    }

    private static LostState LostBetween(WatchState before, WatchState after) =>
        ActionOf(before, after) is ChangeAction.Rating ? LostState.None
            : (before.LastViewedAt is null ? LostState.None : LostState.LastViewedAt)
        | (before.ViewCount > 1 && StateWrites.MarksFrom(before, after).Length > 0 ? LostState.ViewCount : LostState.None);

    /// <summary>It un-watches, clears a position without marking watched, lowers a view count, or takes a rating away.</summary>
    public bool IsRemoval => IsRating ? After.UserRating is null : TakesAway(Before, After);

    /// <summary>Going from one state to the other loses something besides a rating.</summary>
    internal static bool TakesAway(WatchState before, WatchState after) =>
        after.ViewCount < before.ViewCount || (before.IsInProgress && after.IsEmpty)
        || (before is { IsWatched: true, IsInProgress: true } && !after.IsInProgress);
}

/// <summary>Which change of a plan: the one that marks an item, or the one that rates it.</summary>
internal readonly record struct ChangeKey(RatingKey Item, bool IsRating);

/// <summary>Parts of a state that a change destroys for good.</summary>
[Flags]
[JsonConverter(typeof(LostStateConverter))]
public enum LostState
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>When the item was last viewed.</summary>
    LastViewedAt = 1,

    /// <summary>How often it was watched, beyond once.</summary>
    ViewCount = 2,
}

/// <summary>What a removal rests on: what another user had on their copies of the work when the plan was made.</summary>
/// <param name="User">The other user.</param>
/// <param name="Items">Their copies; the state is that of all of them together.</param>
/// <param name="State">The view count, the position and the rating.</param>
public sealed record RemovalBasis(ServerUser User, IReadOnlyList<RatingKey> Items, WatchState State)
{
    /// <summary>Whose copies, and their state.</summary>
    public override string ToString() => $"{User}: {Items.Count} copies, {State}";
}
