namespace PlexSync;

/// <summary>
/// The permission to rely on the states a plan was made from. The first execution uses it up, however the plan was copied: a plan executed
/// twice would otherwise mark everything watched a second time. A plan that comes from elsewhere has none.
/// </summary>
internal sealed class Freshness
{
    /// <summary>How the name of a run ends that has not finished.</summary>
    public const string Unfinished = " False";

    private readonly HashSet<string> _runs;
    private int _used;

    private Freshness(HashSet<string> runs) => _runs = runs;

    /// <summary>To be called before the states are read: a run that begins or ends later ends the permission.</summary>
    public static async Task<Freshness> StartAsync(IJournal? journal, PlexServer target, CancellationToken cancellationToken) =>
        new(await ReadRunsAsync(journal, target, own: null, cancellationToken).ConfigureAwait(false));

    /// <summary>True the first time, unless another run has written since.</summary>
    public async Task<bool> TryUseAsync(IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _used, 1) == 0
            && _runs.SetEquals(await ReadRunsAsync(journal, target, own, cancellationToken).ConfigureAwait(false));

    private static async Task<HashSet<string>> ReadRunsAsync(
        IJournal? journal, PlexServer target, RunId? own, CancellationToken cancellationToken) =>
        journal is null ? []
        // A run that is going on is only read whole by those who want to know what it has done.
        : journal is IRunIndex index ? index.ListNames(target.MachineIdentifier, target.User.Id, own)
        : (await journal.ListAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false))
            .Where(run => run.Id != own)
            .Select(static run => $"{run.Id} {run.IsFinished}")
            .ToHashSet();
}

/// <summary>Tells cheaply which runs there are; a <see cref="FileJournal"/> does.</summary>
internal interface IRunIndex
{
    /// <summary>The names of the runs on a target but this one, each with whether it has finished.</summary>
    HashSet<string> ListNames(MachineIdentifier server, UserId target, RunId? own);

    /// <summary>A run on the target has that name.</summary>
    bool Has(MachineIdentifier server, UserId target, RunId run);
}
