using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Health;

/// <summary>Whether the database answers now: asked once, not with the patience of everything else.</summary>
internal sealed class DatabaseCheck(Database database) : IHealthCheck
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var command = database.Source.CreateCommand("select 1");
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteScalarAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return HealthCheckResult.Unhealthy(exception: e);
        }
    }
}
