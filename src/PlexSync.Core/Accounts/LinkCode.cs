namespace PlexSync;

/// <summary>
/// A sign-in that waits for somebody in front of a browser: a code to type at plex.tv/link, and an address that needs no typing.
/// </summary>
/// <remarks>
/// plex.tv hands out two kinds of code: short ones, which people type at plex.tv/link, and strong ones, for the page at app.plex.tv, which
/// cannot be typed there. Nothing says that the page takes a short one. So there is one of each here, and confirming either of them signs
/// in.
/// </remarks>
public sealed class LinkCode
{
    internal LinkCode(string code, Uri signInUrl, DateTimeOffset expiresAt, IReadOnlyList<string> pins)
    {
        Code = code;
        SignInUrl = signInUrl;
        ExpiresAt = expiresAt;
        Pins = pins;
    }

    /// <summary>The short code; show it only to the person who signs in.</summary>
    public string Code { get; }

    /// <summary>Where <see cref="Code"/> is typed: <c>https://plex.tv/link</c>.</summary>
    public Uri LinkUrl { get; } = new("https://plex.tv/link");

    /// <summary>A page at app.plex.tv that confirms without typing; it holds the strong code, so it is for the same eyes only.</summary>
    public Uri SignInUrl { get; }

    /// <summary>When the codes expire, by the clock of the <see cref="PlexClient"/>.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>
    /// The numbers by which plex.tv is asked for the token; each of them, with the client identifier, gives access to it.
    /// </summary>
    internal IReadOnlyList<string> Pins { get; }

    /// <summary>Until when it can be confirmed; never one of the codes.</summary>
    public override string ToString() => $"A link code, until {ExpiresAt:u}";
}
