using System.Globalization;

namespace PlexSync.Testing;

/// <summary>
/// What one user did with one item, in Plex's own terms and units. Immutable; zero and null are absent on the wire (plex-facts §0.4).
/// </summary>
/// <param name="ViewCount">How often it was watched or listened to; 0 is unwatched.</param>
/// <param name="ViewOffset">The position in milliseconds; 0 without one.</param>
/// <param name="LastViewedAt">The date of the last view or report, in Unix seconds.</param>
/// <param name="UserRating">0 to 10; half stars are odd numbers.</param>
/// <param name="LastRatedAt">The date of the rating, in Unix seconds.</param>
public sealed record ItemState(
    int ViewCount = 0, long ViewOffset = 0, long? LastViewedAt = null, double? UserRating = null, long? LastRatedAt = null)
{
    /// <summary>Neither watched, nor in progress, nor rated.</summary>
    public static readonly ItemState None = new();

    /// <summary>Whether it was watched at least once.</summary>
    public bool IsWatched => ViewCount > 0;

    /// <summary>Whether there is a position.</summary>
    public bool IsInProgress => ViewOffset > 0;

    /// <summary><see cref="ViewOffset"/> as a time.</summary>
    public TimeSpan Position => TimeSpan.FromMilliseconds(ViewOffset);
}

/// <summary>What a write does, by the name of its endpoint.</summary>
public enum WriteKind
{
    /// <summary>One view more.</summary>
    Scrobble,

    /// <summary>Unwatched.</summary>
    Unscrobble,

    /// <summary>A position.</summary>
    Timeline,

    /// <summary>A rating.</summary>
    Rate,
}

/// <summary>A write that took effect on one leaf. A request the server ignores or refuses leaves none.</summary>
/// <param name="UserId">Whose state changed.</param>
/// <param name="Kind">What was done.</param>
/// <param name="RatingKey">The item.</param>
/// <param name="Value">The position in milliseconds, or the rating.</param>
/// <param name="At">Unix seconds.</param>
public sealed record StateWrite(long UserId, WriteKind Kind, string RatingKey, double? Value, long At);

/// <summary>Somebody playing something right now.</summary>
/// <param name="UserId">Who plays.</param>
/// <param name="RatingKey">What is played.</param>
/// <param name="Position">Where, in milliseconds.</param>
/// <param name="ClientIdentifier">The app.</param>
/// <param name="State">"playing", "paused" or "buffering".</param>
/// <param name="SessionIdentifier">What the client calls the session, if it says so.</param>
public sealed record SimulatedSession(
    long UserId, string RatingKey, long Position = 0, string ClientIdentifier = "player", string State = "playing",
    string? SessionIdentifier = null)
{
    /// <summary>Its last report was near the end, and the view was counted then or before.</summary>
    internal bool HasCounted { get; init; }

    /// <summary>Counted from the server's start.</summary>
    internal int Number { get; init; }

    /// <summary>Its <c>sessionKey</c>.</summary>
    public string Key => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Until when it is listed after its app disappeared; null as long as that is there.</summary>
    internal DateTimeOffset? Ends { get; init; }

    internal bool IsSameAs(SimulatedSession other) =>
        (UserId, RatingKey, ClientIdentifier, SessionIdentifier)
        == (other.UserId, other.RatingKey, other.ClientIdentifier, other.SessionIdentifier);
}
