namespace PlexSync;

/// <summary>
/// Brings the states of several users of one server together: what they have on an item, as one, is what each of them should have.
/// </summary>
internal sealed class Merger(List<Participant> sides, BuiltInPolicy policy, SyncOptions options)
{
    /// <summary>Enough for a common state to come to rest that not everybody can be given.</summary>
    private const int MostRounds = 8;

    public void Merge()
    {
        var group = new List<Participant>(sides.Count);
        foreach (var item in sides[0].Catalogue.Items)
        {
            group.Clear();
            group.AddRange(sides.Where(side => item.IsListedBy(side.Number)));
            if (group.Count > 1 && sides[0].Catalogue.IsDamaged(item))
            {
                // What they have in common is not known.
                group.ForEach(side => side.Leave(item, SkipReason.StateDamaged));
            }
            else if (group.Count > 1 && IsInScope(item, group))
            {
                for (var round = 0; round < MostRounds && Settle(item, group); round++)
                {
                }
            }
        }
    }

    private bool IsInScope(CatalogueItem item, List<Participant> group) =>
        group.Exists(side => side.OriginalOf(item) is var state
            && (options.Since is { } since
                ? state.LastViewedAt >= since
                : !state.IsEmpty || (options.Ratings && state.UserRating is not null)));

    private bool Settle(CatalogueItem item, List<Participant> group)
    {
        var common = group[0].StateOf(item);
        for (var at = 1; at < group.Count; at++)
        {
            common = policy.Combine(common, group[at].StateOf(item));
        }

        var hasChanged = false;
        foreach (var side in group)
        {
            var own = side.StateOf(item);
            var resolution = policy.Resolve(new ConflictContext { Item = item.ToItem(own), Source = common, Target = own });
            hasChanged |= side.Move(item, resolution.Target, resolution.Reason, common, options);
        }

        return hasChanged;
    }
}
