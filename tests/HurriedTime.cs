namespace PlexSync.Tests;

/// <summary>
/// Skips waits but not timeouts: what is waited for between two reads is over at once, and yet no request of a slow machine is given up.
/// A FakeTimeProvider stands still while sockets are at work, so that neither waits nor timeouts would ever end.
/// </summary>
internal sealed class HurriedTime : TimeProvider
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        // A timeout is a token source's timer; a wait is a task's.
        base.CreateTimer(callback, state, state is CancellationTokenSource || dueTime < AtOnce ? dueTime : AtOnce, period);
}
