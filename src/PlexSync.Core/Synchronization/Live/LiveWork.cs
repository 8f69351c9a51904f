using System.Collections.Concurrent;

namespace PlexSync;

/// <summary>What the jobs that are kept up together share.</summary>
/// <param name="synchronizer">Plans and writes.</param>
/// <param name="store">Knows what was read last.</param>
/// <param name="options">How closely what is watched is followed.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Told what happens.</param>
internal sealed class LiveWork(
    WatchStateSynchronizer synchronizer, ISyncStore store, LiveOptions options, TimeProvider time, Action<LiveEvent> tell)
{
    private readonly long _started = time.GetTimestamp();
    private readonly ConcurrentDictionary<MachineIdentifier, SemaphoreSlim> _gates = [];
    private readonly Dictionary<LiveJob, (SyncRoute Route, JobUsers Users)> _routes = [];

    public WatchStateSynchronizer Synchronizer => synchronizer;

    public ISyncStore Store => store;

    public LiveOptions Options => options;

    public TimeProvider Time => time;

    public BurstLimit Bursts { get; } = new(options.Burst);

    /// <summary>How long this has been going on, by a clock that only goes forward.</summary>
    public TimeSpan Now => time.GetElapsedTime(_started);

    public void Tell(LiveEvent happened) => tell(happened);

    /// <summary>
    /// Waits until nothing else is done on these servers: no target has two plans at a time, and nobody looks at what was viewed last while
    /// a run changes it.
    /// </summary>
    public async Task<IDisposable> EnterAsync(IEnumerable<MachineIdentifier> servers, CancellationToken cancellationToken)
    {
        var entered = new Entrance();
        try
        {
            // Always in the same order, so that two of them never wait for each other.
            foreach (var server in servers.Distinct().OrderBy(static server => $"{server}", StringComparer.Ordinal))
            {
                var gate = _gates.GetOrAdd(server, static _ => new SemaphoreSlim(1));
                await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
                entered.Gates.Add(gate);
            }

            return entered;
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a job that another one would undo the work of.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JobsInLoop"/>, or the libraries could not be read.</exception>
    public async Task RequireNoLoopAsync(LiveJob job, JobUsers users, CancellationToken cancellationToken)
    {
        var route = await SyncRoute.ReadAsync(job.Job, users, cancellationToken).ConfigureAwait(false);
        lock (_routes)
        {
            _routes.Remove(job);
            if (!options.AllowLoops && SyncRoute.FindLoop([.. _routes.Values.Select(static known => known.Route), route]) is { } loop)
            {
                var title = _routes.Values.SelectMany(static known => known.Users.All).Concat(users.All)
                    .First(user => user.ServerUser == loop.User).User.Title;
                throw new PlexException(
                    PlexErrorKind.JobsInLoop,
                    $"The jobs '{loop.One.Job.Name}' and '{loop.Other.Job.Name}' would undo each other's work on '{title}'.")
                {
                    Subject = title,
                    Candidates = [loop.One.Job.Name ?? "", loop.Other.Job.Name ?? ""],
                };
            }

            _routes.Add(job, (route, users));
        }
    }

    private sealed class Entrance : IDisposable
    {
        public List<SemaphoreSlim> Gates { get; } = [];

        public void Dispose() => Gates.ForEach(static gate => gate.Release());
    }
}
