namespace PlexSync;

/// <summary>
/// The permission to rely on the states a plan was made from. The first execution uses it up, however the plan was copied: a plan executed
/// twice would otherwise mark everything watched a second time. A plan that comes from elsewhere has none.
/// </summary>
internal sealed class Freshness
{
    private readonly HashSet<string> _runs;
    private int _used;

    private Freshness(HashSet<string> runs) => _runs = runs;

    /// <summary>To be called before the states are read: a run that begins or ends later ends the permission.</summary>
    public static async Task<Freshness> StartAsync(IJournal? journal, PlexServer target, CancellationToken cancellationToken) =>
        new(await ReadRunsAsync(journal, target, own: null, cancellationToken).ConfigureAwait(false));

    /// <summary>True the first time, unless another run has written since.</summary>
    public async Task<bool> TryUseAsync(IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _used, 1) == 0 && _runs.SetEquals(await ReadRunsAsync(journal, target, own, cancellationToken).ConfigureAwait(false));

    private static async Task<HashSet<string>> ReadRunsAsync(IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        journal is null ? [] : (await journal.ListAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false))
            .Where(run => run.Id != own)
            .Select(static run => $"{run.Id} {run.IsFinished}")
            .ToHashSet();
}
