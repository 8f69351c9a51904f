using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Makes the plans of a run: the source is read once, every target once, library by library.</summary>
internal sealed partial class Planner(ILogger logger, PlexServer source, IReadOnlyList<PlexServer> targets, SyncOptions options, IJournal? journal, IProgress<SyncProgress>? progress)
{
    private readonly LibraryReader _reader = new(logger, progress);

    public async Task<IReadOnlyList<SyncPlan>> PlanAsync(CancellationToken cancellationToken)
    {
        var createdAt = source.Time.GetUtcNow();
        var sourceLibraries = await source.GetLibrariesAsync(cancellationToken).ConfigureAwait(false);
        var libraries = LibraryChoice.Choose(sourceLibraries, options.Libraries);
        var facts = new List<TargetFacts>();
        foreach (var target in targets)
        {
            facts.Add(await TargetFacts.ReadAsync(logger, target, journal, cancellationToken).ConfigureAwait(false));
        }

        var shared = await Task.WhenAll(targets.Select(target => GetSharedAsync(target, cancellationToken))).ConfigureAwait(false);
        var compared = await Task.WhenAll(libraries.Select(library => CompareAsync(library, shared, cancellationToken))).ConfigureAwait(false);
        var from = new UserReference(source.User.Id, source.User.Title);
        return targets.Select((target, at) =>
            Combine(from, target, options.Policy.Name, createdAt, facts[at], Distinct(compared.Select(comparisons => comparisons[at])))).ToList();
    }

    private static async Task<HashSet<LibraryKey>> GetSharedAsync(PlexServer target, CancellationToken cancellationToken) =>
        [.. (await LibraryChoice.GetSharedAsync(target, cancellationToken).ConfigureAwait(false)).Select(static library => library.Key)];

    /// <summary>One library, for every target in their order.</summary>
    private async Task<Comparison[]> CompareAsync(Library library, HashSet<LibraryKey>[] shared, CancellationToken cancellationToken)
    {
        SourceLibrary listing;
        try
        {
            listing = await _reader.ReadAsync(source, library, static () => new SourceLibrary(), static (into, item) => into.Add(item), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (IsConfinedToOneLibrary(e))
        {
            Log.LeftOut(logger, library.Title, source.User.Title, e.Message);
            return Array.ConvertAll(shared, _ => Failed(library, 0, e));
        }

        return await Task.WhenAll(targets.Select((target, at) =>
            CompareAsync(library, listing, target, shared[at].Contains(library.Key), cancellationToken))).ConfigureAwait(false);
    }

    private async Task<Comparison> CompareAsync(
        Library library, SourceLibrary listing, PlexServer target, bool isShared, CancellationToken cancellationToken)
    {
        LibraryPlanner Start() => new(listing, library.Key, options.Policy, target.PlayedThreshold);
        try
        {
            var planner = isShared
                ? await _reader.ReadAsync(target, library, Start, static (into, item) => into.Add(item), cancellationToken).ConfigureAwait(false)
                : Start();
            planner.Complete();
            return new Comparison(
                new LibraryComparison { Library = library, SourceItems = listing.Count, TargetItems = planner.Count }, planner.Changes, planner.Skipped);
        }
        catch (PlexException e) when (IsConfinedToOneLibrary(e))
        {
            Log.LeftOut(logger, library.Title, target.User.Title, e.Message);
            return Failed(library, listing.Count, e);
        }
    }

    /// <summary>A token that is no longer taken, or another server in its place, fails the run; whatever else goes wrong fails its library.</summary>
    internal static bool IsConfinedToOneLibrary(PlexException e) =>
        e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.Redirected or PlexErrorKind.CertificateRejected);

    internal static Comparison Failed(Library library, int sourceItems, PlexException e) =>
        new(new LibraryComparison { Library = library, SourceItems = sourceItems, Error = e }, [], []);

    /// <summary>A rating key belongs to one library: one that turns up in a second makes that one doubtful, and would be written twice.</summary>
    internal static List<Comparison> Distinct(IEnumerable<Comparison> comparisons)
    {
        var keys = new HashSet<RatingKey>();
        return comparisons.Select(comparison => comparison.Changes.TrueForAll(change => keys.Add(change.Item.RatingKey))
            ? comparison
            : Failed(
                comparison.Library.Library,
                comparison.Library.SourceItems,
                new PlexException(PlexErrorKind.IncompleteListing, $"'{comparison.Library.Library.Title}' lists items of another library.")
                {
                    Subject = comparison.Library.Library.Title,
                })).ToList();
    }

    /// <summary>The plan for one target.</summary>
    internal static SyncPlan Combine(
        UserReference source, PlexServer target, string policy, DateTimeOffset createdAt, TargetFacts facts, List<Comparison> comparisons)
    {
        var changes = new List<PlannedChange>();
        var skipped = comparisons.SelectMany(static comparison => comparison.Skipped).ToList();
        foreach (var change in comparisons.SelectMany(static comparison => comparison.Changes))
        {
            if (facts.Object(change) is { } reason)
            {
                skipped.Add(new SkippedItem(change.Item, change.Library, reason));
            }
            else
            {
                changes.Add(change);
            }
        }

        return new SyncPlan
        {
            CreatedAt = createdAt,
            Server = new ServerReference(target.MachineIdentifier, target.Name, target.Version),
            Source = source,
            Target = new UserReference(target.User.Id, target.User.Title),
            Identity = target.Identity,
            Policy = policy,
            IsPlayingKnown = facts.IsPlayingKnown,
            Freshness = facts.Freshness,
            Libraries = comparisons.ConvertAll(static comparison => comparison.Library),
            // What has no date is older than all that has; ties keep the order of the listings.
            Changes = changes.OrderBy(static change => change.SourceViewedAt ?? DateTimeOffset.MinValue).ToList(),
            Skipped = skipped,
        };
    }

    internal sealed record Comparison(LibraryComparison Library, List<PlannedChange> Changes, List<SkippedItem> Skipped);

    internal static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Leaving out '{Library}' of '{User}': {Reason}")]
        public static partial void LeftOut(ILogger logger, string library, string user, string reason);
    }
}
