namespace PlexSync;

/// <summary>A group of participants whose states are compared: which items of each are copies of one work.</summary>
/// <remarks>
/// A source and a target may be on two servers, and are matched by identifiers, too; the users of a merge are on one, and matched by key.
/// </remarks>
internal sealed class Matcher(IReadOnlyList<Participant> participants, MatchMode mode, SyncDirection direction)
{
    private readonly bool _isSameServer = participants[0].Catalogue == participants[1].Catalogue;
    private WorkGraph? _works;

    public IReadOnlyList<Participant> Participants => participants;

    /// <summary>The first of the group.</summary>
    public Participant Source { get; } = participants[0];

    /// <summary>The second; the last, too, unless it is a merge.</summary>
    public Participant Target { get; } = participants[1];

    /// <summary>Everybody gets what all of them have together, and not what the other one has.</summary>
    public bool IsMerge { get; init; }

    /// <summary>What both were seen to have watched; null where nothing is remembered.</summary>
    public RunAgreements? Agreements { get; set; }

    /// <summary>
    /// The items of the target may be anywhere, and not only where the source has them; in two directions the target's own count too.
    /// </summary>
    public bool IsAnywhere => !IsByKey || (mode is MatchMode.Auto && direction is SyncDirection.TwoWay);

    /// <summary>Identifiers decide for these items of the source, and in two directions of the target.</summary>
    public IEnumerable<CatalogueItem> Seeds => mode is MatchMode.Key ? []
        : IsByKey ? Hidden(Source, Target).Concat(direction is SyncDirection.TwoWay ? Hidden(Target, Source) : [])
        : Source.Catalogue.Items.Where(item => item.IsListedBy(Source.Number));

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

    /// <summary>Episodes with a state for which no copy was found: their shows and numbers may tell.</summary>
    public IEnumerable<CatalogueItem> UndecidedEpisodes => Seeds
        .Concat(direction is SyncDirection.TwoWay && !IsByKey ? Target.Catalogue.Items.Where(item => item.IsListedBy(Target.Number)) : [])
        .Where(
            item => item.Type == MediaType.Episode && item.ShowKey != default && HasState(item) && !IsDoubtful(item) && !HasCopies(item));

    /// <summary>Finds copies of episodes that have no identifiers in common, by their shows and their numbers.</summary>
    public void MatchByNumber(
        IReadOnlyDictionary<RatingKey, CatalogueItem> sourceShows, IReadOnlyDictionary<RatingKey, CatalogueItem> targetShows)
    {
        var undecided = UndecidedEpisodes.Select(static episode => episode.ShowKey).ToHashSet();
        var (ours, theirs) = (EpisodesOf(Source, sourceShows), EpisodesOf(Target, targetShows));
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
                if (undecided.Contains(show.Key) || undecided.Contains(copy.Key))
                {
                    numbering.Match([.. ours[show.Key]], [.. theirs[copy.Key]]);
                }
            }
        }

        numbering.Complete();

        static ILookup<RatingKey, CatalogueItem> EpisodesOf(Participant side, IReadOnlyDictionary<RatingKey, CatalogueItem> shows) =>
            side.Catalogue.Items
            .Where(item => item.IsListedBy(side.Number) && shows.ContainsKey(item.ShowKey))
            .ToLookup(static item => item.ShowKey);
    }

    /// <summary>The works of which two at least have a copy; each is only good until the next one.</summary>
    public IEnumerable<WorkMatch> Matches
    {
        get
        {
            var done = new HashSet<CatalogueItem>();
            var match = new WorkMatch(participants);
            foreach (var copies in (_works?.All ?? []).Where(IsMatchedById))
            {
                if (match.Set(copies))
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

    /// <summary>What the source has a state on that could not be found at the target.</summary>
    public IEnumerable<UnmatchedItem> Unmatched => UnmatchedOf(Source, Target);

    /// <summary>What the target has a state on that could not be found at the source.</summary>
    public IEnumerable<UnmatchedItem> UnmatchedBack => UnmatchedOf(Target, Source);

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

    private bool HasCopies(CatalogueItem item) => _works?.Of(item) is { } copies && copies.Exists(item => item.IsListedBy(Source.Number))
        && copies.Exists(item => item.IsListedBy(Target.Number));

    private bool IsDoubtful(CatalogueItem item) => _works?.IsDoubtful(item) is true;

    private bool HasState(CatalogueItem item) =>
        !Source.OriginalOf(item).IsEmpty || (direction is SyncDirection.TwoWay && !Target.OriginalOf(item).IsEmpty);

    /// <summary>Where the key decides, identifiers only help out those that are hidden.</summary>
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

/// <summary>An item that was not found at the other side, and why.</summary>
internal sealed record UnmatchedItem(CatalogueItem Item, SkipReason Reason);
