namespace PlexSync.Tests;

/// <summary>Runs on one target, as tests begin them by hand.</summary>
internal static class StoreExtensions
{
    public static async Task<IRunLease> BeginAsync(this ISyncStore store, SyncPlan plan, CancellationToken cancellationToken = default) =>
        (await store.BeginAsync([plan], cancellationToken))[0];

    public static ValueTask AnnounceAsync(this IRunLease lease, PlannedChange change, CancellationToken cancellationToken = default) =>
        lease.AnnounceAsync(change, serverTime: null, cancellationToken);
}
