namespace PlexSync;

/// <summary>
/// The permission to rely on the states a plan was made from. The first execution uses it up, however the plan was copied: a plan executed
/// twice would otherwise mark everything watched a second time. A plan that comes from elsewhere has none.
/// </summary>
internal sealed class Freshness
{
    private readonly int _runs;
    private int _used;

    private Freshness(int runs) => _runs = runs;

    /// <summary>To be called before the states are read: a run that begins later ends the permission.</summary>
    public static async Task<Freshness> StartAsync(IJournal? journal, PlexServer target, CancellationToken cancellationToken) =>
        new(await CountRunsAsync(journal, target, own: null, cancellationToken).ConfigureAwait(false));

    /// <summary>True the first time, unless another run has written since.</summary>
    public async Task<bool> TryUseAsync(IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _used, 1) == 0 && await CountRunsAsync(journal, target, own, cancellationToken).ConfigureAwait(false) == _runs;

    private static async Task<int> CountRunsAsync(IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        journal is null ? 0 : (await journal.ListAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false)).Count(run => run.Id != own);
}
