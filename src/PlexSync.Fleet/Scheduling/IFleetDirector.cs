using PlexSync.Fleet.Catalogue;

namespace PlexSync.Fleet.Scheduling;

/// <summary>What people may ask of the fleet. All nodes hear of it through the database.</summary>
internal interface IFleetDirector
{
    /// <summary>When a job runs next; null if that is not known, as for jobs that are paused or kept up live.</summary>
    Task<IReadOnlyDictionary<(string Server, string Job), DateTimeOffset>> GetNextRunsAsync(
        string? server, CancellationToken cancellationToken);

    /// <summary>Lets a job run as soon as there is room.</summary>
    Task RunSoonAsync(string server, string job, CancellationToken cancellationToken);

    /// <summary>Pauses or resumes a job, or all of a server.</summary>
    Task SetPausedAsync(string server, string? job, bool isPaused, CancellationToken cancellationToken);

    /// <summary>Asks for a plan of a job; gives the number of the order.</summary>
    Task<long> PlanAsync(string server, string job, CancellationToken cancellationToken);

    /// <summary>Asks for the way back from a run; gives the number of the order.</summary>
    Task<long> PlanUndoAsync(string server, string job, RunId run, CancellationToken cancellationToken);

    /// <summary>Agrees to the plans of an order. False if they are not there (any more) to be agreed to.</summary>
    Task<bool> ApplyAsync(long order, CancellationToken cancellationToken);

    /// <summary>Puts the plans of an order away. False if they are not there (any more).</summary>
    Task<bool> DiscardAsync(long order, CancellationToken cancellationToken);

    /// <summary>Adds a server or replaces it, and schedules its jobs.</summary>
    Task SaveAsync(FleetServer server, ServerSecrets secrets, CancellationToken cancellationToken);

    /// <summary>Removes a server. False if there is none.</summary>
    Task<bool> RemoveAsync(string server, CancellationToken cancellationToken);
}
