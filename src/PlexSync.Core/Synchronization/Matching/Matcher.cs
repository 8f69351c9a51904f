namespace PlexSync;

/// <summary>Two users whose states are compared: which items of the one are which items of the other.</summary>
internal sealed class Matcher(Participant source, Participant target, MatchMode mode, SyncDirection direction)
{
    private readonly bool _isSameServer = source.Catalogue == target.Catalogue;
    private WorkGraph? _works;

    public Participant Source => source;

    public Participant Target => target;

    /// <summary>What both were seen to have watched; null where nothing is remembered.</summary>
    public RunAgreements? Agreements { get; set; }

    /// <summary>
    /// The items of the target may be anywhere, and not only where the source has them; in two directions the target's own count too.
    /// </summary>
    public bool IsAnywhere => !IsByKey || (mode is MatchMode.Auto && direction is SyncDirection.TwoWay);

    /// <summary>Identifiers decide for these items of the source, and in two directions of the target.</summary>
    public IEnumerable<CatalogueItem> Seeds => mode is MatchMode.Key ? []
        : IsByKey ? Hidden(source, target).Concat(direction is SyncDirection.TwoWay ? Hidden(target, source) : [])
        : source.Catalogue.Items.Where(item => item.IsListedBy(source.Number));

    /// <summary>The rating key decides wherever both see it.</summary>
    public bool IsByKey => mode is MatchMode.Key || (mode is MatchMode.Auto && _isSameServer);

    /// <summary>
    /// A copy of the item may be where nobody has looked. Then nothing may be taken from the item, since what the other side has on that
    /// copy counts for it too.
    /// </summary>
    /// <remarks>
    /// A copy may be in any library of the item's type that the other side sees: each must have been read whole. One that failed, or that
    /// was not chosen, may hold a copy. Where the rating key decides, a copy counts only if the item's own side does not see it, and
    /// whether it does takes its listing of the same library. With <see cref="MatchMode.Key"/> copies count for nothing, and both sides
    /// have listed the item itself.
    /// </remarks>
    public bool MayMissCopies(Participant own, CatalogueItem item)
    {
        var other = own == source ? target : source;
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
            target.Catalogue.Items.Where(item => item.IsListedBy(target.Number) || item.IsListedBy(source.Number)),
            (one, other) => _isSameServer || one.IsListedBy(source.Number) == other.IsListedBy(source.Number));
    }

    /// <summary>Episodes with a state for which no copy was found: their shows and numbers may tell.</summary>
    public IEnumerable<CatalogueItem> UndecidedEpisodes => Seeds
        .Concat(direction is SyncDirection.TwoWay && !IsByKey ? target.Catalogue.Items.Where(item => item.IsListedBy(target.Number)) : [])
        .Where(
            item => item.Type == MediaType.Episode && item.ShowKey != default && HasState(item) && !IsDoubtful(item) && !HasCopies(item));

    /// <summary>Finds copies of episodes that have no identifiers in common, by their shows and their numbers.</summary>
    public void MatchByNumber(
        IReadOnlyDictionary<RatingKey, CatalogueItem> sourceShows, IReadOnlyDictionary<RatingKey, CatalogueItem> targetShows)
    {
        var undecided = UndecidedEpisodes.Select(static episode => episode.ShowKey.ToString()).ToHashSet();
        var (ours, theirs) = (EpisodesOf(source, sourceShows), EpisodesOf(target, targetShows));
        // On one server, a show that both list is one show.
        var others = targetShows.Values.Select(show => _isSameServer && sourceShows.TryGetValue(show.Key, out var same) ? same : show)
            .ToList();
        var shows = new WorkGraph([.. sourceShows.Values], others, static (_, _) => false);
        var isTarget = others.ToHashSet();
        var numbering = new EpisodeMatcher(_works!);
        foreach (var show in sourceShows.Values.Where(show => !shows.IsDoubtful(show)))
        {
            foreach (var copy in shows.Of(show)!.Where(copy => copy != show && isTarget.Contains(copy)))
            {
                if (undecided.Contains(show.Key.ToString()) || undecided.Contains(copy.Key.ToString()))
                {
                    numbering.Match([.. ours[show.Key.ToString()]], [.. theirs[copy.Key.ToString()]]);
                }
            }
        }

        numbering.Complete();

        static ILookup<string, CatalogueItem> EpisodesOf(Participant side, IReadOnlyDictionary<RatingKey, CatalogueItem> shows) =>
            side.Catalogue.Items
            .Where(item => item.IsListedBy(side.Number) && shows.ContainsKey(item.ShowKey))
            .ToLookup(static item => item.ShowKey.ToString());
    }

    /// <summary>What belongs together, each with at least one item on either side; the lists are only good until the next one.</summary>
    public IEnumerable<WorkMatch> Matches
    {
        get
        {
            var done = new HashSet<CatalogueItem>();
            var match = new WorkMatch();
            foreach (var copies in (_works?.All ?? []).Where(IsMatchedById))
            {
                match.Set(copies.Where(item => item.IsListedBy(source.Number)), copies.Where(item => item.IsListedBy(target.Number)));
                if (match.Source.Count > 0 && match.Target.Count > 0)
                {
                    done.UnionWith(copies);
                    yield return match;
                }
            }

            if (_isSameServer)
            {
                foreach (var item in source.Catalogue.Items)
                {
                    if (item.IsListedBy(source.Number) && item.IsListedBy(target.Number) && !done.Contains(item))
                    {
                        match.Set([item], [item]);
                        yield return match;
                    }
                }
            }
        }
    }

    /// <summary>What the source has a state on that could not be found at the target.</summary>
    public IEnumerable<UnmatchedItem> Unmatched => UnmatchedOf(source, target);

    /// <summary>What the target has a state on that could not be found at the source.</summary>
    public IEnumerable<UnmatchedItem> UnmatchedBack => UnmatchedOf(target, source);

    private IEnumerable<UnmatchedItem> UnmatchedOf(Participant side, Participant other)
    {
        foreach (var item in side.Catalogue.Items)
        {
            if (item.IsListedBy(side.Number) && !side.OriginalOf(item).IsEmpty && (!_isSameServer || other.IsHidden(item))
                && (IsDoubtful(item) || !HasCopies(item)))
            {
                yield return new UnmatchedItem(
                    item,
                    IsDoubtful(item) ? SkipReason.AmbiguousMatch : _isSameServer ? SkipReason.NotVisibleToTarget : SkipReason.NoMatch);
            }
        }
    }

    private bool HasCopies(CatalogueItem item) => _works?.Of(item) is { } copies && copies.Exists(item => item.IsListedBy(source.Number))
        && copies.Exists(item => item.IsListedBy(target.Number));

    private bool IsDoubtful(CatalogueItem item) => _works?.IsDoubtful(item) is true;

    private bool HasState(CatalogueItem item) =>
        !source.OriginalOf(item).IsEmpty || (direction is SyncDirection.TwoWay && !target.OriginalOf(item).IsEmpty);

    /// <summary>Where the key decides, identifiers only help out those that are hidden.</summary>
    private bool IsMatchedById(List<CatalogueItem> copies) => !IsDoubtful(copies[0])
        && (!IsByKey || copies.Exists(
            item =>
                IsHiddenWithState(item, source, target) || (direction is SyncDirection.TwoWay && IsHiddenWithState(item, target, source))));

    private static IEnumerable<CatalogueItem> Hidden(Participant side, Participant other) =>
        side.Catalogue.Items.Where(item => IsHiddenWithState(item, side, other));

    private static bool IsHiddenWithState(CatalogueItem item, Participant side, Participant other) =>
        item.IsListedBy(side.Number) && other.IsHidden(item) && !side.OriginalOf(item).IsEmpty;
}

/// <summary>An item that was not found at the other side, and why.</summary>
internal sealed record UnmatchedItem(CatalogueItem Item, SkipReason Reason);

/// <summary>Copies of one work on either side.</summary>
internal sealed class WorkMatch
{
    public List<CatalogueItem> Source { get; } = [];

    public List<CatalogueItem> Target { get; } = [];

    public void Set(IEnumerable<CatalogueItem> source, IEnumerable<CatalogueItem> target)
    {
        Source.Clear();
        Source.AddRange(source);
        Target.Clear();
        Target.AddRange(target);
    }
}
