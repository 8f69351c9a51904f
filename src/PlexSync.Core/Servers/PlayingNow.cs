namespace PlexSync;

/// <summary>Who is playing what on a server.</summary>
internal sealed class PlayingNow
{
    private const string Anybody = "";
    private const string OwnersId = "1";

    private readonly HashSet<(string User, RatingKey Item)> _sessions = [];

    public void Add(string? user, RatingKey item) => _sessions.Add((user ?? Anybody, item));

    /// <summary>The user plays the item; a session without a user could be anybody's.</summary>
    public bool IsPlaying(UserId user, bool isOwner, RatingKey item) => _sessions.Count > 0
        && (Has(Anybody, item) || Has(user.ToString(), item) || (isOwner && Has(OwnersId, item)));

    private bool Has(string user, RatingKey item) => _sessions.Contains((user, item));
}
