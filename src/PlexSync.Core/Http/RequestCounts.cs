namespace PlexSync;

/// <summary>How many HTTP attempts a <see cref="PlexClient"/> has made, retries and plex.tv included.</summary>
/// <param name="Reads">Everything that is not a write.</param>
/// <param name="Writes">Marks and positions sent to a server.</param>
public readonly record struct RequestCounts(long Reads, long Writes);
