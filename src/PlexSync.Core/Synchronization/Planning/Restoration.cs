using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>
/// Plans what brings a user back to a snapshot, or to what another user had seen when it was taken: a sync whose source is a file.
/// </summary>
internal sealed class Restoration(
    ILogger logger, Snapshot snapshot, PlexServer target, IJournal? journal, IProgress<SyncProgress>? progress)
{
    /// <summary>The name in plans of adding what the snapshot has.</summary>
    public const string Addition = "restore";

    /// <summary>The name in plans of taking away, too, what the snapshot has not.</summary>
    public const string Exact = "restoreExact";

    public async Task<SyncPlan> PlanAsync(bool exact, bool ratings, CancellationToken cancellationToken)
    {
        if (target.MachineIdentifier != snapshot.Server.MachineIdentifier)
        {
            throw new PlexException(
                PlexErrorKind.PlanMismatch,
                $"The snapshot is of the server '{snapshot.Server.Name}' ({snapshot.Server.MachineIdentifier}), not of '{target.Name}'.")
            {
                Subject = target.Name,
            };
        }

        var createdAt = target.Time.GetUtcNow();
        var playing = await TargetFacts.ReadPlayingAsync(logger, target, cancellationToken).ConfigureAwait(false);
        var catalogue = new Catalogue(sides: 2);
        var saved = new Participant(snapshot.User, catalogue, 0);
        var facts = await TargetFacts.ReadAsync(target, playing, journal, retryUnkept: false, cancellationToken).ConfigureAwait(false);
        var side = new Participant(target, catalogue, 1) { Facts = facts };
        foreach (var library in snapshot.Libraries)
        {
            saved.Choose(library.Library)!.Count = library.Items.Count;
            library.Items.ForEach(item => catalogue.AddRecord(saved.Number, library.Library, item));
        }

        var shared = await LibraryChoice.GetSharedAsync(target, cancellationToken).ConfigureAwait(false);
        // The keys of libraries are given out anew like those of items: one of another type is another library.
        var libraries = shared.Where(library => saved.Find(library.Key)?.Library.Type == library.Type);
        await new Lister(logger, progress, new ItemFilter([])).ReadAsync(side, libraries, static _ => true, cancellationToken)
            .ConfigureAwait(false);

        var pair = new Matcher([saved, side], MatchMode.Key, SyncDirection.OneWay);
        Resolver.Resolve([pair], new SyncOptions { Policy = exact ? ConflictPolicies.Mirror : new AdditionPolicy(), Ratings = ratings });
        return new PlanBuilder(side, [saved]) { Unmatched = pair.Unmatched }.Build(exact ? Exact : Addition, createdAt);
    }

    /// <summary>Adds what the snapshot has more of, and takes nothing back.</summary>
    private sealed class AdditionPolicy : FurthestPolicy
    {
        protected override WatchState Rate(WatchState own, WatchState other, bool isBack) => own.UserRating is null ? other : own;
    }
}
