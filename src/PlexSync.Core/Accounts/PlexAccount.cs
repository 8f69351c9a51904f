namespace PlexSync;

/// <summary>A signed-in Plex account: who a token belongs to, as plex.tv says.</summary>
public sealed class PlexAccount
{
    internal PlexAccount(PlexUser user, string token)
    {
        User = user;
        Token = token;
    }

    /// <summary>Whose account it is.</summary>
    public PlexUser User { get; }

    internal string Token { get; }

    /// <summary>The token, to be kept where only its owner can read it; nothing else of this library shows it.</summary>
    public string RevealToken() => Token;

    /// <summary>The name of the user; never the token.</summary>
    public override string ToString() => User.Title;
}
