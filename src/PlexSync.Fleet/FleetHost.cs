using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Pages;
using PlexSync.Fleet.Running;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;
using Quartz;

namespace PlexSync.Fleet;

/// <summary>A node of the fleet.</summary>
internal static class FleetHost
{
    /// <summary>Where containers find their secrets: a file for each key.</summary>
    private const string SecretsFolder = "/run/secrets";

    /// <summary>Builds it; nothing is asked and nobody is heard before it starts.</summary>
    /// <param name="args">Settings, such as <c>--Fleet:Node=one</c>.</param>
    /// <param name="configure">Changes what it is built from; nothing by default.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // Later ones win: files before variables, and what is given at the start last.
        if (Environment.GetEnvironmentVariable("FLEET_CONFIG") is { Length: > 0 } file)
        {
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false);
        }

        builder.Configuration.AddKeyPerFile(SecretsFolder, optional: true).AddEnvironmentVariables().AddCommandLine(args);
        builder.WebHost.UseUrls(UrlsOf(builder.Configuration));
        // What is under way ends within the time limit of a request.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(45));
        AddFleet(builder.Services, builder.Configuration.GetSection(FleetOptions.Section));
        builder.Services.AddFleetPages(builder.Configuration);
        configure?.Invoke(builder);
        return builder.Build().UseFleetPages();
    }

    /// <summary>Where a node listens: on loopback alone unless somebody says otherwise.</summary>
    public static string UrlsOf(IConfiguration configuration) =>
        configuration["urls"] is { Length: > 0 } urls ? urls : "http://127.0.0.1:8484";

    private static void AddFleet(IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<FleetOptions>().Bind(section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<FleetOptions>, FleetOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FleetOptions>, FleetOptionsCheck>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection().SetApplicationName("plexsync-fleet");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<FleetOptions>, ILoggerFactory>(static (keys, options, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(OpenKeyFolder(options.Value.KeyFolder), loggers));

        services.AddSingleton(static provider => new Database(
            provider.GetRequiredService<IOptions<FleetOptions>>().Value.Database, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new Leases(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<IOptions<FleetOptions>>().Value.Node,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new PostgresStore(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Leases>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<PlexClientOptions>>().Value.Timeout));
        services.AddSingleton<ISyncStore>(static provider => provider.GetRequiredService<PostgresStore>());
        services.AddSingleton<FleetNode>();
        services.AddSingleton<ServerCatalogue>();
        services.AddSingleton<Orders>();
        services.AddSingleton<JobRoutes>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<FleetDirector>();
        services.AddSingleton<IFleetDirector>(static provider => provider.GetRequiredService<FleetDirector>());

        services.AddSingleton<StoredAnswers>();
        services.AddSingleton<AccountAnswers>();
        services.AddTransient<AccountHandler>();
        services.AddPlexSync(client =>
        {
            client.ClientIdentifier = "plexsync-fleet";
            section.GetSection(FleetOptions.Client).Bind(client);
        }).AddHttpMessageHandler<AccountHandler>();

        services.AddHostedService<FleetStart>();
        AddScheduler(services, FleetOptions.Read(section));
        services.AddHostedService<FleetSchedule>();
        services.AddHostedService<LiveOwners>();
        services.AddHostedService<OldRows>();
    }

    /// <summary>Makes the folder. One that cannot be written would otherwise fail at the first token, not at the start.</summary>
    private static DirectoryInfo OpenKeyFolder(string path)
    {
        try
        {
            // Whoever can read it can read the keys in it.
            var folder = OperatingSystem.IsWindows() ? Directory.CreateDirectory(path)
                : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.Create(Path.Combine(path, $".{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionsValidationException(
                FleetOptions.Section,
                typeof(FleetOptions),
                [$"{FleetOptions.Section}:{nameof(FleetOptions.KeyFolder)} cannot be written: {e.Message}"]);
        }
    }

    /// <summary>
    /// All that is about time and machines is the scheduler's: who runs what when, limits, misfires, what a dead node left.
    /// </summary>
    private static void AddScheduler(IServiceCollection services, FleetOptions given)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(options =>
            {
                options.InstanceName = "plexsync-fleet";
                options.InstanceId = given.Node;
                options.ShutdownJobInterruption = ShutdownJobInterruption.Always;
                options.IdleWaitTime = TimeSpan.FromSeconds(5);
            });
            quartz.UseDefaultThreadPool(pool => pool.MaxConcurrency = given.RunsPerNode);
            quartz.UsePersistentStore(static store =>
            {
                store.UsePostgres(static source =>
                    source.DataSourceFactory = static provider => provider.GetRequiredService<Database>().Source);
                store.ProvisionSchema();
                // What a node that is stopped was in the middle of is taken up as what a dead one left.
                store.ConfigureStore(static options => options.RecoverFiringsCancelledByShutdown = true);
                store.UseClustering(static cluster =>
                {
                    // A node that is only busy must not be taken for dead. Its runs are not free sooner anyway: their leases last longer.
                    cluster.CheckinInterval = TimeSpan.FromSeconds(5);
                    cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(20);
                });
            });
            // A run that is taken up has another trigger, without a policy of its own, and its target may still be held by the node before.
            quartz.UseDefaultRetryPolicy(FleetDirector.Retries);
            quartz.UseExecutionLimits(
                limits => limits.UseTriggerGroupWhenUnset().ForOtherGroups(given.RunsPerServer, ExecutionLimitScope.Cluster));
        });
        services.AddQuartzHostedService(static options => options.WaitForJobsToComplete = true);
    }
}
