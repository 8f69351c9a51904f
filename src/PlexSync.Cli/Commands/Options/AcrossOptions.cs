using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Targets on another server, perhaps of another account.</summary>
internal sealed class AcrossOptions : ICommandParameterSet
{
    [Option("to-server", ValueName = "URL|NAME")]
    public Given? ToServer { get; set; }

    [Option("to-token-file", ValueName = "FILE")]
    public Given? ToTokenFile { get; set; }

    public bool IsGiven => ToServer is not null || ToTokenFile is not null;
}
