using Cocona;

namespace PlexSync.Cli.Commands;

/// <summary>How much of the libraries is read.</summary>
internal sealed class ReadingOptions : ICommandParameterSet
{
    [Option("quick")]
    public bool Quick { get; set; }
}
