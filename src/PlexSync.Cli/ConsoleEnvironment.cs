namespace PlexSync.Cli;

/// <summary>What a command finds around it: streams, variables, the terminal, the clock.</summary>
internal sealed record ConsoleEnvironment
{
    public required TextReader In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public Terminal Terminal { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Lets tests shorten waits.</summary>
    public Action<PlexClientOptions>? Adjust { get; init; }
}
