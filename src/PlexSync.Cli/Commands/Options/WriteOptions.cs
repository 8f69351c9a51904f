using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>How much may be taken away, and where the page about it goes.</summary>
internal class OutcomeOptions : ICommandParameterSet
{
    [Option("max-removals", ValueName = "N")]
    public Given? MaxRemovals { get; set; }

    [Option("report", ValueName = "FILE")]
    public Given? Report { get; set; }
}

/// <summary>The same of a command that writes.</summary>
internal sealed class WriteOptions : OutcomeOptions
{
    [Option("dry-run", ['n'])]
    public bool DryRun { get; set; }

    [Option("yes")]
    public bool Yes { get; set; }
}
