namespace PlexSync.Hosting;

/// <summary>How each job fares.</summary>
/// <param name="time">The clock.</param>
internal sealed class JobStates(TimeProvider time)
{
    private readonly Dictionary<string, State> _jobs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The jobs are going to be kept up.</summary>
    public void Begin(IEnumerable<string> jobs)
    {
        lock (_jobs)
        {
            foreach (var job in jobs)
            {
                _jobs.TryAdd(job, new State());
            }
        }
    }

    /// <summary>A run of the job came to its end.</summary>
    public void Succeed(string job) => Change(job, static state => state with { HasRun = true, FailedAt = null, Error = null });

    /// <summary>The job failed.</summary>
    public void Fail(string job, PlexException error)
    {
        var now = time.GetTimestamp();
        Change(job, state => state with { FailedAt = state.FailedAt ?? now, Error = error });
    }

    /// <summary>How they fare now.</summary>
    public IReadOnlyList<JobState> Read()
    {
        lock (_jobs)
        {
            return
            [
                .. _jobs.Select(job => new JobState(
                    job.Key, job.Value.HasRun, job.Value.FailedAt is { } at ? time.GetElapsedTime(at) : null, job.Value.Error)),
            ];
        }
    }

    private void Change(string job, Func<State, State> change)
    {
        lock (_jobs)
        {
            _jobs[job] = change(_jobs.GetValueOrDefault(job) ?? new State());
        }
    }

    private sealed record State(bool HasRun = false, long? FailedAt = null, PlexException? Error = null);
}

/// <summary>How a job fares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasRun">A run of it has come to its end.</param>
/// <param name="FailingFor">How long it has been failing; null if it is not.</param>
/// <param name="Error">Why it failed last; null if it is not failing.</param>
internal sealed record JobState(string Name, bool HasRun, TimeSpan? FailingFor, PlexException? Error);
