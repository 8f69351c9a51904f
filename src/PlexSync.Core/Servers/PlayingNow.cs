namespace PlexSync;

/// <summary>Who is playing what on a server.</summary>
internal sealed class PlayingNow
{
    private readonly List<PlayingSession> _sessions = [];

    public IReadOnlyList<PlayingSession> Sessions => _sessions;

    public void Add(PlayingSession session) => _sessions.Add(session);

    /// <summary>The user plays the item, or has paused it; a session without a user could be anybody's.</summary>
    public bool IsPlaying(UserId user, bool isOwner, RatingKey item) =>
        _sessions.Exists(session => session.Item == item && session.CanBeOf(user, isOwner));

    /// <summary>The same, but where it is paused the position stays as it is.</summary>
    public bool IsMoving(UserId user, bool isOwner, RatingKey item) =>
        _sessions.Exists(session => session.Item == item && !session.IsPaused && session.CanBeOf(user, isOwner));
}

/// <summary>A playback as <c>/status/sessions</c> lists it.</summary>
/// <param name="Session">By which key the event stream names it; null if the server did not tell.</param>
/// <param name="User">Whose it is, by the server's number; null if the server did not tell.</param>
/// <param name="Item">What is played.</param>
/// <param name="IsPaused">Whether it is paused.</param>
internal readonly record struct PlayingSession(SessionKey? Session, string? User, RatingKey Item, bool IsPaused = false)
{
    /// <summary>The owner's number on the server itself (plex-facts §7).</summary>
    public const string OwnersId = "1";

    /// <summary>Whether it is the user's, or could be.</summary>
    public bool CanBeOf(UserId user, bool isOwner) => User is null || User == user.ToString() || (isOwner && User == OwnersId);
}
