using Quartz;

namespace PlexSync.FleetScale;

/// <summary>Measures how late runs begin, and how long they take.</summary>
internal sealed class RunWatch(TimeProvider time) : IJobListener
{
    private readonly Histogram _delays = new();
    private readonly Histogram _durations = new();
    private long _runs;
    private long _failed;
    private long _repeated;
    private int _now;
    private int _most;

    public string Name => nameof(RunWatch);

    public ValueTask JobToBeExecuted(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var now = Interlocked.Increment(ref _now);
        _most = Math.Max(_most, now);
        if (context.Recovering || context.RetryAttempt > 0)
        {
            Interlocked.Increment(ref _repeated);
        }
        else if (context.ScheduledFireTimeUtc is { } scheduled)
        {
            _delays.Add(time.GetUtcNow() - scheduled);
        }

        return default;
    }

    public ValueTask JobExecutionVetoed(IJobExecutionContext context, CancellationToken cancellationToken = default) => default;

    public ValueTask JobWasExecuted(
        IJobExecutionContext context, JobExecutionException? jobException, CancellationToken cancellationToken = default)
    {
        Interlocked.Decrement(ref _now);
        Interlocked.Increment(ref _runs);
        if (jobException is not null)
        {
            Interlocked.Increment(ref _failed);
        }

        _durations.Add(context.JobRunTime);
        return default;
    }

    public void Clear()
    {
        _delays.Clear();
        _durations.Clear();
        (_runs, _failed, _repeated, _most) = (0, 0, 0, _now);
    }

    public NodeReport ToReport() => new()
    {
        Delays = _delays.ToCounts(),
        Durations = _durations.ToCounts(),
        Runs = _runs,
        Failed = _failed,
        Repeated = _repeated,
        MostAtOnce = _most,
        Requests = [],
    };
}
