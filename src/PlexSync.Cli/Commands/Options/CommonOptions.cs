using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>What every command takes.</summary>
internal sealed class CommonOptions : ICommandParameterSet
{
    [Option("server", ValueName = "URL|NAME")]
    public Given? Server { get; set; }

    [Option("token-file", ValueName = "FILE")]
    public Given? TokenFile { get; set; }

    [Option("pin-file", ValueName = "FILE")]
    public Given? PinFile { get; set; }

    [Option("account-url", ValueName = "URL")]
    public Given? AccountUrl { get; set; }

    [Option("concurrency", ValueName = "auto|N")]
    public Given? Concurrency { get; set; }

    [Option("page-size", ValueName = "N")]
    public Given? PageSize { get; set; }

    [Option("timeout", ValueName = "S")]
    public Given? Timeout { get; set; }

    [Option("json")]
    public bool Json { get; set; }

    [Option("lang", ValueName = "en|fr")]
    public Given? Lang { get; set; }

    [Option("verbose")]
    public bool Verbose { get; set; }

    [Option("quiet")]
    public bool Quiet { get; set; }

    [Option("no-color")]
    public bool NoColor { get; set; }

    [Option("help", ['h', '?'])]
    public bool Help { get; set; }

    [Option("version")]
    public bool Version { get; set; }
}
