namespace PlexSync;

/// <summary>
/// Matches episodes by show, season and number, where their own identifiers say nothing. It does so only between copies of one show, and
/// only if no identifier, title or day of broadcast shows that the copies are numbered differently.
/// </summary>
internal sealed class EpisodeMatcher(WorkGraph works)
{
    /// <summary>Days that are further apart belong to different episodes; catalogues and time zones differ by less.</summary>
    private const int MostDaysApart = 3;

    /// <summary>
    /// An episode that is longer than this many times the other is a double episode or another cut; advertisements make up less.
    /// </summary>
    private const double MostTimesAsLong = 1.6;

    private readonly List<(CatalogueItem One, CatalogueItem Other)> _found = [];
    private readonly List<CatalogueItem> _refused = [];

    /// <summary>Two copies of one show.</summary>
    /// <param name="source">The episodes of one.</param>
    /// <param name="target">The episodes of the other.</param>
    public void Match(IReadOnlyList<CatalogueItem> source, IReadOnlyList<CatalogueItem> target)
    {
        var (mine, theirs) = (source.ToLookup(static episode => episode.Number), target.ToLookup(static episode => episode.Number));
        var titles = new Signs<string>(source, target, EpisodeTitle.Distinctive);
        var days = new Signs<object>(source, target, static episode => episode.OriginallyAvailableAt);
        var identified = new HashSet<CatalogueItem>();
        var elsewhere = titles.Elsewhere.Concat(days.Elsewhere).ToHashSet();
        if (!AreIdentifiedAlike(source, target, identified)
            || elsewhere.Any(static episode => episode.Season != 0)
            || source.Any(
                episode => episode.Number.Length > 0 && theirs[episode.Number].Any(other => WorkGraph.Contradict(episode, other))))
        {
            // The shows are numbered differently.
            Refuse(source.Concat(target));
            return;
        }

        // Another title under the same number is taken for a translation, unless most titles of the two copies are the same. Only episodes
        // with a number of their own are compared for that: thousands may have none.
        var all = mine.Where(episodes => episodes.Key.Length > 0 && episodes.Count() == 1 && theirs[episodes.Key].Count() == 1)
            .Select(episodes => (One: episodes.First(), Other: theirs[episodes.Key].First())).ToList();
        var isOneLanguage = all.Count(pair => titles.Agree(pair.One, pair.Other)) > all.Count(pair => titles.Differ(pair.One, pair.Other));
        var pairs = new List<NumberedPair>();
        foreach (var number in mine.Where(episodes => episodes.Key.Length > 0 && theirs.Contains(episodes.Key)))
        {
            if (number.Count() > 1 || theirs[number.Key].Count() > 1)
            {
                // Two episodes of one number are a mistake: which of them is meant cannot be told.
                Refuse(number.Concat(theirs[number.Key]));
                continue;
            }

            var (one, other) = (number.First(), theirs[number.Key].First());
            var isIdentified = identified.Contains(one);
            pairs.Add(new NumberedPair(one, other)
            {
                IsIdentified = isIdentified,
                IsSupported = titles.Support(one, other) || days.Support(one, other),
                IsDoubtful = !isIdentified
                    && (elsewhere.Contains(one) || elsewhere.Contains(other) || Differ(one, other)
                        || (isOneLanguage && titles.Differ(one, other) && !days.Support(one, other))),
            });
        }

        // One episode that identifiers show to be the same proves little for the others: the numbers must at least be the same throughout.
        var numbers = mine.Select(static episodes => episodes.Key).ToHashSet();
        var isTrusted = numbers.SetEquals(theirs.Select(static episodes => episodes.Key)) && elsewhere.Count == 0
            && !pairs.Exists(static pair => pair.IsDoubtful) && (identified.Count > 0 || !AreComparable(source, target));
        foreach (var season in pairs.GroupBy(static pair => pair.One.Season))
        {
            Match([.. season], isTrusted, HasSameNumbers(season.Key));
        }

        void Refuse(IEnumerable<CatalogueItem> episodes) => _refused.AddRange(episodes.Where(episode => !identified.Contains(episode)));

        bool HasSameNumbers(int season)
        {
            return NumbersOf(source).SetEquals(NumbersOf(target));

            HashSet<int> NumbersOf(IEnumerable<CatalogueItem> episodes) =>
                episodes.Where(episode => episode.Season == season).Select(static episode => episode.Episode).ToHashSet();
        }
    }

    /// <summary>The episodes of one season that have the same numbers.</summary>
    private void Match(List<NumberedPair> season, bool isTrusted, bool hasSameNumbers)
    {
        // Specials are numbered differently in every catalogue: each of them needs evidence of its own.
        var isRegular = season[0].One.Season != 0;
        var agreeing = season.FindAll(static pair => pair.Agrees);
        var isLikely = isRegular && 3 * (agreeing.Count - season.Count(static pair => pair.IsDoubtful)) >= 2 * season.Count;
        foreach (var pair in season.Where(static pair => !pair.IsIdentified))
        {
            // A double episode moves the numbers of all that follow it: unless the numbers are the same, an episode needs one after it that
            // agrees.
            var isLikelyToo = isLikely && (hasSameNumbers || agreeing.Exists(later => later.One.Episode > pair.One.Episode));
            if (!pair.IsDoubtful && (pair.IsSupported || (isRegular && isTrusted) || isLikelyToo))
            {
                _found.Add((pair.One, pair.Other));
            }
            else
            {
                _refused.AddRange([pair.One, pair.Other]);
            }
        }
    }

    /// <summary>Call it after the last pair of shows: episodes that were refused, and have no copy otherwise, are in doubt.</summary>
    public void Complete()
    {
        foreach (var episode in works.Unite(_found).Concat(_refused).Where(episode => works.Of(episode) is null or [_]).ToList())
        {
            works.Doubt(episode);
        }
    }

    /// <summary>True unless two episodes that share an identifier have different numbers or contradict each other otherwise.</summary>
    private static bool AreIdentifiedAlike(
        IReadOnlyList<CatalogueItem> source, IReadOnlyList<CatalogueItem> target, HashSet<CatalogueItem> identified)
    {
        var byId = target.SelectMany(static episode => episode.Ids, static (episode, id) => (Id: id, Episode: episode))
            .ToLookup(static pair => pair.Id, static pair => pair.Episode);
        var areAlike = true;
        foreach (var episode in source)
        {
            foreach (var copy in episode.Ids.SelectMany(id => byId[id]))
            {
                identified.Add(episode);
                identified.Add(copy);
                areAlike &= copy.Number == episode.Number && !WorkGraph.Contradict(episode, copy);
            }
        }

        return areAlike;
    }

    /// <summary>Whether their days or their lengths are those of two different episodes.</summary>
    private static bool Differ(CatalogueItem one, CatalogueItem other) =>
        (one.OriginallyAvailableAt is { } mine && other.OriginallyAvailableAt is { } theirs
            && Math.Abs(mine.DayNumber - theirs.DayNumber) > MostDaysApart)
        || (one.Duration is { } length && other.Duration is { } otherLength
            && (length > otherLength * MostTimesAsLong || otherLength > length * MostTimesAsLong));

    /// <summary>Whether there is a catalogue that identifies episodes of both.</summary>
    private static bool AreComparable(IReadOnlyList<CatalogueItem> source, IReadOnlyList<CatalogueItem> target)
    {
        return (CataloguesOf(source) & CataloguesOf(target)) != 0;

        static int CataloguesOf(IReadOnlyList<CatalogueItem> episodes)
        {
            var known = 0;
            foreach (var episode in episodes)
            {
                foreach (var id in episode.Ids)
                {
                    known |= 1 << id.Catalogue;
                }
            }

            return known;
        }
    }

    /// <summary>Two episodes of the same number, which no other episode of their shows has.</summary>
    private sealed record NumberedPair(CatalogueItem One, CatalogueItem Other)
    {
        /// <summary>They share an identifier.</summary>
        public bool IsIdentified { get; init; }

        /// <summary>They share a title or a day that no other episode has.</summary>
        public bool IsSupported { get; init; }

        /// <summary>Something speaks against their being the same.</summary>
        public bool IsDoubtful { get; init; }

        public bool Agrees => IsIdentified || (IsSupported && !IsDoubtful);
    }

    /// <summary>
    /// Titles or days of broadcast (called signs here), and the numbers under which they stand in the two copies of a show.
    /// </summary>
    private sealed class Signs<T>
        where T : notnull
    {
        private readonly ILookup<T, CatalogueItem> _mine;
        private readonly ILookup<T, CatalogueItem> _theirs;
        private readonly Func<CatalogueItem, T?> _signOf;

        public Signs(IReadOnlyList<CatalogueItem> source, IReadOnlyList<CatalogueItem> target, Func<CatalogueItem, T?> signOf)
        {
            _signOf = signOf;
            _mine = BySign(source);
            _theirs = BySign(target);
        }

        /// <summary>
        /// Episodes whose sign stands under another number in the other copy; a sign that is only missing there says nothing.
        /// </summary>
        public IEnumerable<CatalogueItem> Elsewhere
        {
            get
            {
                foreach (var sign in _mine)
                {
                    var (here, there) = (NumbersOf(sign), NumbersOf(_theirs[sign.Key]));
                    if (!here.IsSubsetOf(there) && !there.IsSubsetOf(here))
                    {
                        foreach (var episode in sign.Concat(_theirs[sign.Key]))
                        {
                            if (!here.Contains(episode.Number) || !there.Contains(episode.Number))
                            {
                                yield return episode;
                            }
                        }
                    }
                }
            }
        }

        /// <summary>Whether they share a sign that no other episode of either copy has.</summary>
        public bool Support(CatalogueItem one, CatalogueItem other) =>
            Agree(one, other) && _signOf(one) is { } sign && _mine[sign].Count() == 1 && _theirs[sign].Count() == 1;

        public bool Agree(CatalogueItem one, CatalogueItem other) => _signOf(one) is { } sign && sign.Equals(_signOf(other));

        public bool Differ(CatalogueItem one, CatalogueItem other) =>
            _signOf(one) is { } sign && _signOf(other) is { } their && !sign.Equals(their);

        private ILookup<T, CatalogueItem> BySign(IReadOnlyList<CatalogueItem> episodes) =>
            episodes.Where(episode => _signOf(episode) is not null).ToLookup(episode => _signOf(episode)!);

        private static HashSet<string> NumbersOf(IEnumerable<CatalogueItem> episodes) =>
            episodes.Select(static episode => episode.Number).ToHashSet();
    }
}
