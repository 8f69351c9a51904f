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
