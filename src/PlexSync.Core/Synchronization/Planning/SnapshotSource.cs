namespace PlexSync;

/// <summary>A snapshot as a source: what a user had seen when it was taken.</summary>
/// <param name="snapshot">The snapshot.</param>
/// <param name="exact">Also takes away what the snapshot lists without a state.</param>
/// <param name="ratings">Also restores ratings.</param>
/// <param name="dryRun">Nothing is sent.</param>
internal sealed class SnapshotSource(Snapshot snapshot, bool exact, bool ratings, bool dryRun)
{
    /// <summary>The policy name of plans that only add what the snapshot has.</summary>
    public const string Addition = PlanNames.Restore;

    /// <summary>The policy name of plans that also take away what the snapshot lists without a state.</summary>
    public const string Exact = PlanNames.RestoreExact;

    public string Policy => exact ? Exact : Addition;

    public SyncOptions Options => new()
    {
        Policy = exact ? ConflictPolicies.Mirror : new AdditionPolicy(),
        Ratings = ratings,
        DryRun = dryRun,
    };

    /// <summary>Refuses another server than that of the snapshot.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.PlanMismatch"/>.</exception>
    public void Require(PlexServer target)
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
    }

    /// <summary>Adds what the user had to the catalogue of their server.</summary>
    public Participant Join(Catalogue catalogue)
    {
        var saved = new Participant(snapshot.User, catalogue, 0);
        foreach (var library in snapshot.Libraries)
        {
            saved.Choose(library.Library)!.Count = library.Items.Count;
            library.Items.ForEach(item => catalogue.AddRecord(saved.Number, library.Library, item));
        }

        return saved;
    }

    /// <summary>Adds what the snapshot has more of, and takes nothing back.</summary>
    private sealed class AdditionPolicy : FurthestPolicy
    {
        protected override WatchState Rate(WatchState own, WatchState other, bool isBack) => own.UserRating is null ? other : own;
    }
}
