using System.Diagnostics;

namespace PlexSync.Simulator.Hosting;

/// <summary>
/// Waiting that is accurate at 2 ms. A timer counts whole milliseconds and may be up to one early or one late; so all but the last two are slept,
/// and the rest is passed by yielding until the stopwatch says so. That costs processor time: latencies are for benchmarks with few requests at a time.
/// </summary>
internal static class Latency
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    public static async Task WaitAsync(TimeSpan latency, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (latency > Slack) await Task.Delay(latency - Slack, cancellationToken);
        while (Stopwatch.GetElapsedTime(started) < latency)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
