namespace PlexSync;

/// <summary>What one user has seen of one item.</summary>
/// <remarks>Fields that a server leaves out mean zero or never. Plex lets nobody set counts or dates: it stamps "now".</remarks>
public readonly record struct WatchState
{
    /// <summary>How close two positions must be to count as the same: one second.</summary>
    public static readonly TimeSpan PositionTolerance = TimeSpan.FromSeconds(1);

    /// <summary>How often the item was watched; 0 if never.</summary>
    public int ViewCount { get; init; }

    /// <summary>Where to resume; zero if nowhere (Plex: view offset, in milliseconds).</summary>
    public TimeSpan Position { get; init; }

    /// <summary>When the item was last touched, in UTC; null if never.</summary>
    public DateTimeOffset? LastViewedAt { get; init; }

    /// <summary>The user's rating, 0 to 10; null if unrated.</summary>
    public double? UserRating { get; init; }

    /// <summary>The view count is above zero.</summary>
    public bool IsWatched => ViewCount > 0;

    /// <summary>There is a position. A watched item with a position is being watched again.</summary>
    public bool IsInProgress => Position > TimeSpan.Zero;

    /// <summary>Neither watched nor in progress.</summary>
    public bool IsEmpty => !IsWatched && !IsInProgress;

    /// <summary>The same to a viewer: watched or not, and positions within <see cref="PositionTolerance"/>.</summary>
    public bool Matches(WatchState other) =>
        IsWatched == other.IsWatched && IsInProgress == other.IsInProgress && (Position - other.Position).Duration() <= PositionTolerance;

    /// <summary>Nothing has happened since: the same count, and positions within <see cref="PositionTolerance"/>. Dates are not compared.</summary>
    internal bool IsStill(WatchState other) => ViewCount == other.ViewCount && Matches(other);
}
