using System.Globalization;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Identifies a Plex account; the same number at plex.tv and, but for the owner, on every server.</summary>
/// <param name="Value">The number.</param>
[JsonConverter(typeof(UserIdConverter))]
public readonly record struct UserId(long Value)
{
    /// <summary>The number as text.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
