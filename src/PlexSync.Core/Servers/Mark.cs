namespace PlexSync;

/// <summary>A write that must not be sent twice.</summary>
internal enum Mark
{
    Unwatched,
    Watched,
}
