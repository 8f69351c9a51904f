using System.Runtime.InteropServices;

namespace PlexSync;

/// <summary>Finds out which items of a group of participants are copies of one work.</summary>
/// <remarks>
/// A source and a target may be on two servers, and can be matched by identifiers; the users of a merge are on one server, and are matched
/// by rating key.
/// </remarks>
internal sealed class Matcher(IReadOnlyList<Participant> participants, MatchMode mode, SyncDirection direction)
{
    private readonly bool _isSameServer = participants[0].Catalogue == participants[1].Catalogue;
    private WorkGraph? _works;

    public IReadOnlyList<Participant> Participants => participants;

    /// <summary>The first of the group.</summary>
    public Participant Source { get; } = participants[0];

    /// <summary>The second of the group; only a merge has more.</summary>
    public Participant Target { get; } = participants[1];

    /// <summary>Whether everybody gets what all of them have together, rather than what the other one has.</summary>
    public bool IsMerge { get; init; }

    /// <summary>Only what has changed was read: nothing is taken away because of what is missing.</summary>
    public bool IsPartial { get; set; }

    /// <summary>Nothing is taken away, however much was read.</summary>
    public bool OnlyAdds { get; init; }

    /// <summary>
    /// Sets of items on the server of the source: a work is chosen if a copy of the source is in all of them. Everything is read all the
    /// same, so that what was not chosen never looks like what was not watched.
    /// </summary>
    public IReadOnlyList<TaggedItems> Choice { get; init; } = [];

    /// <summary>What the two agree on; null without a store.</summary>
    public RunAgreements? Agreements { get; set; }

    /// <summary>
    /// Whether all candidate libraries of the target are read, and not only those that were chosen at the source: items may be in others,
    /// and in two directions the target's own items count too.
    /// </summary>
    public bool IsAnywhere => !IsByKey || (mode is MatchMode.Auto && direction is SyncDirection.TwoWay);

    /// <summary>The items whose copies are found by identifiers: items of the source and, in two directions, of the target.</summary>
    public IEnumerable<CatalogueItem> Seeds => mode is MatchMode.Key ? []
        : IsByKey ? Hidden(Source, Target).Concat(direction is SyncDirection.TwoWay ? Hidden(Target, Source) : [])
        : Source.Catalogue.Items.Where(item => item.IsListedBy(Source.Number));

    /// <summary>Whether the rating key decides for an item that both see.</summary>
    public bool IsByKey => mode is MatchMode.Key || (mode is MatchMode.Auto && _isSameServer);

    /// <summary>
    /// Whether the other participant may have a copy of the item in a library that was not read. Then nothing may be taken from the item,
    /// since the state of that copy would count too.
    /// </summary>
    /// <remarks>
    /// A copy may be in any library of the item's type that the other participant sees: each of them must have been read whole. A library
    /// that failed, or that was not chosen, may hold a copy. Where the rating key decides, a copy counts only if <paramref name="own"/>
    /// does not see it, which only their own listing of the same library shows. With <see cref="MatchMode.Key"/>, copies do not count, and
    /// both participants have listed the item itself.
    /// </remarks>
    public bool MayMissCopies(Participant own, CatalogueItem item)
    {
        var other = own == Source ? Target : Source;
        return mode is not MatchMode.Key
            && (other.HasPassedOver(item) || other.Shared.Any(library => library.ItemType == item.Type && !IsKnown(library.Key)));

        bool IsKnown(LibraryKey library) =>
            other.HasRead(library) && (!IsByKey || own.HasRead(library) || !own.Shared.Any(shared => shared.Key == library));
    }

    /// <summary>Finds the copies of the seeds by their identifiers.</summary>
    public void MatchById()
    {
        _works = new WorkGraph(
            [.. Seeds],
            Target.Catalogue.Items.Where(item => item.IsListedBy(Target.Number) || item.IsListedBy(Source.Number)),
            (one, other) => _isSameServer || one.IsListedBy(Source.Number) == other.IsListedBy(Source.Number));
    }

    /// <summary>Episodes with a state for which identifiers found no copy: they may be found by show and number.</summary>
    public IEnumerable<CatalogueItem> UndecidedEpisodes => Seeds
        .Concat(direction is SyncDirection.TwoWay && !IsByKey ? Target.Catalogue.Items.Where(item => item.IsListedBy(Target.Number)) : [])
        .Where(
            item => item.Type == MediaType.Episode && item.ShowKey != default && HasState(item) && !IsDoubtful(item) && !HasCopies(item));

    /// <summary>Finds copies of episodes that have no identifiers in common, by their shows and their numbers.</summary>
    public void MatchByNumber(
        IReadOnlyDictionary<RatingKey, CatalogueItem> sourceShows, IReadOnlyDictionary<RatingKey, CatalogueItem> targetShows)
    {
        var undecided = UndecidedEpisodes.Select(static episode => episode.ShowKey).ToHashSet();
        // On one server, a show that both list is one show.
        var others = targetShows.Values.Select(show => _isSameServer && sourceShows.TryGetValue(show.Key, out var same) ? same : show)
            .ToList();
        var shows = new WorkGraph([.. sourceShows.Values], others, static (_, _) => false);
        var isTarget = others.ToHashSet();
        var pairs = sourceShows.Values.Where(show => !shows.IsDoubtful(show))
            .SelectMany(
                show => shows.Of(show)!.Where(copy => copy != show && isTarget.Contains(copy)),
                static (show, copy) => (One: show, Other: copy))
            .Where(pair => undecided.Contains(pair.One.Key) || undecided.Contains(pair.Other.Key)).ToList();
        var ours = EpisodesOf(Source, pairs.Select(static pair => pair.One.Key));
        var theirs = EpisodesOf(Target, pairs.Select(static pair => pair.Other.Key));
        var numbering = new EpisodeMatcher(_works!);
        pairs.ForEach(pair => numbering.Match([.. ours[pair.One.Key]], [.. theirs[pair.Other.Key]]));
        numbering.Complete();

        static ILookup<RatingKey, CatalogueItem> EpisodesOf(Participant side, IEnumerable<RatingKey> shows)
        {
            var wanted = shows.ToHashSet();
            return side.Catalogue.Items.Where(item => item.IsListedBy(side.Number) && wanted.Contains(item.ShowKey))
                .ToLookup(static item => item.ShowKey);
        }
    }

    /// <summary>
    /// The works that were chosen, and of which at least two participants have a copy. Each is valid only until the next one is asked for.
    /// </summary>
    public IEnumerable<WorkMatch> Matches => Choice.Count == 0 ? AllMatches : AllMatches.Where(IsChosen);

    /// <summary>The same, whether chosen or not.</summary>
    public IEnumerable<WorkMatch> AllMatches
    {
        get
        {
            var done = new HashSet<CatalogueItem>();
            var match = new WorkMatch(participants);
            foreach (var copies in (_works?.All ?? []).Where(IsMatchedById))
            {
                if (match.Set(CollectionsMarshal.AsSpan(copies)))
                {
                    done.UnionWith(copies);
                    yield return match;
                }
            }

            if (_isSameServer)
            {
                foreach (var item in Source.Catalogue.Items)
                {
                    if (!done.Contains(item) && match.Set([item]))
                    {
                        yield return match;
                    }
                }
            }
        }
    }

    /// <summary>Items with a state at the source that were not found at the target.</summary>
    public IEnumerable<UnmatchedItem> Unmatched =>
        Choice.Count == 0 ? UnmatchedOf(Source, Target) : UnmatchedOf(Source, Target).Where(unmatched => IsChosen(unmatched.Item));

    /// <summary>Items with a state at the target that were not found at the source, where they would have had to be chosen.</summary>
    public IEnumerable<UnmatchedItem> UnmatchedBack => Choice.Count == 0 ? UnmatchedOf(Target, Source) : [];

    /// <summary>Whether a copy of the source is among what was asked for; in a merge all copies are one item.</summary>
    public bool IsChosen(WorkMatch match) => (IsMerge ? match.Copies[0].Items : match.Source).Exists(IsChosen);

    /// <summary>Whether an item of the source's server is among what was asked for.</summary>
    public bool IsChosen(CatalogueItem item)
    {
        foreach (var tagged in Choice)
        {
            if (!tagged.Contain(item.Key, item.ShowKey, item.Season))
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<UnmatchedItem> UnmatchedOf(Participant side, Participant other)
    {
        foreach (var item in side.Catalogue.Items)
        {
            if (item.IsListedBy(side.Number) && !side.OriginalOf(item).IsEmpty && (!_isSameServer || other.IsHidden(item))
                && (IsDoubtful(item) || !HasCopies(item)))
            {
                yield return new UnmatchedItem(
                    item,
                    IsDoubtful(item) ? SkipReason.AmbiguousMatch
                        // Only a whole reading looks for a copy.
                        : IsPartial && mode is not MatchMode.Key ? SkipReason.WaitsForWholeReading
                        : _isSameServer ? SkipReason.NotVisibleToTarget
                        : SkipReason.NoMatch);
            }
        }
    }

    private bool HasCopies(CatalogueItem item) => _works?.Of(item) is { } copies && copies.Exists(item => item.IsListedBy(Source.Number))
        && copies.Exists(item => item.IsListedBy(Target.Number));

    private bool IsDoubtful(CatalogueItem item) => _works?.IsDoubtful(item) is true;

    private bool HasState(CatalogueItem item) =>
        !Source.OriginalOf(item).IsEmpty || (direction is SyncDirection.TwoWay && !Target.OriginalOf(item).IsEmpty);

    /// <summary>Where the rating key decides, identifiers count only for works with an item that is hidden from the other one.</summary>
    private bool IsMatchedById(List<CatalogueItem> copies) => !IsDoubtful(copies[0])
        && (!IsByKey || copies.Exists(
            item =>
                IsHiddenWithState(item, Source, Target)
                || (direction is SyncDirection.TwoWay && IsHiddenWithState(item, Target, Source))));

    private static IEnumerable<CatalogueItem> Hidden(Participant side, Participant other) =>
        side.Catalogue.Items.Where(item => IsHiddenWithState(item, side, other));

    private static bool IsHiddenWithState(CatalogueItem item, Participant side, Participant other) =>
        item.IsListedBy(side.Number) && other.IsHidden(item) && !side.OriginalOf(item).IsEmpty;
}

/// <summary>An item that was not found at the other participant, and why.</summary>
internal sealed record UnmatchedItem(CatalogueItem Item, SkipReason Reason);
