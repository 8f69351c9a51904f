using System.Text.Json;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Running;

/// <summary>
/// Keeps up the servers that are live: each by one node, which holds a lease on it. What a node that is gone had kept up, the others take
/// over when its leases have ended.
/// </summary>
internal sealed partial class LiveOwners(
    Database database, Leases leases, ServerCatalogue catalogue, JobRunner runner, ISyncStore store, FleetNode node, TimeProvider time,
    ILoggerFactory loggers)
    : BackgroundService
{
    /// <summary>How often a node looks for servers that nobody keeps up.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BetweenStarts = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<LiveOwners>();
    private readonly Dictionary<string, Ownership> _owned = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await LookAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception e) when (Database.IsFailure(e))
                {
                    Log.NotLooked(_logger, e.Message);
                }

                await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped, or the start failed elsewhere.
        }
        finally
        {
            await Task.WhenAll(_owned.Keys.ToList().ConvertAll(LetGoAsync)).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // What a change of the server, of its secrets or of its jobs makes another text.
        var rows = await database.QueryAsync(
            """
            select servers.name,
                md5(concat(servers.changed_at, string_agg(concat(jobs.name, jobs.definition, jobs.paused), ',' order by jobs.name)))
            from servers join jobs on jobs.server = servers.name where servers.live and not jobs.paused group by servers.name
            """,
            [],
            static row => (Name: row.GetString(0), Version: row.GetString(1)),
            cancellationToken).ConfigureAwait(false);
        var live = rows.ToDictionary(static one => one.Name, static one => one.Version, StringComparer.Ordinal);
        foreach (var (name, owned) in _owned.ToList())
        {
            if (owned.Version != live.GetValueOrDefault(name) || owned.Lease.Left == TimeSpan.Zero || owned.Running.IsCompleted)
            {
                await LetGoAsync(name).ConfigureAwait(false);
            }
        }

        // Each node takes its share, so that the first to start does not keep them all.
        var share = node.IsReplaced ? 0 : (live.Count + node.Nodes - 1) / node.Nodes;
        if (_owned.Count > share)
        {
            await LetGoAsync(_owned.Keys.First()).ConfigureAwait(false);
            return;
        }

        foreach (var (name, version) in live.OrderBy(_ => Random.Shared.Next()))
        {
            if (_owned.Count < share && !_owned.ContainsKey(name)
                && await leases.TryTakeAsync($"live:{name}", PostgresStore.JobLease, cancellationToken).ConfigureAwait(false) is { } lease)
            {
                leases.Keep(lease);
                var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var running = Task.Run(() => KeepUpAsync(name, lease, stop.Token), CancellationToken.None);
                _owned.Add(name, new Ownership(version, lease, stop, running));
                Log.Taken(_logger, name);
            }
        }
    }

    private async Task LetGoAsync(string name)
    {
        _owned.Remove(name, out var owned);
        await owned!.Stop.CancelAsync().ConfigureAwait(false);
        await owned.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await owned.Lease.DisposeAsync().ConfigureAwait(false);
        owned.Stop.Dispose();
        Log.LetGo(_logger, name);
    }

    /// <summary>Keeps up the jobs of one server until it is cancelled, or the server is another node's.</summary>
    private async Task KeepUpAsync(string name, Lease lease, CancellationToken cancellationToken)
    {
        var live = new LiveSynchronizer(store, options: null, loggers.CreateLogger<WatchStateSynchronizer>(), time);
        while (lease.Left > TimeSpan.Zero && await catalogue.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } server)
        {
            var jobs = server.Jobs.Where(static job => !job.IsPaused).Select(job => ToLive(server, job)).ToList();
            var notes = new LiveNotes(catalogue, server.Name, node.Name);
            try
            {
                await live.RunAsync(jobs, notes, cancellationToken).ConfigureAwait(false);
            }
            catch (PlexException e)
            {
                // The node before has not let go of a job, or two jobs are in a loop, which somebody has to mend.
                Log.NotKeptUp(_logger, name, e.Message);
                if (e.Kind is not PlexErrorKind.JobInProgress)
                {
                    await notes.FailAllAsync(server.Jobs, e).ConfigureAwait(false);
                    await Task.Delay(TimeSpan.FromMinutes(1), time, cancellationToken).ConfigureAwait(false);
                }
            }

            await Task.Delay(BetweenStarts, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Jobs of different servers may have one name; the store knows them apart by both.</summary>
    private LiveJob ToLive(FleetServer server, FleetJob job)
    {
        var named = JsonSerializer.Deserialize(
            JsonSerializer.SerializeToUtf8Bytes(job.Job, FleetJson.Default.SyncJob), FleetJson.Default.SyncJob)!;
        named.Name = $"{server.Name}/{job.Name}";
        return new LiveJob(named, cancellationToken => runner.ConnectAsync(server, job, cancellationToken));
    }

    private sealed record Ownership(string Version, Lease Lease, CancellationTokenSource Stop, Task Running);

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Information, "The server '{Server}' is kept up by this node")]
        public static partial void Taken(ILogger logger, string server);

        [LoggerMessage(5001, LogLevel.Information, "The server '{Server}' is no longer kept up by this node")]
        public static partial void LetGo(ILogger logger, string server);

        [LoggerMessage(5002, LogLevel.Warning, "The server '{Server}' is not kept up: {Reason}")]
        public static partial void NotKeptUp(ILogger logger, string server, string reason);

        [LoggerMessage(5003, LogLevel.Warning, "Which servers are to be kept up could not be read: {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);
    }
}

/// <summary>Notes how live jobs are doing.</summary>
internal sealed class LiveNotes(ServerCatalogue catalogue, string server, string node) : IProgress<LiveEvent>
{
    private readonly Lock _noting = new();
    private Task _last = Task.CompletedTask;

    public void Report(LiveEvent value)
    {
        switch (value)
        {
            case LiveJobConnected connected:
                Note(() => catalogue.NoteBeganAsync(server, NameOf(connected.Job), node, CancellationToken.None));
                break;
            case LiveRunEnded ended:
                Note(() => NoteAsync(
                    NameOf(ended.Job),
                    ended.Reports.Sum(static report => report.Count(ChangeOutcome.Applied)),
                    ended.Reports.Select(static report => report.Error).FirstOrDefault(static error => error is not null)));
                break;
            case LiveJobFailed failed:
                Note(() => NoteAsync(NameOf(failed.Job), 0, failed.Error));
                break;
        }
    }

    public async Task FailAllAsync(IEnumerable<FleetJob> jobs, PlexException error)
    {
        foreach (var job in jobs)
        {
            await NoteAsync(job.Name, 0, error).ConfigureAwait(false);
        }
    }

    private string NameOf(LiveJob job) => job.Name[(server.Length + 1)..];

    private Task NoteAsync(string job, int written, PlexException? error) =>
        catalogue.NoteEndedAsync(server, job, node, written, error, CancellationToken.None);

    /// <summary>One after the other, since the last one counts; what cannot be noted, the next run notes anew.</summary>
    private void Note(Func<Task> note)
    {
        lock (_noting)
        {
            _last = _last.ContinueWith(_ => note(), TaskScheduler.Default).Unwrap();
        }
    }
}
