using System.Reflection;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>This node, and how many there are.</summary>
/// <remarks>
/// The scheduler takes two nodes with one name for one, and each of them for what the other left behind. So a name belongs to the process
/// that was heard of under it last, until that has been silent for a while.
/// </remarks>
internal sealed partial class FleetNode(
    Database database, IOptions<FleetOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FleetNode> logger)
{
    /// <summary>After so long without a word a node counts as gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly Guid _process = Guid.NewGuid();

    public string Name => options.Value.Node;

    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>Whether another process has the name of this one now, so that this one had to stop.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>Takes the name of this node; waits for a process that had it before and was killed.</summary>
    /// <exception cref="OptionsValidationException">Another process has it.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (await TryCountAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            if (time.GetElapsedTime(began) > Silence * 1.5)
            {
                throw new OptionsValidationException(
                    FleetOptions.Section,
                    typeof(FleetOptions),
                    [
                        $"{FleetOptions.Section}:{nameof(FleetOptions.Node)} is '{Name}', as that of another node that is up: "
                        + "give each node a name of its own.",
                    ]);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that this node is up, and counts those that are. Null if its name is another one's by now: then it stops.</summary>
    public async Task<int?> CountAsync(CancellationToken cancellationToken)
    {
        var nodes = await TryCountAsync(cancellationToken).ConfigureAwait(false);
        if (nodes is null && !IsReplaced)
        {
            IsReplaced = true;
            Log.Replaced(logger, Name);
            lifetime.StopApplication();
        }

        return nodes;
    }

    /// <summary>Gives the name back. Where that fails, it is free after a while.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await database.ExecuteAsync(
                "delete from nodes where name = $1 and process = $2", [Name, _process], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (Database.IsFailure(e))
        {
            Log.NotLeft(logger, e.Message);
        }
    }

    /// <summary>Null if another process has the name.</summary>
    private async Task<int?> TryCountAsync(CancellationToken cancellationToken) => (await database.QueryAsync(
        """
        with here as (
            insert into nodes values ($1, $2, clock_timestamp(), $3)
            on conflict (name) do update set version = excluded.version, seen_at = excluded.seen_at, process = excluded.process
            where nodes.process = $3 or nodes.seen_at < clock_timestamp() - $4::interval
            returning name)
        select (select count(*) from nodes where name <> $1 and seen_at > clock_timestamp() - $4::interval), count(*) from here
        """,
        [Name, Version, _process, Silence],
        static row => row.GetInt64(1) == 0 ? (int?)null : (int)row.GetInt64(0) + 1,
        cancellationToken).ConfigureAwait(false))[0];

    private static partial class Log
    {
        [LoggerMessage(5010, LogLevel.Critical,
            "Another node has the name '{Name}', so that this one stops: give each node a name of its own (Fleet:Node)")]
        public static partial void Replaced(ILogger logger, string name);

        [LoggerMessage(5011, LogLevel.Information, "The database could not be told that this node stops: {Reason}")]
        public static partial void NotLeft(ILogger logger, string reason);
    }
}
