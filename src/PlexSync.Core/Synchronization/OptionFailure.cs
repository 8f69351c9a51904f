namespace PlexSync;

/// <summary>Failures that name the option which does not fit.</summary>
internal static class OptionFailure
{
    /// <summary>An option does not take a value.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">The value; null where nothing is left to do.</param>
    /// <param name="words">The words that it takes; none where it takes others.</param>
    public static PlexException Invalid(string option, string? value, IReadOnlyList<string>? words = null) =>
        new(
            PlexErrorKind.InvalidOption,
            value is null ? $"{option} leaves nothing to synchronise."
                : $"{option} does not take '{value}'{(words is null ? "" : $", but one of {string.Join(", ", words)}")}.")
        {
            Option = option,
            Subject = value,
            Candidates = words ?? [],
        };

    public static PlexException Missing(string option, string? needs, string message) =>
        new(PlexErrorKind.MissingOption, message) { Option = option, Subject = needs };

    public static PlexException Conflict(string option, string other, string message) =>
        new(PlexErrorKind.OptionsConflict, message) { Option = option, Subject = other };

    public static PlexException NoPolicy(string name, IReadOnlyList<IConflictPolicy> known)
    {
        var candidates = known.Select(static policy => policy.Name).ToList();
        return new(PlexErrorKind.PolicyNotFound, $"'{name}' is none of these policies: {string.Join(", ", candidates)}.")
        {
            Option = nameof(SyncOptions.Policy),
            Subject = name,
            Candidates = candidates,
        };
    }
}
