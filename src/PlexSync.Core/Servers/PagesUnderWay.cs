namespace PlexSync;

/// <summary>
/// Asks for the pages of one listing ahead of the reader, and takes a smaller size where the server, or a proxy before it, fails at the one
/// asked for. What nobody takes any more is cancelled and let go.
/// </summary>
internal sealed class PagesUnderWay(
    ServerConnection connection, PlexRequest listing, ListingContent content, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Queue<(PlexRequest Request, Task<ListingPage> Page)> _asked = new();
    private CancellationTokenSource _unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private int _askedUpTo;

    /// <summary>A page was shorter than asked for, so that nobody knows where the one after the next starts.</summary>
    private bool _isOneByOne;

    /// <param name="start">Where the page starts: after all that was read.</param>
    /// <param name="total">How long the listing is; null where the server does not say.</param>
    public async Task<(PlexRequest Request, ListingPage Page)> NextAsync(int start, long? total)
    {
        while (true)
        {
            if (start != (_asked.TryPeek(out var next) ? next.Request.Page!.Value.Start : _askedUpTo))
            {
                _isOneByOne = true;
                await LetGoAsync(start).ConfigureAwait(false);
            }

            AskAhead(total);
            var (request, page) = _asked.Dequeue();
            try
            {
                return (request, await page.ConfigureAwait(false));
            }
            catch (PlexException e) when (request.IsDivisible && Listing.IsChoking(e))
            {
                connection.Sizes.HalveListings(request.Page!.Value.Size);
                await LetGoAsync(start).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await LetGoAsync(start: 0).ConfigureAwait(false);
        _unwanted.Dispose();
    }

    private void AskAhead(long? total)
    {
        while (_asked.Count == 0
            || (!_isOneByOne && total > _askedUpTo && _asked.Count < connection.Options.MaxReads))
        {
            var size = connection.Sizes.OfListings;
            var request = listing with
            {
                Page = (_askedUpTo, size),
                IsDivisible = size > PageSizes.SmallestListing,
                Advice = $" (asked for {size} items at once; {nameof(PlexClientOptions.PageSize)} sets how many)",
            };
            _asked.Enqueue((request, Listing.GetPageAsync(connection.Transport, request, content, _unwanted.Token)));
            _askedUpTo += size;
        }
    }

    private async Task LetGoAsync(int start)
    {
        if (_asked.Count > 0)
        {
            await _unwanted.CancelAsync().ConfigureAwait(false);
            _unwanted.Dispose();
            _unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        }

        while (_asked.TryDequeue(out var asked))
        {
            await ((Task)asked.Page).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (asked.Page.IsCompletedSuccessfully)
            {
                (await asked.Page.ConfigureAwait(false)).Dispose();
            }
        }

        _askedUpTo = start;
    }
}
