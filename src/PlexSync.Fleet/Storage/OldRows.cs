using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Storage;

/// <summary>Drops what is too old. Each node does it, which does no harm: what one has dropped, the next does not find.</summary>
internal sealed partial class OldRows(Database database, IOptions<FleetOptions> options, TimeProvider time, ILogger<OldRows> logger)
    : BackgroundService
{
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
        await database.ExecuteAsync("delete from answers where ends_at < clock_timestamp()", [], cancellationToken).ConfigureAwait(false);
        await database.ExecuteAsync(
            "delete from nodes where seen_at < clock_timestamp() - interval '1 day'", [], cancellationToken).ConfigureAwait(false);
        // Each run writes anew what it read. What no run has asked for so long is that of a job that has changed, or is gone; a paused one
        // reads everything once more.
        await database.ExecuteAsync(
            "delete from readings where written_at < clock_timestamp() - interval '30 days'", [], cancellationToken).ConfigureAwait(false);
        if (options.Value.KeepRunsFor is { } kept)
        {
            // A week of a target at a time: each time one of its runs is gone, the next run on it reads everything.
            await database.ExecuteAsync(
                """
                with old as (
                    select distinct server, target from runs
                    where finished and started_at < clock_timestamp() - $1 - interval '7 days')
                delete from runs using old
                where runs.server = old.server and runs.target = old.target and finished and started_at < clock_timestamp() - $1
                """,
                [kept],
                cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Information, "What is too old could not be dropped: {Reason}")]
        public static partial void NotDropped(ILogger logger, string reason);
    }
}
