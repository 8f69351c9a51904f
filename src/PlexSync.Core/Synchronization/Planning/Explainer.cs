namespace PlexSync;

/// <summary>Explains what a plan does with single items, and why.</summary>
internal sealed class Explainer(Matcher pair, Resolver resolver, IReadOnlyList<SyncPlan> plans)
{
    private readonly ILookup<RatingKey, PlannedChange> _changes = plans[0].Changes.ToLookup(static change => change.Item.RatingKey);
    private readonly ILookup<RatingKey, SkippedItem> _skipped = plans[0].Skipped.ToLookup(static skipped => skipped.Item.RatingKey);
    private readonly ILookup<RatingKey, PlannedChange> _back = plans.Skip(1).SelectMany(static plan => plan.Changes)
        .ToLookup(static change => change.Item.RatingKey);

    public List<ItemExplanation> Explain(string title)
    {
        var explanations = new List<ItemExplanation>();
        var explained = new HashSet<CatalogueItem>();
        foreach (var match in pair.AllMatches.Where(match => match.Source.Concat(match.Target).Any(IsMeant)))
        {
            explained.UnionWith(match.Source);
            explained.UnionWith(match.Target);
            explanations.Add(Explain(match));
        }

        var unmatched = pair.Unmatched.ToDictionary(static unmatched => unmatched.Item);
        foreach (var item in
            pair.Source.Catalogue.Items.Where(
                item => item.IsListedBy(pair.Source.Number) && !explained.Contains(item) && IsMeant(item)))
        {
            var reason = pair.Source.IsDamaged(item) ? SkipReason.StateDamaged : unmatched.GetValueOrDefault(item)?.Reason;
            var isUnknown = pair.Source.Catalogue == pair.Target.Catalogue && !pair.Target.IsHidden(item);
            explanations.Add(new ItemExplanation
            {
                Source = [item.ToItem(item.StateOf(pair.Source.Number))],
                Target = [],
                Verdict = !pair.IsChosen(item) ? ExplanationVerdict.NotAskedFor
                    : isUnknown ? ExplanationVerdict.NotRead : reason is not null ? ExplanationVerdict.Skipped
                    : ExplanationVerdict.NothingSeen,
                SkipReason = isUnknown ? null : reason,
            });
        }

        return explanations;

        bool IsMeant(CatalogueItem item) => NameComparison.ContainsIgnoringCase(item.ToItem(default).DisplayTitle, title);
    }

    private ItemExplanation Explain(WorkMatch match)
    {
        var changes = match.Target.SelectMany(item => _changes[item.Key]).ToList();
        var back = match.Source.SelectMany(item => _back[item.Key]).ToList();
        SkipReason? skipped = match.Target.SelectMany(item => _skipped[item.Key]).FirstOrDefault()?.Reason;
        return new ItemExplanation
        {
            Source = match.Source.ConvertAll(item => item.ToItem(item.StateOf(pair.Source.Number))),
            Target = match.Target.ConvertAll(item => item.ToItem(item.StateOf(pair.Target.Number))),
            Match = KindOf(match),
            Verdict = changes.Count + back.Count > 0 ? ExplanationVerdict.Changes
                : skipped is not null ? ExplanationVerdict.Skipped
                : VerdictOf(match),
            SkipReason = skipped,
            Changes = changes,
            SourceChanges = back,
        };
    }

    private ExplanationVerdict VerdictOf(WorkMatch match)
    {
        var (source, target) = (resolver.Combine(match.Copies[0]), resolver.Combine(match.Copies[1]));
        return source.IsEmpty && target.IsEmpty ? ExplanationVerdict.NothingSeen
            : source.Matches(target) ? ExplanationVerdict.Equal
            : !pair.IsChosen(match) || !resolver.IsInScope(match) || resolver.IsLimited ? ExplanationVerdict.NotAskedFor
            : ExplanationVerdict.LeftByPolicy;
    }

    private static MatchKind KindOf(WorkMatch match)
    {
        if (match is { Source: [var one], Target: [var other] } && one == other)
        {
            return MatchKind.Key;
        }

        return Share(external: true) ? MatchKind.ExternalId : Share(external: false) ? MatchKind.PlexGuid : MatchKind.Number;

        bool Share(bool external) => match.Source.Exists(item => Array.Exists(item.Ids, id =>
            id.IsExternal == external && match.Target.Exists(other => Array.IndexOf(other.Ids, id) >= 0)));
    }
}
