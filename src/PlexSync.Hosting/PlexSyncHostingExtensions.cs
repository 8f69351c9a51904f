using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PlexSync;
using PlexSync.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers PlexSync as a hosted service.</summary>
public static class PlexSyncHostingExtensions
{
    /// <summary>The name of the health check: <c>plexsync</c>.</summary>
    public const string HealthCheckName = "plexsync";

    /// <summary>
    /// Keeps the users of jobs in step for as long as the host runs, with a <see cref="LiveSynchronizer"/>. Registers also what it works
    /// with (<see cref="PlexClient"/>, <see cref="WatchStateSynchronizer"/>, an <see cref="ISyncStore"/> in files unless there is one) and a
    /// health check.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section that is read as <see cref="PlexSyncOptions"/>; of a whole configuration, <c>PlexSync</c>.</param>
    /// <returns>The builder, to which jobs can be added that are not in the configuration.</returns>
    /// <remarks>The host does not start where an option is missing or makes no sense; the failure names its key.</remarks>
    public static PlexSyncBuilder AddPlexSync(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var reader = new ConfigurationReader(configuration as IConfigurationSection ?? configuration.GetSection("PlexSync"));
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<PlexSyncOptions>().Configure(reader.Read).PostConfigure(CompleteJobs).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PlexSyncOptions>>(
            provider => new PlexSyncOptionsValidator(reader.Path, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IOptionsChangeTokenSource<PlexSyncOptions>>(
            new ConfigurationChangeTokenSource<PlexSyncOptions>(reader.Section));
        var http = services.AddPlexSync(reader.Read);
        services.PostConfigure<PlexClientOptions>(reader.Require);
        services.TryAddSingleton<ISyncStore>(static provider => new FileStore(
            provider.GetRequiredService<IOptionsMonitor<PlexSyncOptions>>().CurrentValue.StateFolder,
            provider.GetRequiredService<TimeProvider>()));
        services.AddMetrics();
        services.TryAddSingleton<JobMetrics>();
        services.TryAddSingleton<JobStates>();
        services.AddHealthChecks().AddCheck<JobHealthCheck>(HealthCheckName);
        services.AddHostedService<LiveService>();
        return new PlexSyncBuilder(services, http);

        static void CompleteJobs(PlexSyncOptions options)
        {
            foreach (var (name, job) in options.Jobs)
            {
                job.Name = name;
                job.Server ??= options.Server;
            }
        }
    }
}
