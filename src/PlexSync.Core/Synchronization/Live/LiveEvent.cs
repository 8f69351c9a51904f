namespace PlexSync;

/// <summary>What a <see cref="LiveSynchronizer"/> tells.</summary>
public abstract record LiveEvent
{
    private protected LiveEvent()
    {
    }
}

/// <summary>The users of a job are connected; this comes before each run that reads everything.</summary>
/// <param name="Job">The job.</param>
/// <param name="Users">Its users.</param>
public sealed record LiveJobConnected(LiveJob Job, JobUsers Users) : LiveEvent;

/// <summary>A run of a job is over.</summary>
/// <param name="Job">The job.</param>
/// <param name="Reports">One report for each target that was reached.</param>
public sealed record LiveRunEnded(LiveJob Job, IReadOnlyList<SyncReport> Reports) : LiveEvent
{
    /// <summary>Whether everything was read.</summary>
    public bool IsWhole => Reports.Any(static report => report.Plan.Reading is ReadingScope.Whole);

    /// <summary>The job, and what became of its changes.</summary>
    public override string ToString() =>
        $"{nameof(LiveRunEnded)}: {Job.Name}, {Reports.Sum(static report => report.Count(ChangeOutcome.Applied))} changes written";
}

/// <summary>More was to be written at once than <see cref="LiveOptions.Burst"/> allows: one run does it a little later.</summary>
/// <param name="Job">The job.</param>
/// <param name="Changes">How many changes it were.</param>
/// <param name="RunIn">After how long that run begins.</param>
public sealed record LiveBurst(LiveJob Job, int Changes, TimeSpan RunIn) : LiveEvent;

/// <summary>A job could not be run. It is tried again; other jobs go on.</summary>
/// <param name="Job">The job.</param>
/// <param name="Error">Why.</param>
/// <param name="RetryIn">After how long it is tried again.</param>
public sealed record LiveJobFailed(LiveJob Job, PlexException Error, TimeSpan RetryIn) : LiveEvent
{
    /// <summary>What went wrong, without the stack.</summary>
    public override string ToString() => $"{nameof(LiveJobFailed)}: {Job.Name}, {Error.Kind}, again in {RetryIn}";
}

/// <summary>A job that had failed was run to its end.</summary>
/// <param name="Job">The job.</param>
/// <param name="Failures">How often it had failed in a row.</param>
public sealed record LiveJobRecovered(LiveJob Job, int Failures) : LiveEvent;

/// <summary>Whether a server tells what is played. While it does not, it is asked more often.</summary>
/// <param name="Server">The server.</param>
/// <param name="Error">Why it does not; null if it does.</param>
public sealed record LiveStreamChanged(ServerReference Server, PlexException? Error) : LiveEvent
{
    /// <summary>Whether it does.</summary>
    public bool IsOpen => Error is null;

    /// <summary>The server, and whether it tells, without the stack.</summary>
    public override string ToString() => $"{nameof(LiveStreamChanged)}: {Server.Name}, {(Error is null ? "open" : $"{Error.Kind}")}";
}
