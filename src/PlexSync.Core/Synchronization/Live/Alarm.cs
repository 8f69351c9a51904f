namespace PlexSync;

/// <summary>Lets one task sleep until a time, or until somebody wakes it.</summary>
/// <param name="time">The clock.</param>
internal sealed class Alarm(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _sleeper;
    private bool _isSet;

    /// <summary>Nothing is to be done before it goes off, or is set.</summary>
    public bool IsAsleep
    {
        get
        {
            lock (_lock)
            {
                return _sleeper is { Task.IsCompleted: false };
            }
        }
    }

    /// <summary>Wakes the task, or keeps it from falling asleep.</summary>
    public void Set()
    {
        lock (_lock)
        {
            _isSet = true;
            _sleeper?.TrySetResult();
        }
    }

    /// <summary>Sleeps.</summary>
    /// <param name="longest">How long at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        TaskCompletionSource sleeper;
        ITimer timer;
        lock (_lock)
        {
            if (_isSet || longest <= TimeSpan.Zero)
            {
                _isSet = false;
                cancellationToken.ThrowIfCancellationRequested();
                return;
            }

            timer = time.CreateTimer(static alarm => ((Alarm)alarm!).Ring(), this, longest, Timeout.InfiniteTimeSpan);
            _sleeper = sleeper = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        using (timer)
        using (cancellationToken.Register(() => sleeper.TrySetCanceled(cancellationToken)))
        {
            await sleeper.Task.ConfigureAwait(false);
        }

        lock (_lock)
        {
            _isSet = false;
        }
    }

    private void Ring()
    {
        lock (_lock)
        {
            _sleeper?.TrySetResult();
        }
    }
}
