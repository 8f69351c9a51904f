using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PlexSync.EndToEnd.Tests.Hosted;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The configuration of the sample of a background service does what the sample says.</summary>
public sealed class WorkerServiceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-worker-");
    private readonly HostLines _lines = new();

    [Fact]
    public async Task Sample_keeps_the_kid_up_to_date_once_it_has_a_token_and_a_server()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var host = Build(new()
        {
            ["PlexSync:Token"] = plex.World.Owner.AccountToken,
            ["PlexSync:Server"] = plex.ServerUrl.ToString(),
            ["PlexSync:StateFolder"] = Path.Combine(_folder.FullName, "state"),
            ["PlexSync:Client:AccountUrl"] = plex.AccountUrl.ToString(),
        });
        await host.StartAsync(TestContext.Current.CancellationToken);

        var line = await _lines.WaitAsync(4010);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("The job 'kid' has written 8 of 8 changes for 'Kid', 0 failed", line.Text);
    }

    [Fact]
    public async Task Sample_does_not_start_as_it_is_shipped_since_the_token_is_not_in_it()
    {
        using var host = Build([]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("PlexSync__Token", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private IHost Build(Dictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddJsonFile(Path.Combine(Repository.Root, "samples", "WorkerService", "appsettings.json"))
            .AddInMemoryCollection(settings);
        builder.Logging.AddProvider(_lines);
        builder.Services.AddPlexSync(builder.Configuration);
        return builder.Build();
    }
}
