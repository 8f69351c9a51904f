using System.Globalization;
using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>Reads a listing page by page and refuses it as soon as it cannot be trusted to be whole.</summary>
/// <remarks>
/// Plex pages by offset over a list that may change meanwhile, may send fewer items than asked, and may leave totals out (sheet §1.3).
/// A listing that lacks an item looks like an item without state; so what is doubtful is not used.
/// </remarks>
internal static class Listing
{
    /// <summary>More than any library holds: a listing that goes on and on is no listing.</summary>
    private const int MaxItems = 2_000_000;

    /// <param name="transport">Sends the requests.</param>
    /// <param name="request">The listing.</param>
    /// <param name="pageSize">How many items to ask for at once.</param>
    /// <param name="isNew">False for an item that this listing held before.</param>
    /// <param name="expect">Told the total, once it is known.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async IAsyncEnumerable<WireItem> ReadAsync(
        PlexTransport transport, PlexRequest request, int pageSize, Predicate<WireItem> isNew, Action<int>? expect, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0;
        long? total = null;
        while (true)
        {
            var page = request with { Page = (count, pageSize) };
            var (container, pageTotal) = await GetPageAsync(transport, page, cancellationToken).ConfigureAwait(false);
            var items = container.Metadata ?? [];
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

            var isNews = total is null && pageTotal is not null;
            total ??= pageTotal;
            if (total > MaxItems || count > MaxItems)
            {
                throw Doubtful(page, $"more than {MaxItems} items");
            }

            if (isNews && total >= 0)
            {
                expect?.Invoke((int)total);
            }

            foreach (var item in items)
            {
                if (item.RatingKey is null)
                {
                    throw WireError.Missing(page.Redacted, "ratingKey");
                }

                if (!isNew(item))
                {
                    throw Doubtful(page, $"item {item.RatingKey} comes twice");
                }

                count++;
                yield return item;
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

    /// <summary>One page and the total it claims, in the body or in the header.</summary>
    public static Task<ListingPage> GetPageAsync(
        PlexTransport transport, PlexRequest request, CancellationToken cancellationToken) =>
        transport.SendAsync(
            request,
            async (response, token) =>
            {
                var envelope = await PlexTransport.ReadJsonAsync(request, response, PlexJsonContext.Default.WireEnvelope, token).ConfigureAwait(false);
                var container = envelope.MediaContainer ?? throw WireError.Missing(request.Redacted, "MediaContainer");
                long? inHeader = response.Headers.TryGetValues("X-Plex-Container-Total-Size", out var values)
                    && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
                if (container.TotalSize is not null && inHeader is not null && container.TotalSize != inHeader)
                {
                    throw Doubtful(request, $"a total of {container.TotalSize} in the body, {inHeader} in the header");
                }

                return new ListingPage(container, container.TotalSize ?? inHeader);
            },
            cancellationToken);

    private static PlexException Doubtful(PlexRequest request, string why) =>
        new(PlexErrorKind.IncompleteListing, $"{request.Redacted}: the listing cannot be trusted to be whole: {why}.")
        {
            Method = request.Method.Method,
            Path = request.Redacted,
        };
}

/// <summary>One page, and how many items it says there are in all.</summary>
internal sealed record ListingPage(WireContainer Container, long? Total);
