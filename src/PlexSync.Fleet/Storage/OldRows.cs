using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Storage;

/// <summary>Drops what is too old. Each node does it, which does no harm: what one has dropped, the next does not find.</summary>
internal sealed partial class OldRows(Database database, IOptions<FleetOptions> options, TimeProvider time, ILogger<OldRows> logger)
    : BackgroundService
{
    /// <summary>For how many targets runs are dropped at a time: the next run on each reads everything.</summary>
    private const int TargetsAtATime = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await DropAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (Database.IsFailure(e))
            {
                Log.NotDropped(logger, e.Message);
            }
        }
    }

    /// <summary>Drops it now.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await database.ExecuteAsync("delete from answers where ends_at < now()", [], cancellationToken).ConfigureAwait(false);
        await database.ExecuteAsync(
            "delete from nodes where seen_at < now() - interval '1 day'", [], cancellationToken).ConfigureAwait(false);
        // Each run writes anew what it read. What no run has asked for so long is that of a job that has changed, or is gone; a paused one
        // reads everything once more.
        await database.ExecuteAsync(
            "delete from readings where written_at < now() - interval '30 days'", [], cancellationToken).ConfigureAwait(false);
        if (options.Value.KeepRunsFor is { } kept)
        {
            // Each target has its turn every 4 to 11 days, on days of its own.
            var targets = await database.QueryAsync(
                """
                select distinct server, target from runs
                where finished and started_at < now() - $1 - interval '4 days'
                    and started_at < now() - $1 - interval '1 day' * (4 + (hashtext(concat(server, target)) & 7))
                limit $2
                """,
                [kept, TargetsAtATime],
                static row => (Server: row.GetString(0), Target: row.GetInt64(1)),
                cancellationToken).ConfigureAwait(false);
            foreach (var (server, target) in targets)
            {
                await database.ExecuteAsync(
                    "delete from runs where server = $1 and target = $2 and finished and started_at < now() - $3",
                    [server, target, kept],
                    cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5023, LogLevel.Warning, "What is too old could not be dropped: {Reason}")]
        public static partial void NotDropped(ILogger logger, string reason);
    }
}
