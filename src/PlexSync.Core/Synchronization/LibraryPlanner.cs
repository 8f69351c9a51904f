namespace PlexSync;

/// <summary>Compares one library of the target with the source's, item by item as the target's listing streams by.</summary>
internal sealed class LibraryPlanner(SourceLibrary source, LibraryKey library, IConflictPolicy policy, double playedThreshold)
{
    private readonly HashSet<RatingKey> _unseen = [.. source.WithState.Keys];

    public int Count { get; private set; }

    public List<PlannedChange> Changes { get; } = [];

    public List<SkippedItem> Skipped { get; } = [];

    /// <summary>Compares an item of the target.</summary>
    /// <param name="item">The item.</param>
    /// <param name="isSame">False where the source's item of that key turns out to be another one: its state is none of this item's business.</param>
    public void Add(MediaItem item, bool isSame = true)
    {
        Count++;
        _unseen.Remove(item.RatingKey);
        if (source.Match(item.RatingKey) is not { } state || (state.IsEmpty && item.State.IsEmpty))
        {
            return;
        }

        var resolution = policy.Resolve(new ConflictContext { Item = item, Source = state, Target = item.State });
        if (!isSame)
        {
            if (!state.IsEmpty || resolution.Target != item.State)
            {
                Skipped.Add(new SkippedItem(item, library, SkipReason.NotSameItem));
            }

            return;
        }

        var (after, skipped) = WriteRules.Reach(item.State, resolution.Target, item.Duration, playedThreshold);
        if (skipped is { } reason)
        {
            Skipped.Add(new SkippedItem(item, library, reason));
        }

        if (after != item.State)
        {
            Changes.Add(new PlannedChange
            {
                Item = item,
                Library = library,
                Action = PlannedChange.ActionOf(item.State, after),
                After = after,
                Reason = resolution.Reason,
                SourceViewedAt = state.LastViewedAt,
            });
        }
    }

    /// <summary>Call once the target's listing is known to be whole: what it does not hold, the target may not see.</summary>
    public void Complete()
    {
        foreach (var key in _unseen)
        {
            Skipped.Add(new SkippedItem(source.WithState[key], library, SkipReason.NotVisibleToTarget));
        }
    }
}
