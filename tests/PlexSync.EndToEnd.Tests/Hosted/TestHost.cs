using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PlexSync.Hosting;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Hosted;

/// <summary>A host of the service, on a simulated household.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host, HostLines lines) => (_host, Lines) = (host, lines);

    public HostLines Lines { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>A host that is not started, with the job <c>kid</c> from the owner to Kid unless the settings say otherwise.</summary>
    public static TestHost Create(
        PlexSimulator plex,
        string folder,
        TimeProvider? time = null,
        Action<PlexSyncBuilder>? configure = null,
        params (string Key, string? Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["PlexSync:Token"] = plex.World.Owner.AccountToken,
            ["PlexSync:Server"] = plex.ServerUrl.ToString(),
            ["PlexSync:StateFolder"] = Path.Combine(folder, "state"),
            ["PlexSync:Client:ClientIdentifier"] = "hosting-test",
            ["PlexSync:Client:AccountUrl"] = plex.AccountUrl.ToString(),
            ["PlexSync:Client:MaxRetries"] = "0",
            ["PlexSync:Jobs:kid:To:0"] = "Kid",
        }.Where(setting => !settings.Any(other => other == (setting.Key, null))));
        builder.Configuration.AddInMemoryCollection(
            settings.Where(static setting => setting.Value is not null)
                .Select(static setting => KeyValuePair.Create(setting.Key, setting.Value)));
        var lines = new HostLines();
        builder.Logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        var added = builder.Services.AddPlexSync(builder.Configuration);
        configure?.Invoke(added);
        return new TestHost(builder.Build(), lines);
    }

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async Task<(HealthStatus Status, string Description)> CheckHealthAsync()
    {
        var report = await Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        var entry = report.Entries["plexsync"];
        return (entry.Status, entry.Description ?? "");
    }

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        return ValueTask.CompletedTask;
    }
}
