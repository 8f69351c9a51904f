namespace PlexSync;

/// <summary>Asks for things at the same time that do not depend on each other.</summary>
internal static class Together
{
    /// <summary>Two answers. A failure of the first one is told before that of the second, which is then given up.</summary>
    public static async Task<(TFirst First, TSecond Second)> RunAsync<TFirst, TSecond>(
        Func<CancellationToken, Task<TFirst>> askFirst,
        Func<CancellationToken, Task<TSecond>> askSecond,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (first, second) = (askFirst(stop.Token), askSecond(stop.Token));
        try
        {
            return (await first.ConfigureAwait(false), await second.ConfigureAwait(false));
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(first, second)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
