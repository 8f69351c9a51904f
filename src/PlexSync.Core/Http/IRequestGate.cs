namespace PlexSync;

/// <summary>Bounds what is under way at one server.</summary>
internal interface IRequestGate
{
    /// <summary>Waits until an attempt may be sent.</summary>
    Task EnterAsync(CancellationToken cancellationToken);

    /// <summary>Says how an attempt that was sent has ended, and how long it took.</summary>
    void Note(TimeSpan elapsed, Exception? failure);

    /// <summary>Makes room for the next attempt; to be called once for every <see cref="EnterAsync"/> that has ended well.</summary>
    void Leave();
}

/// <summary>The same bound throughout.</summary>
internal sealed class ReadGate(int limit) : SemaphoreSlim(limit), IRequestGate
{
    public Task EnterAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    public void Note(TimeSpan elapsed, Exception? failure)
    {
    }

    public void Leave() => Release();
}
