namespace PlexSync.Cli;

/// <summary>What is known of the terminal, if there is one. The defaults say: none.</summary>
public sealed record Terminal
{
    /// <summary>The width assumed where none is known.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Somebody can type an answer.</summary>
    public bool IsInput { get; init; }

    /// <summary>Results are read on a screen.</summary>
    public bool IsOutput { get; init; }

    /// <summary>Messages are read on a screen.</summary>
    public bool IsError { get; init; }

    /// <summary>The number of columns.</summary>
    public int Width { get; init; } = DefaultWidth;

    /// <summary>The screen shows more than ASCII.</summary>
    public bool IsUnicode { get; init; } = true;

    /// <summary>Reads a line without showing it; null reads a line of standard input.</summary>
    public Func<CancellationToken, Task<string?>>? ReadSecretAsync { get; init; }
}
