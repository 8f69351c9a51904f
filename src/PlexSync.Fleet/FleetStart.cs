using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet;

/// <summary>Before anything else: brings the database up to date.</summary>
internal sealed class FleetStart(Database database) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => database.MigrateAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Once the scheduler is up: makes catalogue and scheduler have what the configuration says.</summary>
internal sealed class FleetSchedule(FleetDirector director, ServerCatalogue catalogue, IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configured = ConfiguredServers.Read(configuration.GetSection($"{FleetOptions.Section}:Servers"));
        foreach (var (server, secrets) in configured)
        {
            await catalogue.SaveAsync(server, secrets, cancellationToken).ConfigureAwait(false);
        }

        foreach (var forgotten in await catalogue.ListForgottenAsync(
            configured.Select(static one => one.Server.Name), cancellationToken).ConfigureAwait(false))
        {
            await catalogue.RemoveAsync(forgotten, cancellationToken).ConfigureAwait(false);
        }

        await director.ScheduleAllAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
