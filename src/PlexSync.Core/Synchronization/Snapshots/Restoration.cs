using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Plans what brings a user back to a snapshot, or to what another user had seen when it was taken.</summary>
internal sealed class Restoration(ILogger logger, Snapshot snapshot, PlexServer target, IJournal? journal, bool exact, IProgress<SyncProgress>? progress)
{
    /// <summary>The name in plans of adding what the snapshot has.</summary>
    public const string Addition = "restore";

    /// <summary>The name in plans of taking away, too, what the snapshot has not.</summary>
    public const string Exact = "restoreExact";

    private readonly LibraryReader _reader = new(logger, progress, withIds: true);
    private readonly IConflictPolicy _policy = exact ? new MirrorPolicy() : new FurthestPolicy();

    public async Task<SyncPlan> PlanAsync(CancellationToken cancellationToken)
    {
        if (target.MachineIdentifier != snapshot.Server.MachineIdentifier)
        {
            throw new PlexException(
                PlexErrorKind.PlanMismatch, $"The snapshot is of the server '{snapshot.Server.Name}' ({snapshot.Server.MachineIdentifier}), not of '{target.Name}'.")
            {
                Subject = target.Name,
            };
        }

        var createdAt = target.Time.GetUtcNow();
        var facts = await TargetFacts.ReadAsync(logger, target, journal, cancellationToken).ConfigureAwait(false);
        var shared = await LibraryChoice.GetSharedAsync(target, cancellationToken).ConfigureAwait(false);
        var compared = await Task.WhenAll(snapshot.Libraries.Select(saved => CompareAsync(saved, shared, cancellationToken))).ConfigureAwait(false);
        return Planner.Combine(snapshot.User, target, exact ? Exact : Addition, createdAt, facts, Planner.Distinct(compared));
    }

    private async Task<Planner.Comparison> CompareAsync(SnapshotLibrary saved, IReadOnlyList<Library> shared, CancellationToken cancellationToken)
    {
        var library = saved.Library;
        LibraryPlanner Start() => new(saved.Listing, library.Key, _policy, target.PlayedThreshold);
        try
        {
            // The keys of libraries are given out anew like those of items: one of another type is another library.
            var planner = shared.Any(candidate => candidate.Key == library.Key && candidate.Type == library.Type)
                ? await _reader.ReadAsync(target, library, Start, (into, item) => into.Add(item.WithoutIds(), saved.IsSame(item)), cancellationToken)
                    .ConfigureAwait(false)
                : Start();
            planner.Complete();
            return new Planner.Comparison(
                new LibraryComparison { Library = library, SourceItems = saved.Listing.Count, TargetItems = planner.Count }, planner.Changes, planner.Skipped);
        }
        catch (PlexException e) when (Planner.IsConfinedToOneLibrary(e))
        {
            Planner.Log.LeftOut(logger, library.Title, target.User.Title, e.Message);
            return Planner.Failed(library, saved.Listing.Count, e);
        }
    }
}
