using System.Reflection;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>This node, and how many there are.</summary>
/// <remarks>
/// The scheduler would take two nodes of one name for one, and each would take up the other's runs. So a name belongs to the process that
/// was heard of under it last, until that has been silent for a while.
/// </remarks>
internal sealed partial class FleetNode(
    Database database, IOptions<FleetOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<FleetNode> logger)
    : IDisposable
{
    /// <summary>After so long without a word a node counts as gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Guid _process = Guid.NewGuid();
    private readonly CancellationTokenSource _leaving = new();
    private Task _beating = Task.CompletedTask;
    private int _nodes = 1;

    public string Name => options.Value.Node;

    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);

    /// <summary>Whether another process has the name of this one now, so that this one had to stop.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>How many nodes are up, with this one.</summary>
    public int Nodes => Volatile.Read(ref _nodes);

    /// <summary>
    /// Takes the name of this node, and says from here on that it is up. It waits for a process that had the name and was killed.
    /// </summary>
    /// <exception cref="OptionsValidationException">Another process has it.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!await TryBeatAsync(cancellationToken).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(began) > Silence * 1.5)
            {
                throw new OptionsValidationException(
                    FleetOptions.Section,
                    typeof(FleetOptions),
                    [
                        $"{FleetOptions.Section}:{nameof(FleetOptions.Node)} is '{Name}', which is the name of another node that is up. "
                        + "Give each node a name of its own.",
                    ]);
            }

            Log.Waiting(logger, Name);
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }

        _beating = BeatAsync();
    }

    /// <summary>Says once that this node is up. It stops if its name is another one's by now.</summary>
    public async Task BeatOnceAsync(CancellationToken cancellationToken)
    {
        if (!IsReplaced && !await TryBeatAsync(cancellationToken).ConfigureAwait(false))
        {
            IsReplaced = true;
            Log.Replaced(logger, Name);
            lifetime.StopApplication();
        }
    }

    /// <summary>Gives the name back. Where that fails, it is free after a while.</summary>
    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    public void Dispose() => _leaving.Dispose();

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(_leaving.Token).ConfigureAwait(false))
        {
            try
            {
                await BeatOnceAsync(_leaving.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (Database.IsFailure(e))
            {
                Log.NotHeard(logger, e.Message);
            }
        }
    }

    /// <summary>Says that this node is up, and counts those that are. False if another process has the name.</summary>
    private async Task<bool> TryBeatAsync(CancellationToken cancellationToken)
    {
        var (isOurs, nodes) = (await database.QueryAsync(
            """
            with here as (
                insert into nodes values ($1, $2, clock_timestamp(), $3)
                on conflict (name) do update set version = excluded.version, seen_at = excluded.seen_at, process = excluded.process
                where nodes.process = $3 or nodes.seen_at < clock_timestamp() - $4::interval
                returning name)
            select exists (select from here), (select count(*) from nodes where name <> $1 and seen_at > clock_timestamp() - $4::interval)
            """,
            [Name, Version, _process, Silence],
            static row => (row.GetBoolean(0), (int)row.GetInt64(1) + 1),
            cancellationToken).ConfigureAwait(false))[0];
        Volatile.Write(ref _nodes, nodes);
        return isOurs;
    }

    private static partial class Log
    {
        [LoggerMessage(5020, LogLevel.Critical,
            "Another node has the name '{Name}', so this one stops. Give each node a name of its own (Fleet:Node).")]
        public static partial void Replaced(ILogger logger, string name);

        [LoggerMessage(5021, LogLevel.Information, "The database could not be told that this node stops: {Reason}")]
        public static partial void NotLeft(ILogger logger, string reason);

        [LoggerMessage(5022, LogLevel.Warning, "The database could not be told that this node is up: {Reason}")]
        public static partial void NotHeard(ILogger logger, string reason);

        [LoggerMessage(5024, LogLevel.Information, "A node of the name '{Name}' was up a moment ago; this one waits for it to be gone")]
        public static partial void Waiting(ILogger logger, string name);
    }
}
