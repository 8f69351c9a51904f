namespace PlexSync;

/// <summary>Compares what a user viewed last with what was known of that.</summary>
internal static class KnownViews
{
    /// <summary>Reads what was viewed last, as far as an item that nobody of those who know something needs to read.</summary>
    /// <param name="server">The server as the user.</param>
    /// <param name="library">The library.</param>
    /// <param name="known">What is known of the library: one at least.</param>
    /// <param name="mostChanges">With more changes than that it is <see cref="WholeReadingReason.TooManyChanges"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static Task<NewestItems> ReadNewestAsync(
        PlexServer server, Library library, IReadOnlyList<ReadLibrary> known, int mostChanges, CancellationToken cancellationToken)
    {
        var unchanged = known[0].Newest.Where(item => item.ViewedAt < known[0].SeenUntil).ToHashSet();
        foreach (var other in known.Skip(1))
        {
            unchanged.IntersectWith(other.Newest.Where(item => item.ViewedAt < other.SeenUntil));
        }

        var most = known.Max(static one => one.Newest.Count);
        return NewestItems.ReadAsync(server, library, unchanged.Contains, most - unchanged.Count, mostChanges + most, cancellationToken);
    }

    /// <summary>
    /// What is not as it was: what comes before the item that ended the reading, and what came along with it and would have to be known,
    /// had it been there. Such a view has an earlier date, as of an app that was offline, or of a clock that was set back.
    /// </summary>
    public static IEnumerable<ViewedItem> FindChanged(NewestItems newest, ReadLibrary known)
    {
        var unchanged = known.Newest.ToHashSet();
        // With fewer than that, all that was ever viewed is known.
        var oldest = known.Newest.Count < RunReading.MostSettled ? DateTimeOffset.MinValue : known.Newest.Min(static item => item.ViewedAt);
        return newest.Items.Where((item, at) => (newest.IsRecent(at) || item.ViewedAt > oldest) && !unchanged.Contains(item));
    }

    /// <summary>
    /// What was viewed before and is not listed any more was un-watched or hidden, or the order is wrong; a date that went back belongs to
    /// a server that was restored.
    /// </summary>
    public static WholeReadingReason? FindMissing(NewestItems newest, ReadLibrary known)
    {
        var last = newest.Items is [.., var item] ? item.ViewedAt : DateTimeOffset.MaxValue;
        return known.Newest.Any(item => (newest.IsAll || item.ViewedAt > last) && !newest.Has(item))
            ? WholeReadingReason.ViewsMissing
            : null;
    }
}
