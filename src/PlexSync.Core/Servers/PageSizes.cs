namespace PlexSync;

/// <summary>How much a server is asked for at once: less, once it has failed at more.</summary>
internal sealed class PageSizes(int listing)
{
    /// <summary>Pages and batches are not made smaller than this.</summary>
    public const int SmallestListing = 125;
    public const int SmallestBatch = 25;

    private int _listing = listing;
    private int _batch = int.MaxValue;

    public int OfListings => Volatile.Read(ref _listing);

    public int OfBatches => Volatile.Read(ref _batch);

    public void HalveListings(int failed) => Lower(ref _listing, Math.Max(failed / 2, SmallestListing));

    public void HalveBatches(int failed) => Lower(ref _batch, Math.Max((failed + 1) / 2, SmallestBatch));

    /// <summary>Several listings may fail at once.</summary>
    private static void Lower(ref int size, int to)
    {
        for (var known = Volatile.Read(ref size); known > to; known = Volatile.Read(ref size))
        {
            Interlocked.CompareExchange(ref size, to, known);
        }
    }
}
