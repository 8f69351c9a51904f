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

    /// <summary>
    /// The pages in their order, each to be disposed. The first comes alone; once it has told the total, the others are asked for together,
    /// as many as the connection has under way at once. After a page that is shorter than asked they come one by one: where the next one
    /// starts is only known then.
    /// </summary>
    /// <param name="connection">Sends the requests.</param>
    /// <param name="request">The listing.</param>
    /// <param name="content">What is read of each item.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async IAsyncEnumerable<ListingPage> ReadAsync(
        ServerConnection connection, PlexRequest request, ListingContent content,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var received = new ReceivedPages();
        var pages = new PagesUnderWay(connection, request, content, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            for (var isWhole = false; !isWhole;)
            {
                var (asked, page) = await pages.NextAsync(received.Count, received.Total).ConfigureAwait(false);
                try
                {
                    received.Add(asked, page);
                    isWhole = received.IsWhole(asked, page);
                    page.DropOthers(content.Type);
                }
                catch
                {
                    page.Dispose();
                    throw;
                }

                yield return page;
            }
        }
    }

    /// <summary>Whether the server may be able to do the same in smaller parts.</summary>
    public static bool IsChoking(PlexException e) => e.Kind is PlexErrorKind.ServerError or PlexErrorKind.Timeout;

    /// <summary>One page and the total it claims, in the body or in the header; to be disposed.</summary>
    public static Task<ListingPage> GetPageAsync(
        PlexTransport transport, PlexRequest request, ListingContent content, CancellationToken cancellationToken)
    {
        var json = new JsonAnswer<ListingPage>(
            transport.Unclean, request, (body, token) => ListingParser.ReadAsync(body, content, token));
        return transport.SendAsync(
            request,
            async (response, token) =>
            {
                var page = await json.ReadAsync(response, token).ConfigureAwait(false);
                long? inHeader = response.Headers.TryGetValues("X-Plex-Container-Total-Size", out var values)
                    && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
                if (page.Total is not null && inHeader is not null && page.Total != inHeader)
                {
                    page.Dispose();
                    throw Doubtful(request, $"a total of {page.Total} in the body, {inHeader} in the header");
                }

                page.Total ??= inHeader;
                page.Length = json.Length;
                page.Latest = LatestAt(ServerClock.DateOf(response));
                return page;
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
        private readonly KeySet _seen = new();
        private long _bytes;

        public int Count { get; private set; }

        public long? Total { get; private set; }

        /// <summary>Adds a page that goes on where the one before ended, and repeats nothing.</summary>
        public void Add(PlexRequest asked, ListingPage page)
        {
            _bytes += page.Length;
            var announced = page.Size ?? throw WireError.Missing(asked.Redacted, "size");
            if (page.Count != announced)
            {
                throw Doubtful(asked, $"{announced} items announced, {page.Count} sent");
            }

            if (page.Offset is { } offset && offset != Count)
            {
                throw Doubtful(asked, $"the page starts at {offset}");
            }

            if (page.Total is not null && Total is not null && page.Total != Total)
            {
                throw Doubtful(asked, $"the total changed from {Total} to {page.Total}");
            }

            Total ??= page.Total;
            if (Total > MaxItems || Count > MaxItems)
            {
                throw Doubtful(asked, $"more than {MaxItems} items");
            }

            for (var at = 0; at < page.Count; at++)
            {
                var key = page.KeyOf(at);
                if (!OpaqueKey.IsValid(key))
                {
                    throw WireError.Missing(asked.Redacted, "ratingKey");
                }

                if (!_seen.Add(key))
                {
                    throw Doubtful(asked, $"item {key} comes twice");
                }
            }

            Count += page.Count;
        }

        /// <summary>Nothing is missing after this page; false where another one has to be asked for.</summary>
        public bool IsWhole(PlexRequest asked, ListingPage page)
        {
            if (_bytes > MaxLengthBeside + ((long)Count * MaxLengthPerItem))
            {
                throw new PlexException(PlexErrorKind.InvalidResponse, $"{asked.Redacted}: {Count} items in {_bytes} bytes are no listing.")
                {
                    Path = asked.Redacted,
                    IsFinal = true,
                };
            }

            if (Count > Total)
            {
                throw Doubtful(asked, $"{Count} items sent of a total of {Total}");
            }

            if (Total is null ? page.Count == 0 : Count == Total)
            {
                return true;
            }

            return page.Count > 0 ? false : throw Doubtful(asked, $"an empty page after {Count} of {Total} items");
        }
    }
}

/// <summary>What is read of each item of a listing.</summary>
/// <param name="Type">The type that was asked for; an item's own word counts where it has one.</param>
/// <param name="WithIds">Keeps what identifies a work beyond this server; a server may send it unasked.</param>
internal readonly record struct ListingContent(MediaType Type, bool WithIds);
