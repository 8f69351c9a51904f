namespace PlexSync;

/// <summary>
/// When the writes of a change can have taken effect, by the server's clock: a state with another date was set by the user.
/// </summary>
/// <param name="Announced">When each of them was about to be sent; empty where the server's clock was not known.</param>
/// <param name="Run">When the run took place; it counts where nothing else is known.</param>
internal readonly record struct WriteTimes(DateTimeOffset[] Announced, RunSpan? Run)
{
    /// <summary>
    /// How long a server may take to do what it was sent; 20 to 30 s were seen (plex-facts §9). A write that has taken no effect by then
    /// never will.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    /// <summary>The dates of answers and of views are whole seconds.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    public bool Contain(DateTimeOffset date) => Announced.Length == 0
        ? Run is { } run && IsWithin(date, run.From, run.To)
        : Array.Exists(Announced, at => IsWithin(date, at, at + Settling));

    private static bool IsWithin(DateTimeOffset date, DateTimeOffset from, DateTimeOffset to) =>
        date >= from - Tolerance && (to > DateTimeOffset.MaxValue - Tolerance || date <= to + Tolerance);
}

/// <summary>When a run took place.</summary>
internal readonly record struct RunSpan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>The same span by another clock, which is ahead by <paramref name="lead"/>.</summary>
    public RunSpan Shift(TimeSpan? lead) => lead is { } by ? new(From + by, To + by) : this;
}
