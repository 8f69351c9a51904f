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
        var libraries = Choose(sourceLibraries);
        var runs = new List<int>();
        var facts = new List<TargetFacts>();
        foreach (var target in targets)
        {
            runs.Add(await Freshness.CountRunsAsync(journal, target, except: null, cancellationToken).ConfigureAwait(false));
            facts.Add(await TargetFacts.ReadAsync(logger, target, journal, cancellationToken).ConfigureAwait(false));
        }

        var shared = await Task.WhenAll(targets.Select(target => GetSharedAsync(target, cancellationToken))).ConfigureAwait(false);

        var compared = await Task.WhenAll(libraries.Select(library => CompareAsync(library, shared, cancellationToken))).ConfigureAwait(false);
        return targets.Select((target, at) => Combine(target, createdAt, new Freshness(runs[at]), facts[at], Distinct(compared.Select(comparisons => comparisons[at])))).ToList();
    }

    private static async Task<HashSet<LibraryKey>> GetSharedAsync(PlexServer target, CancellationToken cancellationToken)
    {
        var libraries = await target.GetLibrariesAsync(cancellationToken).ConfigureAwait(false);
        return libraries.Count > 0
            ? [.. libraries.Select(static library => library.Key)]
            : throw new PlexException(PlexErrorKind.NotShared, $"No library of '{target.Name}' is shared with '{target.User.Title}'.") { Subject = target.User.Title };
    }

    private List<Library> Choose(IReadOnlyList<Library> all)
    {
        var watchable = all.Where(static library => library.ItemType is not null).ToList();
        if (options.Libraries.Count == 0)
        {
            return watchable;
        }

        var chosen = options.Libraries.Select(name => Find(name, watchable).Key).ToHashSet();
        return watchable.FindAll(library => chosen.Contains(library.Key));
    }

    private static Library Find(string name, List<Library> libraries)
    {
        var found = libraries.FindAll(library => NameComparison.Equal(library.Title, name));
        found = found.Count > 0 ? found : libraries.FindAll(library => NameComparison.EqualIgnoringCase(library.Title, name));
        found = found.Count > 0 ? found : libraries.FindAll(library => library.Key.ToString() == name);
        return found.Count == 1
            ? found[0]
            : throw (found.Count == 0
                ? new PlexException(PlexErrorKind.LibraryNotFound, $"No movie or show library '{name}' on this server.")
                {
                    Subject = name,
                    Candidates = libraries.ConvertAll(static library => library.Title),
                }
                : new PlexException(PlexErrorKind.LibraryAmbiguous, $"'{name}' names {found.Count} libraries; use the key.")
                {
                    Subject = name,
                    Candidates = found.ConvertAll(static library => $"{library.Title} ({library.Key})"),
                });
    }

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
    private static bool IsConfinedToOneLibrary(PlexException e) =>
        e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.Redirected or PlexErrorKind.CertificateRejected);

    private static Comparison Failed(Library library, int sourceItems, PlexException e) =>
        new(new LibraryComparison { Library = library, SourceItems = sourceItems, Error = e }, [], []);

    /// <summary>A rating key belongs to one library: one that turns up in a second makes that one doubtful, and would be written twice.</summary>
    private static List<Comparison> Distinct(IEnumerable<Comparison> comparisons)
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

    private SyncPlan Combine(PlexServer target, DateTimeOffset createdAt, Freshness freshness, TargetFacts facts, List<Comparison> comparisons)
    {
        // What has no date is older than all that has; ties keep the order of the listings.
        var objections = comparisons.SelectMany(static comparison => comparison.Changes)
            .OrderBy(static change => change.SourceViewedAt ?? DateTimeOffset.MinValue)
            .ToLookup(facts.Object);
        return new SyncPlan
        {
            CreatedAt = createdAt,
            Server = new ServerReference(target.MachineIdentifier, target.Name, target.Version),
            Source = new UserReference(source.User.Id, source.User.Title),
            Target = new UserReference(target.User.Id, target.User.Title),
            Identity = target.Identity,
            Policy = options.Policy.Name,
            IsPlayingKnown = facts.IsPlayingKnown,
            Freshness = freshness,
            Libraries = comparisons.ConvertAll(static comparison => comparison.Library),
            Changes = objections[null].ToList(),
            Skipped = comparisons.SelectMany(static comparison => comparison.Skipped)
                .Concat(objections.Where(static group => group.Key is not null)
                    .SelectMany(static group => group, static (group, change) => new SkippedItem(change.Item, change.Library, group.Key!.Value)))
                .ToList(),
        };
    }

    private sealed record Comparison(LibraryComparison Library, List<PlannedChange> Changes, List<SkippedItem> Skipped);

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "Leaving out '{Library}' of '{User}': {Reason}")]
        public static partial void LeftOut(ILogger logger, string library, string user, string reason);
    }
}
