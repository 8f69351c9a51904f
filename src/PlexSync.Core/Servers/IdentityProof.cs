using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>How it is known whom a <see cref="PlexServer"/> acts for.</summary>
[JsonConverter(typeof(WordConverter<IdentityProof>))]
public enum IdentityProof
{
    /// <summary>
    /// plex.tv named the user behind the token, and the server treats it as that user's: the owner's rights go with the owner alone.
    /// </summary>
    Proved,

    /// <summary>
    /// A friend: plex.tv cannot be asked, but lists the token for that account, and the server refuses it the owner's rights.
    /// </summary>
    Declared,
}
