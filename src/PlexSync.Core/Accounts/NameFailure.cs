namespace PlexSync;

/// <summary>Failures of names that mean nothing or too much; the message says what could have been meant.</summary>
internal static class NameFailure
{
    /// <summary>Nothing has that name.</summary>
    public static PlexException Unknown(PlexErrorKind kind, string? name, string message, IReadOnlyList<string> candidates) =>
        Create(kind, name, candidates.Count == 0 ? message : $"{message} Did you mean: {string.Join(", ", candidates)}?", candidates);

    /// <summary>Several have that name.</summary>
    public static PlexException Ambiguous(PlexErrorKind kind, string? name, string message, IReadOnlyList<string> candidates) =>
        Create(kind, name, candidates.Count == 0 ? message : $"{message} It could be: {string.Join(", ", candidates)}.", candidates);

    private static PlexException Create(PlexErrorKind kind, string? name, string message, IReadOnlyList<string> candidates) =>
        new(kind, message) { Subject = name, Candidates = candidates };
}
