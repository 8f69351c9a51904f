using Microsoft.Extensions.Options;
using PlexSync.Hosting;

namespace PlexSync.Fleet.Catalogue;

/// <summary>
/// The servers of the configuration, <c>Fleet:Servers</c>. A key that means nothing is a failure, not passed over; no failure repeats a
/// secret.
/// </summary>
internal static class ConfiguredServers
{
    private static readonly string[] Keys =
    [
        nameof(PlexSyncOptions.Token), nameof(PlexSyncOptions.Server), nameof(PlexSyncOptions.Pins), nameof(FleetServer.Every), "Live",
        nameof(PlexSyncOptions.Jobs),
    ];

    /// <summary>Reads them.</summary>
    /// <param name="configuration">The whole configuration, or one with a section for each server.</param>
    /// <exception cref="OptionsValidationException">A key means nothing, or a value makes no sense.</exception>
    public static IReadOnlyList<(FleetServer Server, ServerSecrets Secrets)> Read(IConfigurationSection configuration)
    {
        var failures = new List<string>();
        var servers = configuration.GetChildren().Select(section => Read(section, failures)).ToList();
        return failures.Count == 0 ? servers
            : throw new OptionsValidationException(configuration.Path, typeof(FleetServer), failures);
    }

    /// <summary>Reads one.</summary>
    public static (FleetServer Server, ServerSecrets Secrets) Read(IConfigurationSection section, List<string> failures)
    {
        failures.AddRange(ConfigurationReader.FindOdd(section, Keys, [nameof(PlexSyncOptions.Pins), nameof(PlexSyncOptions.Jobs)]));
        var token = section[nameof(PlexSyncOptions.Token)];
        if (string.IsNullOrWhiteSpace(token))
        {
            failures.Add($"{section.Path}:{nameof(PlexSyncOptions.Token)} is missing, the token of the server's owner.");
        }

        var every = Parse<TimeSpan>(section, nameof(FleetServer.Every), failures);
        if (every < FleetOptions.ShortestInterval)
        {
            failures.Add($"{section.Path}:{nameof(FleetServer.Every)} must be at least a minute (00:01:00).");
        }

        var server = section[nameof(PlexSyncOptions.Server)];
        var jobs = new List<FleetJob>();
        foreach (var one in section.GetSection(nameof(PlexSyncOptions.Jobs)).GetChildren())
        {
            failures.AddRange(ConfigurationReader.FindOdd(
                one, [.. ConfigurationReader.JobKeys.Except([nameof(SyncJob.Server)])], ConfigurationReader.JobLists));
            var job = new SyncJob();
            try
            {
                one.Bind(job);
                (job.Name, job.Server) = (one.Key, server);
                job.Validate();
            }
            catch (InvalidOperationException e)
            {
                failures.Add(e.Message);
            }
            catch (PlexException e)
            {
                failures.Add($"{one.Path}:{e.Option}: {e.Message}");
            }

            jobs.Add(new FleetJob(section.Key, job, IsPaused: false));
        }

        var pins = section.GetSection(nameof(PlexSyncOptions.Pins)).AsEnumerable(makePathsRelative: true)
            .Where(static pin => pin is { Key.Length: > 0, Value: not null })
            .ToDictionary(static pin => pin.Key, static pin => pin.Value!, StringComparer.OrdinalIgnoreCase);
        return (
            new FleetServer
            {
                Name = section.Key,
                Server = server,
                Every = every,
                IsLive = Parse<bool>(section, "Live", failures) ?? false,
                IsConfigured = true,
                Jobs = jobs,
            },
            new ServerSecrets(token ?? "", pins));
    }

    private static T? Parse<T>(IConfigurationSection section, string key, List<string> failures)
        where T : struct
    {
        try
        {
            return section.GetValue<T?>(key);
        }
        catch (InvalidOperationException e)
        {
            failures.Add(e.Message);
            return null;
        }
    }
}
