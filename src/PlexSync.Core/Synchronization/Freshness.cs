namespace PlexSync;

/// <summary>
/// The permission to rely on the states a plan was made from. The first execution uses it up, however the plan was copied: a plan executed
/// twice would otherwise mark everything watched a second time. A plan that comes from elsewhere has none.
/// </summary>
/// <param name="runs">How many runs the journal knew of when the states were read.</param>
internal sealed class Freshness(int runs)
{
    private int _used;

    /// <param name="journal">Where runs are recorded; null where none are.</param>
    /// <param name="target">Whose runs.</param>
    /// <param name="except">A run that does not count: one's own.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<int> CountRunsAsync(IJournal? journal, PlexServer target, RunId? except, CancellationToken cancellationToken) =>
        journal is null ? 0 : (await journal.ListAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false)).Count(run => run.Id != except);

    /// <summary>True the first time, unless another run has written since.</summary>
    public bool TryUse(int runsNow) => Interlocked.Exchange(ref _used, 1) == 0 && runsNow == runs;
}
