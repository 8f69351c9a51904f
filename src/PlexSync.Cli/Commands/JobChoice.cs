using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Which jobs of the configuration file are meant.</summary>
/// <param name="context">That of the whole command.</param>
/// <param name="chosen">What names them.</param>
internal sealed class JobChoice(CommandContext context, JobOptions chosen)
{
    /// <summary>The configuration file.</summary>
    public string Path { get; } = context.Settings.Folders.ConfigurationFile ?? "config.json";

    /// <summary>Finds them; refused where there are none, or where something beside them says who and where.</summary>
    public List<JobSettings> Choose()
    {
        var jobs = context.Settings.Jobs;
        if (chosen is { AllJobs: true, Job: { } both })
        {
            throw Usage("Jobs_AllAndOne", context.Settings.Find("all-jobs")!.Origin, both.Origin);
        }

        if (jobs.Count == 0)
        {
            throw Usage("Jobs_None", Path);
        }

        List<JobSettings> meant = chosen.Job is not { } name ? [.. jobs]
            : jobs.FirstOrDefault(job => job.IsCalled(name.Value)) is { } job ? [job]
            : throw Usage("Job_Unknown", name.Value, Path, string.Join(", ", jobs.Select(static job => job.Name)));
        RequireFileOnly();
        return meant;
    }

    private void RequireFileOnly()
    {
        var origin = context.Settings.Find(chosen.AllJobs ? "all-jobs" : "job")!.Origin;
        foreach (var name in JobSettings.WhoAndWhere)
        {
            if (context.Settings.FindOutsideFile(name) is { } other)
            {
                throw Usage("Job_FileOnly", other.Origin, origin, Path);
            }
        }
    }

    private static CliException Usage(string key, params object?[] arguments) => new(CliException.Usage, key, arguments);
}
