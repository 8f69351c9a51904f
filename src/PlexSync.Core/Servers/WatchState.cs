using System.Globalization;

namespace PlexSync;

/// <summary>What one user has seen of one item.</summary>
/// <remarks>Fields that a server leaves out mean zero or never. Plex lets nobody set counts or dates: it stamps "now".</remarks>
public readonly record struct WatchState
{
    /// <summary>How close two positions must be to count as the same: one second.</summary>
    public static readonly TimeSpan PositionTolerance = TimeSpan.FromSeconds(1);

    // Dates as Plex has them, in unix seconds, and the rating shifted by one, so that zero is "never" and "unrated": there are hundreds of
    // thousands of states in memory at once.
    private readonly uint _viewedAt;
    private readonly uint _ratedAt;
    private readonly float _rating;

    /// <summary>How often the item was watched; 0 if never.</summary>
    public int ViewCount { get; init; }

    /// <summary>Where to resume; zero if nowhere (Plex: view offset, in milliseconds).</summary>
    public TimeSpan Position { get; init; }

    /// <summary>When the item was last touched, in UTC and whole seconds, from 1970 to 2106; null if never.</summary>
    public DateTimeOffset? LastViewedAt
    {
        get => ToDate(_viewedAt);
        init => _viewedAt = ToSeconds(value);
    }

    /// <summary>The user's rating, 0 to 10; null if unrated.</summary>
    public double? UserRating
    {
        get => _rating == 0 ? null : Math.Round(_rating - 1, 3);
        init => _rating = value is { } rating ? (float)rating + 1 : 0;
    }

    /// <summary>When the user rated the item last, in UTC and whole seconds, from 1970 to 2106; null if never.</summary>
    public DateTimeOffset? LastRatedAt
    {
        get => ToDate(_ratedAt);
        init => _ratedAt = ToSeconds(value);
    }

    /// <summary>The view count is above zero.</summary>
    public bool IsWatched => ViewCount > 0;

    /// <summary>There is a position. A watched item with a position is being watched again.</summary>
    public bool IsInProgress => Position > TimeSpan.Zero;

    /// <summary>Neither watched nor in progress.</summary>
    public bool IsEmpty => !IsWatched && !IsInProgress;

    /// <summary>The same to a viewer: watched or not, and positions within <see cref="PositionTolerance"/>.</summary>
    public bool Matches(WatchState other) =>
        IsWatched == other.IsWatched && IsInProgress == other.IsInProgress && (Position - other.Position).Duration() <= PositionTolerance;

    /// <summary>What has been seen, as in <c>watched 2 times, at 0:20:00, rated 8</c>; dates are left out.</summary>
    public override string ToString()
    {
        var watched = ViewCount switch { 0 => "unwatched", 1 => "watched", _ => Invariant($"watched {ViewCount} times") };
        var position = IsInProgress ? Invariant($", at {Position:h\\:mm\\:ss}") : "";
        return watched + position + (UserRating is { } rating ? Invariant($", rated {rating}") : "");

        static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Nothing has happened since: the same count, and positions within <see cref="PositionTolerance"/>. Dates are not compared.
    /// </summary>
    internal bool IsStill(WatchState other) => ViewCount == other.ViewCount && Matches(other);

    /// <summary>The same but for the rating.</summary>
    internal WatchState WithRatingOf(WatchState other) => this with { UserRating = other.UserRating, LastRatedAt = other.LastRatedAt };

    private static DateTimeOffset? ToDate(uint seconds) => seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static uint ToSeconds(DateTimeOffset? date) => (uint)Math.Clamp(date?.ToUnixTimeSeconds() ?? 0, 0, uint.MaxValue);
}
