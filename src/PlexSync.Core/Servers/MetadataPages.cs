using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>
/// Reads lists that are no user's state: shows, the history, what has a label. Page by page, each row once; a row that does not say what
/// it is, is left out.
/// </summary>
internal static class MetadataPages
{
    /// <summary>More than any history holds: a longer list is refused, since it may never end.</summary>
    private const int MaxRows = 10_000_000;

    /// <summary>So many pages of nothing but repeated rows come from no list that only grows while it is read.</summary>
    private const int MaxRepeatedPages = 10;

    /// <summary>The rows in the order of the server.</summary>
    /// <param name="connection">Sends the requests.</param>
    /// <param name="request">The list.</param>
    /// <param name="idOf">What tells the rows apart; a row without it is left out.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <param name="grows">Rows are added at its head while it is read; else all that it announces must come.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.IncompleteListing"/>.</exception>
    public static async IAsyncEnumerable<WireMetadata> ReadAsync(
        UserConnection connection, PlexRequest request, Func<WireMetadata, string?> idOf,
        [EnumeratorCancellation] CancellationToken cancellationToken, bool grows = false)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var unnamed = 0;
        for (var (start, repeated, isLast) = (0, 0, false); !isLast;)
        {
            var asked = request with { Page = (start, connection.Server.Sizes.OfListings), MaxLength = Listing.MaxLength };
            var page = await connection.GetContainerAsync(asked, cancellationToken).ConfigureAwait(false);
            var rows = page.Metadata ?? [];
            var known = seen.Count;
            foreach (var row in rows)
            {
                if (idOf(row) is not { } id)
                {
                    unnamed++;
                }
                else if (seen.Add(id))
                {
                    yield return row;
                }
            }

            if (!grows && page.Size > rows.Count + (page.Directory?.Count ?? 0))
            {
                throw WireError.Incomplete(asked.Redacted, $"{page.Size} rows announced, {rows.Count} sent");
            }

            start += (int)Math.Max(rows.Count, page.Size is > 0 and <= MaxRows and var size ? size : 0);
            // A server that does not page says neither total nor offset, and would send the same again.
            isLast = rows.Count == 0 || (page.TotalSize is { } total ? start >= total : page.Offset is null);
            repeated = seen.Count == known ? repeated + 1 : 0;
            if (repeated > MaxRepeatedPages)
            {
                throw WireError.Incomplete(asked.Redacted, "the same rows again and again");
            }

            if (isLast && !grows && page.TotalSize > seen.Count + unnamed)
            {
                throw WireError.Incomplete(asked.Redacted, $"{page.TotalSize} rows announced, {seen.Count + unnamed} sent");
            }

            if (start > MaxRows)
            {
                throw WireError.Incomplete(asked.Redacted, $"more than {MaxRows} rows");
            }
        }
    }
}
