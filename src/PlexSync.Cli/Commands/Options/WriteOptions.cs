using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>How much is shown of what comes out of it.</summary>
internal class ShownOptions : ICommandParameterSet
{
    [Option("all")]
    public bool All { get; set; }

    [Option("show-skipped")]
    public bool ShowSkipped { get; set; }

    [Option("report", ValueName = "FILE")]
    public Given? Report { get; set; }
}

/// <summary>The same of a command that plans, and how much may be taken away.</summary>
internal class OutcomeOptions : ShownOptions
{
    [Option("max-removals", ValueName = "N")]
    public Given? MaxRemovals { get; set; }
}

/// <summary>The same of a command that writes.</summary>
internal sealed class WriteOptions : OutcomeOptions
{
    [Option("dry-run", ['n'])]
    public bool DryRun { get; set; }

    [Option("yes")]
    public bool Yes { get; set; }
}
