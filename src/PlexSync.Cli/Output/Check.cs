namespace PlexSync.Cli.Output;

/// <summary>What came of looking at one thing.</summary>
/// <param name="Status">How it is.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Remedy">What to do about it; null where there is nothing to do.</param>
/// <param name="ExitCode">What its failure means for the exit code.</param>
internal sealed record Check(CheckStatus Status, string Message, string? Remedy = null, int ExitCode = ExitCode.Done)
{
    /// <summary>A word of a closed, untranslated list.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the check is called whose failure kept this one from being done; null where none did.</summary>
    public string? Cause { get; init; }

    /// <summary>Whom it is about, where it is done once for each.</summary>
    public PlexUser? User { get; init; }
}

internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>A run is possible, but may not do what is meant.</summary>
    Warning,

    /// <summary>A run that needs this fails.</summary>
    Failed,

    /// <summary>Not looked at.</summary>
    Skipped,
}
