namespace PlexSync.Cli.Output;

internal enum JobState
{
    /// <summary>No run has ended yet.</summary>
    Starting,

    /// <summary>The last run did what it should.</summary>
    Up,

    /// <summary>The last try failed; there will be another.</summary>
    Failing,
}

/// <summary>How the jobs and servers are doing that are watched, as the events tell.</summary>
/// <param name="jobs">The names of the jobs.</param>
/// <param name="texts">The language of what went wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class LiveStatus(IEnumerable<string> jobs, Texts texts, TimeProvider time)
{
    private readonly Dictionary<MachineIdentifier, ServerStatus> _servers = [];

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public IReadOnlyList<JobStatus> Jobs { get; } = [.. jobs.Select(name => new JobStatus(name, time.GetUtcNow()))];

    public IReadOnlyCollection<ServerStatus> Servers => _servers.Values;

    public JobStatus Of(LiveJob job) => Jobs.First(known => known.Name == job.Name);

    public ServerStatus Of(MachineIdentifier server) => _servers[server];

    /// <summary>Takes in what has happened; true if a job has come up for the first time.</summary>
    public bool Apply(LiveEvent happened)
    {
        switch (happened)
        {
            case LiveJobConnected connected:
                var source = connected.Users.Source;
                _servers.TryAdd(source.MachineIdentifier, new ServerStatus(source.MachineIdentifier, source.Name));
                Of(connected.Job).Users = Phrases.Users(connected, texts);
                return false;
            case LiveRunEnded run:
                return Of(run.Job).End(run, time.GetUtcNow());
            case LiveJobFailed failed:
                Of(failed.Job).Fail(FailureOf(failed.Error), time.GetUtcNow(), failed.RetryIn);
                return false;
            case LiveJobRecovered recovered:
                Of(recovered.Job).Recover(time.GetUtcNow());
                return false;
            case LiveStreamChanged stream:
                _servers.TryAdd(stream.Server.MachineIdentifier, new ServerStatus(stream.Server.MachineIdentifier, stream.Server.Name));
                Of(stream.Server.MachineIdentifier).SendsEvents = stream.IsOpen;
                return false;
            default:
                return false;
        }
    }

    /// <summary>What is wrong with a file or a setting here comes wrapped: it arose while a job connected.</summary>
    private Failure FailureOf(PlexException error) => Failure.Of(
        error is { Kind: PlexErrorKind.Unknown, InnerException: { } cause } && cause is CliException or NotPrivateException ? cause : error,
        texts);
}

/// <summary>How a job is doing.</summary>
internal sealed class JobStatus(string name, DateTimeOffset now)
{
    public string Name => name;

    /// <summary>Who gets whose state, and where; null before the users were found.</summary>
    public string? Users { get; set; }

    /// <summary>Those of its users who cannot be served.</summary>
    public IReadOnlyList<LeftOutMember> LeftOut { get; set; } = [];

    public JobState State { get; private set; } = JobState.Starting;

    /// <summary>Since when it is in that state.</summary>
    public DateTimeOffset Since { get; private set; } = now;

    public DateTimeOffset? LastRun { get; private set; }

    public DateTimeOffset? LastWholeRun { get; private set; }

    /// <summary>How many changes were made since the start.</summary>
    public long Changes { get; private set; }

    /// <summary>Why it fails; null where it does not.</summary>
    public Failure? Failure { get; private set; }

    public DateTimeOffset? RetryAt { get; private set; }

    public bool End(LiveRunEnded run, DateTimeOffset now)
    {
        Changes += run.Reports.Sum(static report => report.Count(ChangeOutcome.Applied));
        LastRun = now;
        LastWholeRun = run.IsWhole ? now : LastWholeRun;
        var isFirst = State is JobState.Starting && run.Reports.All(static report => report.Error is null);
        if (isFirst)
        {
            Enter(JobState.Up, now);
        }

        return isFirst;
    }

    public void Fail(Failure failure, DateTimeOffset now, TimeSpan retryIn)
    {
        (Failure, RetryAt) = (failure, now + retryIn);
        Enter(JobState.Failing, now);
    }

    public void Recover(DateTimeOffset now)
    {
        (Failure, RetryAt) = (null, null);
        Enter(JobState.Up, now);
    }

    private void Enter(JobState state, DateTimeOffset now) => (State, Since) = (state, state == State ? Since : now);
}

/// <summary>How a server is doing.</summary>
internal sealed class ServerStatus(MachineIdentifier machine, string name)
{
    public MachineIdentifier MachineIdentifier => machine;

    public string Name => name;

    /// <summary>It tells what is played; where it does not, it is asked more often.</summary>
    public bool SendsEvents { get; set; }
}
