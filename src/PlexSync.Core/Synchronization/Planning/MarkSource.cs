namespace PlexSync;

/// <summary>A mark made by hand as a source: the items that were named, and all episodes of the shows and seasons that were.</summary>
/// <param name="mark">What the items become.</param>
/// <param name="dryRun">Nothing is sent.</param>
internal sealed class MarkSource(Mark mark, bool dryRun)
{
    /// <summary>The policy name of such plans.</summary>
    public const string Policy = PlanNames.Mark;

    /// <summary>A mark by hand is also tried where the server did not keep the last one.</summary>
    public SyncOptions Options => new() { RetryUnkept = true, DryRun = dryRun };

    /// <summary>
    /// What is to be marked, in its order in each show: a mark on a show would mark what is watched once more (plex-facts §6.1).
    /// </summary>
    /// <param name="user">The server as the user.</param>
    /// <param name="keys">What was named.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.NotFound"/>, <see cref="PlexErrorKind.InvalidPlan"/>.</exception>
    public static async Task<IReadOnlyList<MarkedItem>> ReadAsync(
        PlexServer user, IReadOnlyList<RatingKey> keys, CancellationToken cancellationToken)
    {
        var named = await user.GetKindsAsync(keys, cancellationToken).ConfigureAwait(false);
        var leaves = await user.GetItemsAsync(
            keys.Where(key => named.TryGetValue(key, out var row) && KindOf(row).IsLeaf), withIds: true, cancellationToken)
            .ConfigureAwait(false);
        var items = new List<MarkedItem>();
        foreach (var key in keys)
        {
            if (!named.TryGetValue(key, out var row))
            {
                throw new PlexException(PlexErrorKind.NotFound, $"'{user.User.Title}' sees no item {key} on '{user.Name}'.")
                {
                    Subject = $"{key}",
                };
            }

            var library = row.Library ?? throw WireError.Missing($"/library/metadata/{key}", "librarySectionID");
            var below = KindOf(row).IsLeaf ? leaves.TryGetValue(key, out var leaf) ? [leaf] : [] : row.Type switch
            {
                "show" => await user.ReadBelowAsync(key, "allLeaves", MediaType.Episode, cancellationToken).ConfigureAwait(false),
                "season" => await user.ReadBelowAsync(key, "children", MediaType.Episode, cancellationToken).ConfigureAwait(false),
                "artist" => await user.ReadBelowAsync(key, "allLeaves", MediaType.Track, cancellationToken).ConfigureAwait(false),
                "album" => await user.ReadBelowAsync(key, "children", MediaType.Track, cancellationToken).ConfigureAwait(false),
                _ => throw new PlexException(
                    PlexErrorKind.InvalidPlan,
                    $"'{row.Title}' ({key}) is a {row.Type}: only what can be played, and what it is part of, can be marked.")
                {
                    Subject = row.Title,
                },
            };
            items.AddRange(below.Select(item => new MarkedItem(item, library)));
        }

        return [.. items.DistinctBy(static marked => marked.Item.RatingKey)];
    }

    /// <param name="user">Whose items are marked.</param>
    /// <param name="items">The items as they are now.</param>
    /// <param name="libraries">The libraries that the user sees.</param>
    /// <param name="createdAt">When the reading of them began.</param>
    public MadePlan Plan(
        Participant user, IReadOnlyList<MarkedItem> items, IReadOnlyList<Library> libraries, DateTimeOffset createdAt)
    {
        var changes = new List<PlannedChange>();
        var skipped = new List<SkippedItem>();
        foreach (var (item, library) in items)
        {
            if (item.IsStateDamaged)
            {
                skipped.Add(new SkippedItem(item, library, SkipReason.StateDamaged));
            }
            else if (mark is Mark.Watched ? !item.State.IsWatched : !item.State.IsEmpty)
            {
                var desired = mark is Mark.Watched ? new WatchState { ViewCount = 1 } : default;
                var (after, _) = PlexWriteRules.Reach(item.State, desired, item.Duration, user.Server!.PlayedThreshold);
                var change = PlanBuilder.ChangeTo(after, item, library, ChangeReason.Marked, createdAt);
                if (user.Facts!.FindObjection(change) is { } objection)
                {
                    skipped.Add(new SkippedItem(item, library, objection));
                }
                else
                {
                    changes.Add(change);
                }
            }
        }

        var self = new Participant(user.User, user.Catalogue, 0);
        foreach (var library in libraries.Where(library => items.Any(marked => marked.Library == library.Key)))
        {
            self.Choose(library)!.Count = items.Count(marked => marked.Library == library.Key);
        }

        return new PlanBuilder(user, [self]).Build(Policy, createdAt, changes, skipped);
    }

    private static MediaType KindOf(WireMetadata row) => string.IsNullOrWhiteSpace(row.Type) ? default : MediaType.Parse(row.Type);
}

/// <summary>An item that is to be marked.</summary>
/// <param name="Item">The item, with the user's state.</param>
/// <param name="Library">Its library.</param>
internal readonly record struct MarkedItem(MediaItem Item, LibraryKey Library);
