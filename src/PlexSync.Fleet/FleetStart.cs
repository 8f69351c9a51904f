using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Running;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet;

/// <summary>Before anything else: brings the database up to date, and takes the name of this node. It ends after all else.</summary>
internal sealed class FleetStart(Database database, FleetNode node) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.MigrateAsync(cancellationToken).ConfigureAwait(false);
        await node.JoinAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => node.LeaveAsync();
}

/// <summary>Once the scheduler is up: makes catalogue and scheduler have what the configuration says.</summary>
internal sealed class FleetSchedule(FleetDirector director, ServerCatalogue catalogue, IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configured = ConfiguredServers.Read(configuration.GetSection($"{FleetOptions.Section}:{FleetOptions.Servers}"));
        var known = (await catalogue.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(static server => server.Name);
        foreach (var (server, secrets) in configured)
        {
            // A server that changes is begun anew where it is kept up live.
            if (!known.TryGetValue(server.Name, out var stored) || !ServerCatalogue.IsSame(server, stored)
                || !await HasAsync(server.Name, secrets, cancellationToken).ConfigureAwait(false))
            {
                await catalogue.SaveAsync(server, secrets, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var forgotten in await catalogue.ListForgottenAsync(
            configured.Select(static one => one.Server.Name), cancellationToken).ConfigureAwait(false))
        {
            await catalogue.RemoveAsync(forgotten, cancellationToken).ConfigureAwait(false);
        }

        await director.ScheduleAllAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether the catalogue has these secrets; not where it has them under keys that are lost.</summary>
    private async Task<bool> HasAsync(string server, ServerSecrets secrets, CancellationToken cancellationToken)
    {
        try
        {
            return secrets.Equals(await catalogue.ReadSecretsAsync(server, cancellationToken).ConfigureAwait(false));
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidFile)
        {
            return false;
        }
    }
}
