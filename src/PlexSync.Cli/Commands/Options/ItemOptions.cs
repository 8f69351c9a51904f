using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Which items, and what of them.</summary>
internal sealed class ItemOptions : ICommandParameterSet
{
    [Option("library", ValueName = "[!]NAME")]
    public string[] Library { get; set; } = [];

    [Option("type", ValueName = "[!]TYPE")]
    public string[] Type { get; set; } = [];

    [Option("show", ValueName = "TITLE")]
    public string[] Show { get; set; } = [];

    [Option("label", ValueName = "NAME")]
    public string[] Label { get; set; } = [];

    [Option("collection", ValueName = "NAME")]
    public string[] Collection { get; set; } = [];

    [Option("since", ValueName = "DATE|30d")]
    public Given? Since { get; set; }

    [Option("only", ValueName = "KIND")]
    public Given? Only { get; set; }

    [Option("ratings")]
    public bool Ratings { get; set; }

    [Option("retry-unkept")]
    public bool RetryUnkept { get; set; }
}
