using System.Globalization;
using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>Reads a listing page by page and refuses it as soon as it cannot be trusted to be whole.</summary>
/// <remarks>
/// Plex pages by offset over a list that may change meanwhile, may send fewer items than asked, and may leave totals out (plex-facts §1.3).
/// A listing that lacks an item looks like an item without state; so what is doubtful is not used.
/// </remarks>
internal static class Listing
{
    /// <summary>More than any library holds: a longer listing is refused, since it may never end.</summary>
    private const int MaxItems = 2_000_000;

    /// <summary>Several times the bytes of an item with every detail: a longer answer would only fill the memory.</summary>
    private const int MaxLengthPerItem = 32 * 1024;
    private const long MaxLengthBeside = 16L * 1024 * 1024;

    /// <summary>Clocks and time zones may be off by so much.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <param name="transport">Sends the requests.</param>
    /// <param name="request">The listing.</param>
    /// <param name="sizes">How many items to ask for at once.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async IAsyncEnumerable<ListingPage> ReadAsync(
        PlexTransport transport, PlexRequest request, PageSizes sizes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var count = 0;
        long? total = null;
        long bytes = 0;
        while (true)
        {
            var (page, answer) = await GetNextPageAsync(transport, request, count, sizes, cancellationToken).ConfigureAwait(false);
            var (container, pageTotal) = (answer.Container, answer.Total);
            bytes += answer.Length;
            var items = answer.Items;
            var announced = container.Size ?? throw WireError.Missing(page.Redacted, "size");
            if (items.Count != announced)
            {
                throw Doubtful(page, $"{announced} items announced, {items.Count} sent");
            }

            if (container.Offset is { } offset && offset != count)
            {
                throw Doubtful(page, $"the page starts at {offset}");
            }

            if (pageTotal is not null && total is not null && pageTotal != total)
            {
                throw Doubtful(page, $"the total changed from {total} to {pageTotal}");
            }

            total ??= pageTotal;
            if (total > MaxItems || count > MaxItems)
            {
                throw Doubtful(page, $"more than {MaxItems} items");
            }

            foreach (var item in items)
            {
                if (item.RatingKey is null)
                {
                    throw WireError.Missing(page.Redacted, "ratingKey");
                }

                if (!seen.Add(item.RatingKey))
                {
                    throw Doubtful(page, $"item {item.RatingKey} comes twice");
                }
            }

            count += items.Count;
            yield return answer;

            if (bytes > MaxLengthBeside + ((long)count * MaxLengthPerItem))
            {
                throw new PlexException(PlexErrorKind.InvalidResponse, $"{page.Redacted}: {count} items in {bytes} bytes are no listing.")
                {
                    Path = page.Redacted,
                    IsFinal = true,
                };
            }

            if (count > total)
            {
                throw Doubtful(page, $"{count} items sent of a total of {total}");
            }

            if (total is null ? items.Count == 0 : count == total)
            {
                yield break;
            }

            if (items.Count == 0)
            {
                throw Doubtful(page, $"an empty page after {count} of {total} items");
            }
        }
    }

    /// <summary>The next page, in a smaller size where the server, or a proxy before it, fails at the one asked for.</summary>
    private static async Task<(PlexRequest Request, ListingPage Page)> GetNextPageAsync(
        PlexTransport transport, PlexRequest request, int start, PageSizes sizes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var size = sizes.OfListings;
            var page = request with
            {
                Page = (start, size),
                IsDivisible = size > PageSizes.SmallestListing,
                Advice = $" (asked for {size} items at once; {nameof(PlexClientOptions.PageSize)} sets how many)",
            };
            try
            {
                return (page, await GetPageAsync(transport, page, cancellationToken).ConfigureAwait(false));
            }
            catch (PlexException e) when (page.IsDivisible && IsChoking(e))
            {
                sizes.HalveListings(size);
            }
        }
    }

    /// <summary>Whether the server may be able to do the same in smaller parts.</summary>
    public static bool IsChoking(PlexException e) => e.Kind is PlexErrorKind.ServerError or PlexErrorKind.Timeout;

    /// <summary>One page and the total it claims, in the body or in the header.</summary>
    public static Task<ListingPage> GetPageAsync(PlexTransport transport, PlexRequest request, CancellationToken cancellationToken)
    {
        var json = new JsonAnswer<WireEnvelope>(transport.Unclean, request, ServerJsonContext.Default.WireEnvelope);
        return transport.SendAsync(
            request,
            async (response, token) =>
            {
                var envelope = await json.ReadAsync(response, token).ConfigureAwait(false);
                var container = envelope.MediaContainer ?? throw WireError.Missing(request.Redacted, "MediaContainer");
                long? inHeader = response.Headers.TryGetValues("X-Plex-Container-Total-Size", out var values)
                    && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
                if (container.TotalSize is not null && inHeader is not null && container.TotalSize != inHeader)
                {
                    throw Doubtful(request, $"a total of {container.TotalSize} in the body, {inHeader} in the header");
                }

                return new ListingPage(container, container.TotalSize ?? inHeader, json.Length, LatestAt(ServerClock.DateOf(response)));
            },
            cancellationToken);
    }

    /// <summary>The last second, in unix time, that can be in the past by the server's own clock.</summary>
    private static long LatestAt(DateTimeOffset? answered) => answered is { } now ? (now + Grace).ToUnixTimeSeconds() : long.MaxValue;

    private static PlexException Doubtful(PlexRequest request, string why) =>
        new(PlexErrorKind.IncompleteListing, $"{request.Redacted}: the listing cannot be trusted to be whole: {why}.")
        {
            Method = request.Method.Method,
            Path = request.Redacted,
        };
}

/// <summary>One page.</summary>
/// <param name="Container">What it holds.</param>
/// <param name="Total">How many items it says there are in all.</param>
/// <param name="Length">How many bytes it was.</param>
/// <param name="Latest">The last second that is not in the future by the server's clock.</param>
internal sealed record ListingPage(WireContainer Container, long? Total, long Length, long Latest)
{
    public IReadOnlyList<WireItem> Items => Container.Metadata ?? [];
}

/// <summary>What one page of a listing holds.</summary>
/// <param name="Items">Those of the type that was asked for.</param>
/// <param name="Total">How many items the whole listing holds, where the server says so.</param>
internal sealed record ItemPage(IReadOnlyList<MediaItem> Items, int? Total);

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
