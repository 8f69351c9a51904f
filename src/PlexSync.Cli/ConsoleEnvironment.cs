using PlexSync.Cli.Output;

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

    /// <summary>
    /// Where a command goes on for days and nobody is there: the warnings of the last hour, which are not said again. Nothing is asked
    /// then, and steps are not told. Null (default) elsewhere.
    /// </summary>
    public OncePerHour? Warnings { get; init; }

    /// <summary>Sends the requests of all sessions, and outlives them; null (default) where each has a client of its own.</summary>
    public HttpClient? Http { get; init; }

    /// <summary>Lets tests shorten waits.</summary>
    public Action<PlexClientOptions>? Adjust { get; init; }

    /// <summary>The same for a command that goes on for days, and writes from several threads.</summary>
    public ConsoleEnvironment ForDays(HttpClient http) => this with
    {
        Out = TextWriter.Synchronized(Out),
        Error = TextWriter.Synchronized(Error),
        Warnings = new OncePerHour(Time),
        Http = http,
    };
}
