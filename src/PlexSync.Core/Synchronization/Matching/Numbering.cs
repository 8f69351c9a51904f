namespace PlexSync;

/// <summary>
/// Matches episodes by show, season and number, where their own identifiers say nothing: only between shows that are the same, and whose
/// episodes are numbered the same wherever identifiers show it.
/// </summary>
internal sealed class Numbering(Works works)
{
    private readonly List<CatalogueItem> _refused = [];

    /// <summary>Two copies of one show.</summary>
    /// <param name="source">The episodes of one.</param>
    /// <param name="target">The episodes of the other.</param>
    public void Match(IReadOnlyList<CatalogueItem> source, IReadOnlyList<CatalogueItem> target)
    {
        var byId = new Dictionary<WorkId, CatalogueItem>();
        foreach (var episode in target)
        {
            Array.ForEach(episode.Ids, id => byId.TryAdd(id, episode));
        }

        var ours = source.ToHashSet();
        var byNumber = target.ToLookup(static episode => episode.Number);
        var mine = source.ToLookup(static episode => episode.Number);
        var undecided = new Dictionary<CatalogueItem, CatalogueItem?>();
        var (agreeing, isTrusted) = (0, true);
        foreach (var episode in source)
        {
            if (Array.Exists(episode.Ids, byId.ContainsKey))
            {
                isTrusted &= Array.TrueForAll(episode.Ids, id => !byId.TryGetValue(id, out var copy) || (copy.Number == episode.Number && !Works.Contradict(episode, copy)));
                agreeing++;
                continue;
            }

            var sameNumber = episode.Number.Length > 0 ? byNumber[episode.Number].ToList() : [];
            isTrusted &= !sameNumber.Exists(candidate => Works.Contradict(episode, candidate));
            if (sameNumber.Count > 0)
            {
                // Two episodes of one number are a mistake of somebody's.
                undecided.Add(episode, sameNumber.Count == 1 && mine[episode.Number].Count() == 1 ? sameNumber[0] : null);
            }
        }

        // Without an episode that identifiers show to be the same, at least the numbers must be the same throughout.
        isTrusted &= agreeing > 0 || (!AreComparable(source, target) && byNumber.Select(static episodes => episodes.Key).ToHashSet().SetEquals(mine.Select(static episodes => episodes.Key)));
        foreach (var (episode, candidate) in undecided)
        {
            if (isTrusted && candidate is not null && works.Of(candidate)?.Exists(copy => ours.Contains(copy) || Works.Contradict(episode, copy)) is not true)
            {
                works.Unite(episode, candidate);
            }
            else
            {
                _refused.Add(episode);
            }
        }
    }

    /// <summary>To be called after the last pair: what was refused and found no copy otherwise stays in doubt.</summary>
    public void Complete()
    {
        foreach (var episode in _refused.Where(episode => works.Of(episode) is null or [_]))
        {
            works.Doubt(episode);
        }
    }

    /// <summary>Some catalogue has episodes of both.</summary>
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
}
