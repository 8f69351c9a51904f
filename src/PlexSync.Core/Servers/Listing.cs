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
    /// <summary>Several times a page of 1,000 items with every detail that listings have.</summary>
    public const long MaxLength = 64L * 1024 * 1024;

    // Trimming is an optimisation that a server may ignore (plex-facts §1.5). Never Guid, never a state field.
    private const string Trimmed =
        "excludeElements=Media,Genre,Country,Rating,Collection,Director,Writer,Role,Producer,Similar,"
        + "Style,Mood,Format,Image,UltraBlurColors"
        + "&excludeFields=summary,tagline,thumb,art,file,studio,contentRating,chapterSource,slug,audienceRating,"
        + "audienceRatingImage,rating,ratingImage,"
        + "parentThumb,grandparentThumb,grandparentArt,grandparentTheme,primaryExtraKey";

    /// <summary>More than any library holds: a longer listing is refused, since it may never end.</summary>
    private const int MaxItems = 2_000_000;

    /// <summary>Several times the bytes of an item with every detail: a longer answer would only fill the memory.</summary>
    private const int MaxLengthPerItem = 32 * 1024;
    private const long MaxLengthBeside = 16L * 1024 * 1024;

    /// <summary>Clocks and time zones may be off by so much.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>What is asked for of each item, with or without what identifies a work beyond this server.</summary>
    public static string Fields(bool withIds) => withIds ? $"includeGuids=1&{Trimmed}" : Trimmed;

    /// <param name="transport">Sends the requests.</param>
    /// <param name="request">The listing.</param>
    /// <param name="sizes">How many items to ask for at once.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async IAsyncEnumerable<ListingPage> ReadAsync(
        PlexTransport transport, PlexRequest request, PageSizes sizes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var received = new ReceivedPages();
        while (true)
        {
            var (page, answer) = await GetNextPageAsync(transport, request, received.Count, sizes, cancellationToken)
                .ConfigureAwait(false);
            received.Add(page, answer);
            yield return answer;

            if (received.IsWhole(page, answer))
            {
                yield break;
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

    /// <summary>What has come so far.</summary>
    private sealed class ReceivedPages
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private long? _total;
        private long _bytes;

        public int Count { get; private set; }

        /// <summary>Adds a page that goes on where the one before ended, and repeats nothing.</summary>
        public void Add(PlexRequest page, ListingPage answer)
        {
            _bytes += answer.Length;
            var (container, items) = (answer.Container, answer.Items);
            var announced = container.Size ?? throw WireError.Missing(page.Redacted, "size");
            if (items.Count != announced)
            {
                throw Doubtful(page, $"{announced} items announced, {items.Count} sent");
            }

            if (container.Offset is { } offset && offset != Count)
            {
                throw Doubtful(page, $"the page starts at {offset}");
            }

            if (answer.Total is not null && _total is not null && answer.Total != _total)
            {
                throw Doubtful(page, $"the total changed from {_total} to {answer.Total}");
            }

            _total ??= answer.Total;
            if (_total > MaxItems || Count > MaxItems)
            {
                throw Doubtful(page, $"more than {MaxItems} items");
            }

            foreach (var item in items)
            {
                if (item.RatingKey is null)
                {
                    throw WireError.Missing(page.Redacted, "ratingKey");
                }

                if (!_seen.Add(item.RatingKey))
                {
                    throw Doubtful(page, $"item {item.RatingKey} comes twice");
                }
            }

            Count += items.Count;
        }

        /// <summary>Nothing is missing after this page; false where another one has to be asked for.</summary>
        public bool IsWhole(PlexRequest page, ListingPage answer)
        {
            if (_bytes > MaxLengthBeside + ((long)Count * MaxLengthPerItem))
            {
                throw new PlexException(PlexErrorKind.InvalidResponse, $"{page.Redacted}: {Count} items in {_bytes} bytes are no listing.")
                {
                    Path = page.Redacted,
                    IsFinal = true,
                };
            }

            if (Count > _total)
            {
                throw Doubtful(page, $"{Count} items sent of a total of {_total}");
            }

            if (_total is null ? answer.Items.Count == 0 : Count == _total)
            {
                return true;
            }

            return answer.Items.Count > 0 ? false : throw Doubtful(page, $"an empty page after {Count} of {_total} items");
        }
    }
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
