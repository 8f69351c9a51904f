namespace PlexSync;

/// <summary>
/// The permission to rely on the states a plan was made from. The first execution uses it up, however the plan was copied: a plan executed
/// twice would otherwise mark everything watched a second time. A plan that comes from elsewhere has none.
/// </summary>
internal sealed class Freshness
{
    private int _used;

    /// <summary>True the first time.</summary>
    public bool TryUse() => Interlocked.Exchange(ref _used, 1) == 0;
}
