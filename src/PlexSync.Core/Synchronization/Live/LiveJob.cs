namespace PlexSync;

/// <summary>A job to be kept up, and how to connect to its users.</summary>
/// <param name="job">The job. Jobs that are kept up together have different names.</param>
/// <param name="connect">
/// Finds the users that the job names and connects as each of them, identities proved: called before each run that reads everything, and
/// after a token was refused.
/// </param>
public sealed class LiveJob(SyncJob job, Func<CancellationToken, Task<JobUsers>> connect)
{
    /// <summary>The job.</summary>
    public SyncJob Job { get; } = job ?? throw new ArgumentNullException(nameof(job));

    /// <summary>Its name.</summary>
    public string Name => Job.Name ?? "";

    /// <summary>The job.</summary>
    public override string ToString() => Job.ToString();

    internal Func<CancellationToken, Task<JobUsers>> Connect { get; } = connect ?? throw new ArgumentNullException(nameof(connect));
}

/// <summary>The users of a job, connected.</summary>
/// <param name="Source">The server as whose state is copied; of a merge, as the first user.</param>
/// <param name="Targets">The server, or others, as whom it is copied to; of a merge, as the other users.</param>
public sealed record JobUsers(PlexServer Source, IReadOnlyList<PlexServer> Targets)
{
    /// <summary>Why those who are left out cannot be served (<see cref="PlexException.IsOfOneUser"/>); empty by default.</summary>
    public IReadOnlyList<PlexException> LeftOut { get; init; } = [];

    /// <summary>The source, then the targets: as whom the plans of the job are carried out.</summary>
    public IReadOnlyList<PlexServer> All => [Source, .. Targets];

    /// <summary>The source, and how many targets.</summary>
    public override string ToString() => $"{Source} → {Targets.Count} users, {LeftOut.Count} left out";
}
