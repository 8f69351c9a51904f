namespace PlexSync;

/// <summary>An answer that was asked for before it is needed. It counts for a minute, a failure too.</summary>
internal sealed class EarlyAnswer<T>
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly long _asked;

    public EarlyAnswer(TimeProvider time, Task<T> answer)
    {
        (_time, _asked, Answer) = (time, time.GetTimestamp(), answer);
        // Nobody may ever ask for it.
        _ = answer.ContinueWith(
            static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public Task<T> Answer { get; }

    public bool IsFresh => _time.GetElapsedTime(_asked) <= Lifetime;

    /// <summary>The answer; what <paramref name="ask"/> brings where it is too old, or was given up before it came.</summary>
    public async Task<T> GetAsync(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        if (!IsFresh)
        {
            return await ask().ConfigureAwait(false);
        }

        try
        {
            return await Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Answer.IsCanceled && !cancellationToken.IsCancellationRequested)
        {
            return await ask().ConfigureAwait(false);
        }
    }
}
