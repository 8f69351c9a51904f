namespace PlexSync;

/// <summary>What people mark by hand in Plex: a write that must not be sent twice.</summary>
public enum Mark
{
    /// <summary>Never watched, and not begun.</summary>
    Unwatched,

    /// <summary>Watched.</summary>
    Watched,
}
