using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace PlexSync.Fleet.Tests;

/// <summary>A node in this process.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    public const string Secret = "a-secret-of-the-fleet-tests";

    private readonly WebApplication _app;
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("plexsync-keys-");

    private RunningNode(string[] args) => _app = FleetHost.Build([.. args, $"--Fleet:KeyFolder={KeyFolder}"]);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Where its keys are, for another node of the same fleet.</summary>
    public string KeyFolder => Path.Combine(_keys.FullName, "keys");

    public static async Task<RunningNode> StartAsync(TestDatabase database, params string[] settings)
    {
        var node = new RunningNode(
        [
            "--urls=http://127.0.0.1:0", $"--Fleet:Database={database.ConnectionString}", $"--Fleet:Secret={Secret}",
            "--Logging:LogLevel:Default=Warning", .. settings,
        ]);
        await node._app.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _keys.Delete(recursive: true);
    }
}
