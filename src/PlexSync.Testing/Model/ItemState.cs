using System.Globalization;

namespace PlexSync.Testing;

/// <summary>What one user did with one item. Immutable; zero and null are absent on the wire (plex-facts §0.4).</summary>
/// <param name="ViewOffset">Milliseconds.</param>
/// <param name="LastViewedAt">Unix seconds.</param>
/// <param name="UserRating">0 to 10.</param>
/// <param name="LastRatedAt">Unix seconds.</param>
public sealed record ItemState(
    int ViewCount = 0, long ViewOffset = 0, long? LastViewedAt = null, double? UserRating = null, long? LastRatedAt = null)
{
    public static readonly ItemState None = new();

    public bool IsWatched => ViewCount > 0;
    public bool IsInProgress => ViewOffset > 0;
}

public enum PlayKind
{
    Scrobble,
    Unscrobble,
    Timeline,
    Rate,
}

/// <summary>A write that took effect on one leaf. A request the server ignores or refuses leaves none.</summary>
/// <param name="Value">The position in milliseconds, or the rating.</param>
/// <param name="At">Unix seconds.</param>
public sealed record Play(long UserId, PlayKind Kind, string RatingKey, double? Value, long At);

/// <summary>Somebody playing something right now.</summary>
/// <param name="SessionIdentifier">What the client calls the session, if it says so.</param>
public sealed record PlayingSession(
    long UserId, string RatingKey, long Position =
        0, string ClientIdentifier = "player", string State = "playing", string? SessionIdentifier = null)
{
    /// <summary>Its last report was near the end, and the view was counted then or before.</summary>
    internal bool HasCounted { get; init; }

    /// <summary>Counted from the server's start.</summary>
    internal int Number { get; init; }

    /// <summary>Its <c>sessionKey</c>.</summary>
    public string Key => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Until when it is listed after its app disappeared; null as long as that is there.</summary>
    internal DateTimeOffset? Ends { get; init; }

    internal bool IsSameAs(PlayingSession other) =>
        (UserId, RatingKey, ClientIdentifier, SessionIdentifier)
        == (other.UserId, other.RatingKey, other.ClientIdentifier, other.SessionIdentifier);
}
