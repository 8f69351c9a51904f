namespace PlexSync.Tests;

/// <summary>
/// A clock that leaps over waits: whoever waits is there at once, and so is the clock. Timeouts take their time as ever. Given to a
/// simulated world too, what is due there after a while has happened when the next request comes. A FakeTimeProvider would have to be
/// advanced by somebody who knows when the library waits, and its timeouts would not run in real time.
/// </summary>
internal sealed class LeapingTime : TimeProvider
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

    private long _leaped;

    /// <summary>How much was leaped over so far.</summary>
    public TimeSpan Leaped => TimeSpan.FromTicks(Interlocked.Read(ref _leaped));

    public void Leap(TimeSpan time) => Interlocked.Add(ref _leaped, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leaped;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Leaped.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A timeout is a token source's timer; a wait is a task's.
        if (state is CancellationTokenSource || dueTime < AtOnce)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        Leap(dueTime);
        return base.CreateTimer(callback, state, AtOnce, period);
    }
}
