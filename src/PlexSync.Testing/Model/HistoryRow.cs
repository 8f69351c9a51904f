namespace PlexSync.Testing;

/// <summary>A completed playback that a server remembers (plex-facts §7).</summary>
/// <param name="UserId">Whose it was.</param>
/// <param name="RatingKey">What was played; it may be deleted by now.</param>
/// <param name="ViewedAt">When, in seconds since 1970.</param>
public sealed record HistoryRow(long UserId, string RatingKey, long ViewedAt);
