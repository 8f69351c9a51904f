using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PlexSync;

namespace WorkerService;

internal static class PlexSyncWorkerExtensions
{
    /// <summary>The service, the library, and their options.</summary>
    public static void AddPlexSyncWorker(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var section = builder.Configuration.GetSection(WorkerOptions.Section);
        services.AddOptions<WorkerOptions>()
            .Bind(section)
            .Validate(
                static options => options.Server is null or { IsAbsoluteUri: true, Scheme: "http" or "https" },
                "PlexSync:Server must be an http or https address.")
            .Validate(
                static options => options.To.Count > 0 && !options.To.Any(string.IsNullOrWhiteSpace),
                "PlexSync:To is missing: the Home users to keep up to date.")
            .Validate(
                static options => options.Every >= TimeSpan.FromMinutes(5) && options.Every <= TimeSpan.FromDays(7),
                "PlexSync:Every must be between five minutes and a week.")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddPlexSync(options =>
        {
            // Plex lists every identifier as a device of its own: where the machine's name changes, as in containers, set it.
            options.ClientIdentifier = $"plexsync-worker-{Environment.MachineName}";
            section.GetSection("Client").Bind(options);
        });
        services.AddSingleton<ISyncStore>(static provider => new FileStore(
            provider.GetRequiredService<IOptions<WorkerOptions>>().Value.StateFolder, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<SyncWorker>();
    }
}
