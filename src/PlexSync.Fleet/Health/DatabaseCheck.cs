using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Health;

/// <summary>Whether the database answers now: asked once, not with the patience of everything else.</summary>
/// <remarks>Anybody may ask. Those who ask while it is asked share the answer, so that they never take more than one connection.</remarks>
internal sealed class DatabaseCheck(Database database) : IHealthCheck
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _asking = new();
    private Task<HealthCheckResult>? _answer;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        lock (_asking)
        {
            if (_answer is not { IsCompleted: false })
            {
                _answer = AskAsync();
            }

            return _answer.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AskAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var command = database.Source.CreateCommand("select 1");
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteScalarAsync(patience.Token).ConfigureAwait(false);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy(exception: e);
        }
    }
}
