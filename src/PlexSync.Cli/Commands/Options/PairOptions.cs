using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Whose state goes to whom.</summary>
internal class PairOptions : ICommandParameterSet
{
    [Option("from", ValueName = "USER")]
    public Given? From { get; set; }

    [Option("to", ValueName = "USER")]
    public string[] To { get; set; } = [];
}

/// <summary>The same where everybody can be a target.</summary>
internal sealed class PlanOptions : PairOptions
{
    [Option("to-all")]
    public bool ToAll { get; set; }

    [Option("except", ValueName = "USER")]
    public string[] Except { get; set; } = [];
}
