using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What people mark by hand in Plex: a write that must not be sent twice.</summary>
[JsonConverter(typeof(WordConverter<Mark>))]
public enum Mark
{
    /// <summary>Never watched, and not begun.</summary>
    Unwatched,

    /// <summary>Watched.</summary>
    Watched,
}
