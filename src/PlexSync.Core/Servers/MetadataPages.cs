using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>
/// Reads lists of which no write depends: shows, the history. Page by page, each row once, and what is damaged in it is left out.
/// </summary>
internal static class MetadataPages
{
    /// <summary>More than any history holds: a longer list is refused, since it may never end.</summary>
    private const int MaxRows = 10_000_000;

    /// <summary>So many pages of nothing but repeated rows come from no list that only grows while it is read.</summary>
    private const int MaxRepeatedPages = 10;

    /// <summary>The rows in the order of the server; a list that grows at its head while it is read repeats none.</summary>
    /// <param name="connection">Sends the requests.</param>
    /// <param name="request">The list.</param>
    /// <param name="idOf">What tells the rows apart; a row without it is left out.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async IAsyncEnumerable<WireMetadata> ReadAsync(
        UserConnection connection, PlexRequest request, Func<WireMetadata, string?> idOf,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var (start, repeated, isLast) = (0, 0, false); !isLast;)
        {
            var asked = request with { Page = (start, connection.Server.Sizes.OfListings), MaxLength = Listing.MaxLength };
            var page = await connection.GetContainerAsync(asked, cancellationToken).ConfigureAwait(false);
            var rows = page.Metadata ?? [];
            var known = seen.Count;
            foreach (var row in rows)
            {
                if (idOf(row) is { } id && seen.Add(id))
                {
                    yield return row;
                }
            }

            start += (int)Math.Max(rows.Count, page.Size is > 0 and <= MaxRows and var size ? size : 0);
            // A server that does not page says neither total nor offset, and would send the same again.
            isLast = rows.Count == 0 || (page.TotalSize is { } total ? start >= total : page.Offset is null);
            repeated = seen.Count == known ? repeated + 1 : 0;
            if (repeated > MaxRepeatedPages)
            {
                throw WireError.Incomplete(asked.Redacted, "the same rows again and again");
            }

            if (start > MaxRows)
            {
                throw WireError.Incomplete(asked.Redacted, $"more than {MaxRows} rows");
            }
        }
    }
}
