using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>
/// Keeps users in step while they watch: within seconds of the end of a playback, the others have its state. It runs until it is cancelled.
/// </summary>
/// <remarks>
/// Events of the server are hints to look, never facts: what changed, reading the items tells, and every change goes through a plan of a
/// <see cref="WatchStateSynchronizer"/>, with its proofs, its journal and its limits. Nothing is taken away because of an event; that waits
/// for a run that reads everything, as each job has at its start and every <see cref="LiveOptions.Every"/>. What one of the users is
/// playing is left alone until the playback pauses or ends. One instance may be run once at a time.
/// </remarks>
/// <example>
/// <code>
/// var connector = new JobConnector(plex, _ =&gt; Task.FromResult&lt;string?&gt;(token));
/// var sofa = new SyncJob { Name = "sofa", Users = ["Owner", "Kid"] };
/// LiveJob[] jobs = [new(sofa, cancellationToken =&gt; connector.ConnectAsync(sofa, cancellationToken))];
/// await new LiveSynchronizer(new FileStore(folder)).RunAsync(jobs, cancellationToken: stopping);
/// </code>
/// </example>
public sealed class LiveSynchronizer
{
    private readonly ISyncStore _store;
    private readonly LiveOptions _options;
    private readonly TimeProvider _time;
    private readonly WatchStateSynchronizer _synchronizer;

    /// <summary>A synchronizer that keeps users in step.</summary>
    /// <param name="store">Keeps what outlives a run; in it, each job is held by one process at a time.</param>
    /// <param name="options">How closely what is watched is followed; the defaults if null.</param>
    /// <param name="logger">Receives decisions and what could not be done; none if null.</param>
    /// <param name="timeProvider">The clock; the system's if null.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.InvalidOption"/>.</exception>
    public LiveSynchronizer(
        ISyncStore store, LiveOptions? options = null, ILogger<WatchStateSynchronizer>? logger = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_store, _options, _time) = (store, options ?? new LiveOptions(), timeProvider ?? TimeProvider.System);
        _options.RequireSense();
        _synchronizer = new WatchStateSynchronizer(store, logger);
    }

    /// <summary>How a server is listened to.</summary>
    internal Func<PlexServer, CancellationToken, IAsyncEnumerable<ServerEvent>> Listen { get; init; } =
        static (server, cancellationToken) => server.ListenForAllAsync(cancellationToken);

    /// <summary>Whether nothing is to be done before its time comes or an event does.</summary>
    internal Func<bool>? IsAsleep { get; private set; }

    /// <summary>Keeps the jobs up until it is cancelled. A job that fails is told and tried again, while the others go on.</summary>
    /// <param name="jobs">The jobs, one at least, with different names.</param>
    /// <param name="progress">Told what happens, from several threads.</param>
    /// <param name="cancellationToken">
    /// Ends it: no write is begun any more, those under way are waited for, a few seconds at most. What is left, the next start does.
    /// </param>
    /// <exception cref="PlexException">
    /// A job makes no sense (<see cref="SyncJob.Validate"/>); two would undo each other's work (<see cref="PlexErrorKind.JobsInLoop"/>);
    /// another process has one of them (<see cref="PlexErrorKind.JobInProgress"/>); or none of them can begin
    /// (<see cref="LiveOptions.RequiresStart"/>). Nothing was written.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(
        IReadOnlyList<LiveJob> jobs, IProgress<LiveEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (jobs.Count == 0 || jobs.Any(static job => job.Name.Length == 0)
            || jobs.DistinctBy(static job => job.Name, StringComparer.OrdinalIgnoreCase).Count() < jobs.Count)
        {
            throw new ArgumentException("It takes at least one job, each with a name of its own.", nameof(jobs));
        }

        foreach (var job in jobs)
        {
            job.Job.Validate(_time);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var live = new LiveWork(_synchronizer, _store, _options, _time, happened => progress?.Report(happened));
        var servers = new ServerWatches(live, Listen, stop.Token);
        var keepers = new List<JobKeeper>();
        try
        {
            foreach (var job in jobs)
            {
                var lease = await _store.WatchAsync(job.Name, cancellationToken).ConfigureAwait(false);
                keepers.Add(new JobKeeper(job, lease, live, servers));
            }

            // Before anything is written: two jobs in a loop are a mistake, not something that passes.
            await Task.WhenAll(keepers.ConvertAll(keeper => keeper.PrepareAsync(cancellationToken))).ConfigureAwait(false);
            foreach (var keeper in keepers)
            {
                await keeper.RequireNoLoopAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_options.RequiresStart && keepers.TrueForAll(static keeper =>
                keeper.Unprepared is { Category: PlexErrorCategory.Usage or PlexErrorCategory.Account }))
            {
                throw keepers[0].Unprepared!;
            }

            IsAsleep = () => keepers.TrueForAll(static keeper => keeper.IsAsleep) && servers.AreAsleep;
            var running = keepers.ConvertAll(keeper => keeper.RunAsync(stop.Token));
            var first = await Task.WhenAny([.. running, servers.Failed]).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await first.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await servers.WhenAllEndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var keeper in keepers)
            {
                await keeper.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
