namespace PlexSync;

/// <summary>The servers of all jobs, each of them watched once.</summary>
/// <param name="live">What all jobs share.</param>
/// <param name="listen">Listens to a server.</param>
/// <param name="cancellationToken">Ends the watching.</param>
internal sealed class ServerWatches(
    LiveWork live, Func<PlexServer, CancellationToken, IAsyncEnumerable<ServerEvent>> listen, CancellationToken cancellationToken)
{
    private readonly Dictionary<MachineIdentifier, (ServerWatch Watch, Task Running)> _watches = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fails with what ended one of them: a mistake of ours, without which nothing ends them.</summary>
    public Task Failed => _failed.Task;

    public Task WhenAllEndAsync()
    {
        lock (_watches)
        {
            return Task.WhenAll(_watches.Values.Select(static one => one.Running));
        }
    }

    /// <summary>Whether nothing is to be done at any server before its time comes.</summary>
    public bool AreAsleep
    {
        get
        {
            lock (_watches)
            {
                return _watches.Values.All(static one => one.Watch.IsAsleep);
            }
        }
    }

    /// <summary>Tells the job from now on what changes for its users.</summary>
    /// <param name="keeper">The job.</param>
    /// <param name="users">Its users.</param>
    /// <returns>To be disposed of when the job is not to be told any more.</returns>
    public IDisposable Register(JobKeeper keeper, JobUsers users)
    {
        // What the targets of a one-way job view changes nothing for anybody.
        var watched = keeper.Job.Job.IsMutual ? users.All : [users.Source];
        // Of another server, only a whole run is read.
        var here = users.All.Where(user => user.MachineIdentifier == users.Source.MachineIdentifier).ToList();
        return WatchOf(users.Source.MachineIdentifier).Register(
            new WatchedJob(keeper, users, [.. here.Where(watched.Contains)], here));
    }

    /// <summary>A run of a job has written: what comes back as events is no news to it.</summary>
    public void NoteWritten(JobKeeper keeper, IReadOnlyList<SyncReport> reports)
    {
        foreach (var report in reports)
        {
            var written = report.Results
                .Where(static result => result.HasWritten)
                .Select(static result => result.Change.Item.RatingKey).ToList();
            if (written.Count > 0)
            {
                Find(report.Plan.Server.MachineIdentifier)?.NoteWritten(keeper, report.Plan.Target.Id, written);
            }
        }
    }

    /// <inheritdoc cref="ServerWatch.IsPlaying"/>
    public bool IsPlaying(PlexServer user, RatingKey item, bool isOpen) =>
        Find(user.MachineIdentifier)?.IsPlaying(user, item, isOpen) is true;

    private ServerWatch? Find(MachineIdentifier server)
    {
        lock (_watches)
        {
            return _watches.TryGetValue(server, out var known) ? known.Watch : null;
        }
    }

    private async Task RunAsync(ServerWatch watch)
    {
        try
        {
            await watch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _failed.TrySetException(e);
        }
        catch (OperationCanceledException)
        {
            // All of it is over.
        }
    }

    private ServerWatch WatchOf(MachineIdentifier server)
    {
        lock (_watches)
        {
            if (!_watches.TryGetValue(server, out var known))
            {
                var watch = new ServerWatch(live, listen);
                _watches.Add(server, known = (watch, RunAsync(watch)));
            }

            return known.Watch;
        }
    }
}

/// <summary>A job, as far as it has to do with one server.</summary>
/// <param name="Keeper">The job.</param>
/// <param name="Users">Its users, as they were connected.</param>
/// <param name="Watched">The server as those users whose views matter.</param>
/// <param name="All">The server as all users of the job.</param>
internal sealed record WatchedJob(
    JobKeeper Keeper, JobUsers Users, IReadOnlyList<PlexServer> Watched, IReadOnlyList<PlexServer> All);
