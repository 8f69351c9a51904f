namespace PlexSync.Tests;

/// <summary>
/// A clock that goes twenty times as fast, so that what takes minutes is seen in seconds, in the right order. Timeouts take their time as
/// ever: no request of a slow machine is given up.
/// </summary>
internal sealed class RacingTime : TimeProvider
{
    private const int Factor = 20;

    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startStamp = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _start + ((base.GetUtcNow() - _start) * Factor);

    public override long GetTimestamp() => _startStamp + ((base.GetTimestamp() - _startStamp) * Factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A timeout is a token source's timer; a wait is a task's.
        return state is CancellationTokenSource ? base.CreateTimer(callback, state, dueTime, period)
            : new Racing(base.CreateTimer(callback, state, Shorten(dueTime), Shorten(period)));
    }

    private static TimeSpan Shorten(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Factor;

    private sealed class Racing(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Shorten(dueTime), Shorten(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
