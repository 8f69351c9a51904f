namespace PlexSync;

/// <summary>A signed-in Plex account: who a token belongs to, as plex.tv says.</summary>
public sealed class PlexAccount
{
    private readonly string _given;

    /// <param name="user">Whose it is.</param>
    /// <param name="token">The token that servers take.</param>
    /// <param name="given">The token that was signed in with, where that is another one.</param>
    internal PlexAccount(PlexUser user, string token, string? given = null)
    {
        User = user;
        Token = token;
        _given = given ?? token;
    }

    /// <summary>Whose account it is.</summary>
    public PlexUser User { get; }

    internal string Token { get; }

    /// <summary>What was asked at the same time as the sign-in; null where nothing was.</summary>
    internal ReadAhead? Ahead { get; set; }

    /// <summary>
    /// The token that was signed in with, to be kept where only its owner can read it; nothing else of this library shows it.
    /// </summary>
    /// <remarks>A JWT stays that JWT: the token it was exchanged for is used by this account, and never given out or stored.</remarks>
    public string RevealToken() => _given;

    /// <summary>The name of the user; never the token.</summary>
    public override string ToString() => User.Title;
}
