using System.Diagnostics;

namespace PlexSync.Fleet.Tests;

/// <summary>Waits for what other processes do.</summary>
internal static class Eventually
{
    public static Task IsTrueAsync(Func<bool> isTrue, TimeSpan longest, Func<string> otherwise) =>
        IsTrueAsync(() => Task.FromResult(isTrue()), longest, otherwise);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> IsTrueAsync(Func<Task<bool>> isTrue, TimeSpan longest, Func<string> otherwise)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isTrue())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < longest, otherwise());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return Stopwatch.GetElapsedTime(began);
    }
}
