using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>By which rule one user's state becomes another's.</summary>
internal sealed class RuleOptions : ICommandParameterSet
{
    [Option("policy", ValueName = "POLICY")]
    public Given? Policy { get; set; }

    [Option("two-way")]
    public bool TwoWay { get; set; }

    [Option("unwatched")]
    public bool Unwatched { get; set; }

    [Option("match", ValueName = "HOW")]
    public Given? Match { get; set; }
}
