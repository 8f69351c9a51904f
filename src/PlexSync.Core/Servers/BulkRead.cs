namespace PlexSync;

/// <summary>Reads items by their keys, many in one request, and asks again for those that a server left out.</summary>
internal sealed class BulkRead(UserConnection connection, bool withIds)
{
    /// <summary>How many items one bulk read names at most; 240 worked on the servers met (plex-facts §5).</summary>
    public const int MaxItems = 200;

    /// <summary>How long the list of ids may be, for the sake of reverse proxies (plex-facts §5).</summary>
    private const int MaxLength = 4000;

    private readonly Stack<Batch> _batches = new();
    private readonly Dictionary<RatingKey, MediaItem> _found = [];
    private readonly TextPool _texts = new();

    public async Task<IReadOnlyDictionary<RatingKey, MediaItem>> ReadAsync(
        IEnumerable<RatingKey> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var sizes = connection.Server.Sizes;
        Push(Batches(keys), isDoubted: false);
        while (_batches.TryPop(out var batch))
        {
            if (batch.Keys.Length > sizes.OfBatches)
            {
                Push(batch.Keys.Chunk(sizes.OfBatches), batch.IsDoubted);
                continue;
            }

            MediaItem[] items;
            BatchAnswer answer;
            try
            {
                (items, answer) = await GetBatchAsync(batch.Keys, cancellationToken).ConfigureAwait(false);
            }
            catch (PlexException e) when (batch.Keys.Length > PageSizes.SmallestBatch && Listing.IsChoking(e))
            {
                sizes.HalveBatches(batch.Keys.Length);
                _batches.Push(batch);
                continue;
            }

            foreach (var item in items)
            {
                _found[item.RatingKey] = item;
            }

            AskAgain(batch, answer, items.Length);
        }

        return _found;
    }

    private void AskAgain(Batch batch, BatchAnswer answer, int count)
    {
        // Large batches came back empty on some servers, and a page clamp cuts one short: what is missing is asked for in smaller
        // numbers. "None of them exists" is worth one more question too, before anybody believes it of so many.
        if (batch.Keys.Length > 1 && (answer is BatchAnswer.Partial || (answer is BatchAnswer.None && !batch.IsDoubted)))
        {
            var missing = batch.Keys.Where(key => !_found.ContainsKey(key)).ToArray();
            var size = count > 0 ? missing.Length : (missing.Length + 1) / 2;
            Push(missing.Chunk(Math.Max(size, 1)), isDoubted: answer is BatchAnswer.None);
        }
    }

    /// <summary>Puts batches before all others, in their order.</summary>
    private void Push(IEnumerable<RatingKey[]> batches, bool isDoubted)
    {
        foreach (var batch in batches.Reverse())
        {
            _batches.Push(new Batch(batch, isDoubted));
        }
    }

    private async Task<(MediaItem[] Items, BatchAnswer Answer)> GetBatchAsync(
        RatingKey[] batch, CancellationToken cancellationToken)
    {
        var request = connection.Read(
            $"/library/metadata/{string.Join(',', batch.Select(UserConnection.Segment))}",
            Listing.Fields(withIds)) with
        {
            Page = (0, batch.Length),
            MaxLength = Listing.MaxLength,
            IsDivisible = batch.Length > PageSizes.SmallestBatch,
        };
        try
        {
            using var page = await Listing.GetPageAsync(
                connection.Server.Transport, request, new ListingContent(default, withIds), cancellationToken).ConfigureAwait(false);
            return Check(request, batch, page);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // None of them resolves (plex-facts §5).
            return ([], BatchAnswer.None);
        }
    }

    private (MediaItem[] Items, BatchAnswer Answer) Check(PlexRequest request, RatingKey[] batch, ListingPage page)
    {
        var (size, total) = (page.Size, page.Total);
        for (var at = 0; at < page.Count; at++)
        {
            if (!OpaqueKey.IsValid(page.KeyOf(at)))
            {
                throw WireError.Missing(request.Redacted, "ratingKey");
            }
        }

        var items = page.TakeItems(_texts);
        if (size is { } announced && announced != items.Length)
        {
            throw WireError.Incomplete(request.Redacted, $"{announced} items announced, {items.Length} sent");
        }

        var asked = batch.ToHashSet();
        if (!Array.TrueForAll(items, item => asked.Remove(item.RatingKey)))
        {
            throw new PlexException(PlexErrorKind.InvalidResponse, $"{request.Redacted} answered with an item that was not asked for.")
            {
                Path = request.Redacted,
            };
        }

        var isWhole = items.Length == batch.Length || (items.Length > 0 && total == items.Length);
        return (items, isWhole ? BatchAnswer.Whole : BatchAnswer.Partial);
    }

    private static IEnumerable<RatingKey[]> Batches(IEnumerable<RatingKey> keys)
    {
        var batch = new List<RatingKey>();
        var length = 0;
        foreach (var key in keys.Distinct())
        {
            var added = UserConnection.Segment(key).Length + 1;
            if (batch.Count == MaxItems || length + added > MaxLength)
            {
                yield return batch.ToArray();
                batch.Clear();
                length = 0;
            }

            batch.Add(key);
            length += added;
        }

        if (batch.Count > 0)
        {
            yield return batch.ToArray();
        }
    }

    /// <summary>Items to be asked for in one request; doubted once the server has said that none of them exists.</summary>
    private sealed record Batch(RatingKey[] Keys, bool IsDoubted);

    /// <summary>
    /// How a bulk read was answered: with all it has, with a part or nothing, or by saying that none of the items exists.
    /// </summary>
    private enum BatchAnswer
    {
        Whole,
        Partial,
        None,
    }
}
