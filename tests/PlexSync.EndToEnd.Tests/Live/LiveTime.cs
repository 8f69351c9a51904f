using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>
/// A clock for live runs. Sleep ends when a test says so; other waits are leapt over, and timeouts take their time, as in
/// <see cref="LeapingTime"/>. Otherwise it stands still, so that a case is the same each time.
/// </summary>
internal sealed class LiveTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Sleep> _sleeps = [];
    private long _ticks = new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero).UtcTicks;

    public DateTimeOffset Now => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>When the next sleep ends; null if nobody sleeps.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
            {
                return _sleeps.Count == 0 ? null : _sleeps.Min(static sleep => sleep.Ends);
            }
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (state is Alarm)
        {
            var sleep = new Sleep(this, callback, state, Now + dueTime);
            lock (_lock)
            {
                _sleeps.Add(sleep);
            }

            return sleep;
        }

        // A timeout is a token source's timer; a wait is a task's.
        if (state is CancellationTokenSource || dueTime == Timeout.InfiniteTimeSpan || period != Timeout.InfiniteTimeSpan)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        Interlocked.Add(ref _ticks, Math.Max(0, dueTime.Ticks));
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>Moves on to a time, never back, and ends the sleeps that end by then.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        List<Sleep> over;
        lock (_lock)
        {
            _ticks = Math.Max(_ticks, time.UtcTicks);
            over = _sleeps.FindAll(sleep => sleep.Ends <= Now);
            over.ForEach(sleep => _sleeps.Remove(sleep));
        }

        over.ForEach(static sleep => sleep.End());
    }

    private sealed class Sleep(LiveTime time, TimerCallback callback, object? state, DateTimeOffset ends) : ITimer
    {
        public DateTimeOffset Ends => ends;

        public void End() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (time._lock)
            {
                time._sleeps.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
