using System.Collections.Concurrent;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>Notes what is asked of it, and does to the database what comes of that at once; nothing is ever planned or run.</summary>
internal sealed class FakeDirector(ServerCatalogue catalogue, Orders orders) : IFleetDirector
{
    private readonly ConcurrentQueue<string> _calls = [];

    /// <summary>What was asked that is more than a look.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>How often it was asked anything at all.</summary>
    public int Asked { get; private set; }

    public DateTimeOffset NextRun { get; set; } = TimeProvider.System.GetUtcNow().AddMinutes(7);

    /// <summary>Thrown in place of doing something.</summary>
    public PlexException? Failure { get; set; }

    public async Task<IReadOnlyDictionary<(string Server, string Job), DateTimeOffset>> GetNextRunsAsync(
        string? server, CancellationToken cancellationToken)
    {
        Asked++;
        return (await catalogue.ListAsync(cancellationToken)).SelectMany(static one => one.Jobs)
            .Where(job => !job.IsPaused && (server is null || job.Server == server))
            .ToDictionary(static job => (job.Server, job.Name), _ => NextRun);
    }

    public Task RunSoonAsync(string server, string job, CancellationToken cancellationToken)
    {
        Note($"run {server} {job}");
        return Task.CompletedTask;
    }

    public Task SetPausedAsync(string server, string? job, bool isPaused, CancellationToken cancellationToken)
    {
        Note($"{(isPaused ? "pause" : "resume")} {server} {job}");
        return catalogue.SetPausedAsync(server, job, isPaused, cancellationToken);
    }

    public Task<long> PlanAsync(string server, string job, CancellationToken cancellationToken)
    {
        Note($"plan {server} {job}");
        return orders.AddAsync(server, job, undoes: null, cancellationToken);
    }

    public Task<long> PlanUndoAsync(string server, string job, RunId run, CancellationToken cancellationToken)
    {
        Note($"undo {server} {job} {run}");
        return orders.AddAsync(server, job, run, cancellationToken);
    }

    public Task<bool> ApplyAsync(long order, CancellationToken cancellationToken)
    {
        Note($"apply {order}");
        return orders.TryMoveAsync(order, OrderState.Planned, OrderState.Applying, cancellationToken);
    }

    public Task<bool> DiscardAsync(long order, CancellationToken cancellationToken)
    {
        Note($"discard {order}");
        return orders.TryMoveAsync(order, OrderState.Planned, OrderState.Discarded, cancellationToken);
    }

    public Task SaveAsync(FleetServer server, ServerSecrets secrets, CancellationToken cancellationToken)
    {
        Note($"save {server.Name}");
        return catalogue.SaveAsync(server, secrets, cancellationToken);
    }

    public Task<bool> RemoveAsync(string server, CancellationToken cancellationToken)
    {
        Note($"remove {server}");
        return catalogue.RemoveAsync(server, cancellationToken);
    }

    private void Note(string call)
    {
        Asked++;
        _calls.Enqueue(call);
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
