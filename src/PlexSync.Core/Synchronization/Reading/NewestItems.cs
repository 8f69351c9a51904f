namespace PlexSync;

/// <summary>
/// What a user viewed last in a library, as the server lists it, the latest first: read page by page, only as far as it is wanted.
/// </summary>
/// <remarks>
/// The order is not taken on trust: dates that ascend, an undated item before a dated one, an item twice, no total, or a page that does not
/// go on where the one before ended make it <see cref="WholeReadingReason.OrderDoubtful"/>. Each page repeats the last item of the one
/// before.
/// </remarks>
internal sealed class NewestItems
{
    /// <summary>What most runs need fits into it.</summary>
    private const int FirstPage = 100;

    /// <summary>Where more is needed, as after a run that wrote thousands of items: so many pages of a listing at once.</summary>
    private const int ListingsInPage = 5;
    private const int LargestPage = 10_000;

    private readonly HashSet<RatingKey> _keys = [];
    private readonly Dictionary<RatingKey, DateTimeOffset> _viewed = [];
    private int? _known;
    private bool _hasUndated;

    private NewestItems()
    {
    }

    /// <summary>The viewed items, the latest first: as many as the pages held.</summary>
    public List<ViewedItem> Items { get; } = [];

    /// <summary>Whether it comes before the item at which the reading ended, and so can have been viewed later than that.</summary>
    public bool IsRecent(int index) => index < (_known ?? Items.Count);

    /// <summary>Items whose state or date is damaged: nothing is known of them.</summary>
    public List<RatingKey> Damaged { get; } = [];

    /// <summary>How many items the library holds.</summary>
    public int Total { get; private set; }

    /// <summary>How many requests a listing of the whole library takes.</summary>
    public int Pages { get; private set; }

    /// <summary>Why it must not be used; null if it can be.</summary>
    public WholeReadingReason? Oddity { get; private set; }

    /// <summary>Whether they are all that the user has ever viewed.</summary>
    public bool IsAll { get; private set; }

    /// <summary>Whether the item is among those read.</summary>
    public bool Has(RatingKey item) => _viewed.ContainsKey(item);

    /// <summary>Whether the item is among those read with that date or a later one, as all that is known must be, or is damaged.</summary>
    public bool Has(ViewedItem item) => _viewed.TryGetValue(item.Item, out var date) && date >= item.ViewedAt;

    /// <summary>Reads until an item that is known has come, or all that were ever viewed.</summary>
    /// <param name="server">The server as the user.</param>
    /// <param name="library">The library.</param>
    /// <param name="isKnown">Whether nothing before that item can have changed.</param>
    /// <param name="expected">How many items are likely to come before one that is known.</param>
    /// <param name="most">How many items are read at most before it is <see cref="WholeReadingReason.TooManyChanges"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PlexException">The server refused or failed.</exception>
    public static async Task<NewestItems> ReadAsync(
        PlexServer server, Library library, Predicate<ViewedItem> isKnown, int expected, int most, CancellationToken cancellationToken)
    {
        var newest = new NewestItems();
        var (start, isFirst, listings) = (0, true, ListingsInPage);
        RatingKey last = default;
        while (newest.Oddity is null)
        {
            var size = Math.Min(isFirst ? expected + FirstPage : int.MaxValue, Math.Min(listings * server.ListingSize, LargestPage));
            var isLarge = size > server.ListingSize;
            using var page = await TryGetPageAsync(server, library, start, size, isLarge, cancellationToken).ConfigureAwait(false);
            if (page is null)
            {
                listings = 1;
                continue;
            }

            var isRepeated = !isFirst && page.Count > 0 && page.KeyOf(0).SequenceEqual(last.ToString());
            if (page.Size != page.Count || (page.Offset ?? start) != start || (!isFirst && !isRepeated)
                || page.Total is not { } total || total < start + page.Count || (!isFirst && total != newest.Total))
            {
                newest.Oddity = WholeReadingReason.OrderDoubtful;
                break;
            }

            newest.Total = (int)Math.Min(total, int.MaxValue);
            newest.Pages = (int)Math.Ceiling(newest.Total / (double)server.ListingSize);
            for (var at = isFirst ? 0 : 1; at < page.Count && newest.Oddity is null; at++)
            {
                newest.Add(page[at], library, server.Clock.Now);
                if (newest is { _known: null, Items: [.., var item] } && isKnown(item))
                {
                    newest._known = newest.Items.Count - 1;
                }
            }

            newest.IsAll = start + page.Count >= total || newest._hasUndated;
            if (newest.Oddity is not null || newest.IsAll || newest._known is not null)
            {
                break;
            }

            newest.Oddity = page.Count <= (isFirst ? 0 : 1) ? WholeReadingReason.OrderDoubtful
                : newest.Items.Count > most ? WholeReadingReason.TooManyChanges : null;
            if (newest.Oddity is null)
            {
                last = RatingKey.Parse(page.KeyOf(page.Count - 1).ToString());
                (start, isFirst) = (start + page.Count - 1, false);
            }
        }

        return newest;
    }

    /// <summary>Null where the server cannot send so much at once, and may be able to send less.</summary>
    private static async Task<ListingPage?> TryGetPageAsync(
        PlexServer server, Library library, int start, int size, bool isLarge, CancellationToken cancellationToken)
    {
        try
        {
            return await server.GetNewestAsync(library, start, size, isLarge, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (isLarge && Listing.IsChoking(e))
        {
            return null;
        }
    }

    private void Add(in ItemRow row, Library library, DateTimeOffset? now)
    {
        if (!RatingKey.TryParse(row.Key.ToString(), out var key) || !_keys.Add(key))
        {
            Oddity = WholeReadingReason.OrderDoubtful;
        }
        else if (row.IsStateDamaged)
        {
            Damaged.Add(key);
            _viewed.Add(key, DateTimeOffset.MaxValue);
        }
        else if (row.State.LastViewedAt is not { } date)
        {
            _hasUndated = true;
        }
        else if (now is null || date > now + TimeSpan.FromSeconds(1))
        {
            Oddity = WholeReadingReason.ClockMoved;
        }
        else if (row.Type != library.ItemType || _hasUndated || (Items is [.., var before] && date > before.ViewedAt))
        {
            Oddity = WholeReadingReason.OrderDoubtful;
        }
        else
        {
            Items.Add(new ViewedItem(key, date, row.State.ViewCount, row.State.Position));
            _viewed.Add(key, date);
        }
    }
}
