using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>The jobs of the configuration file that are meant.</summary>
internal sealed class JobOptions : ICommandParameterSet
{
    [Option("job", ValueName = "JOB")]
    public Given? Job { get; set; }

    [Option("all-jobs")]
    public bool AllJobs { get; set; }

    public bool IsGiven => Job is not null || AllJobs;
}
