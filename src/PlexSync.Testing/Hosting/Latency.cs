using System.Diagnostics;

namespace PlexSync.Testing.Hosting;

/// <summary>
/// Waiting that is right at 2 ms. Timers run on a coarse clock (4 ms steps were measured on Linux: Task.Delay(1) took 4), while a blocked
/// thread wakes within a tenth of a millisecond. So the end of each wait blocks a pool thread, which unlike spinning leaves the processor
/// to the client under test.
/// </summary>
internal static class Latency
{
    private static readonly TimeSpan Tail = TimeSpan.FromMilliseconds(20);

    static Latency()
    {
        // As many waits at a time without the pool's hesitation to add threads.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 32), ports);
    }

    public static async Task WaitAsync(TimeSpan latency, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (latency > 2 * Tail) await Task.Delay(latency - Tail, cancellationToken);
        await Task.Run(Block, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();

        void Block()
        {
            var rest = latency - Stopwatch.GetElapsedTime(started);
            if (rest > TimeSpan.Zero) cancellationToken.WaitHandle.WaitOne((int)Math.Round(rest.TotalMilliseconds));
            // Rounding leaves less than half a millisecond.
            while (Stopwatch.GetElapsedTime(started) < latency && !cancellationToken.IsCancellationRequested) Thread.SpinWait(50);
        }
    }
}
