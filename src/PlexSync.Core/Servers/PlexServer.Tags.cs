using System.Globalization;

namespace PlexSync;

// Labels and collections, by which people choose what is kept in step (plex-facts §4.4).
public sealed partial class PlexServer
{
    /// <summary>A number that no label has: a server that lists something for it does not filter by labels.</summary>
    private const string NoLabel = "2147483647";

    /// <summary>The connection that sees labels: the owner's, where the owner is known; other users may see none.</summary>
    private UserConnection OwnerOrUser => _connection with { Token = _connection.Server.OwnerToken ?? _connection.Token };

    /// <summary>The labels of a library's items; one for each kind of item that has it.</summary>
    /// <remarks>One request for each kind: one for movies, three for shows.</remarks>
    internal async Task<IReadOnlyList<ItemTag>> GetLabelsAsync(Library library, CancellationToken cancellationToken)
    {
        var lists = await Task.WhenAll(KindsOf(library).Select(kind => GetLabelsAsync(library, kind, cancellationToken)))
            .ConfigureAwait(false);
        return [.. lists.SelectMany(static list => list)];
    }

    /// <summary>The collections of a library, smart ones too.</summary>
    internal async Task<IReadOnlyList<ItemTag>> GetCollectionsAsync(Library library, CancellationToken cancellationToken)
    {
        var found = new List<ItemTag>();
        if (KindsOf(library).Length > 0)
        {
            await foreach (var row in ListAsync(InSection(library, "collections", null), cancellationToken).ConfigureAwait(false))
            {
                found.Add(new ItemTag(library, row.RatingKey!, row.Title ?? "", ListedAs: null));
            }
        }

        return found;
    }

    /// <summary>The items that have any of the labels, or are in any of the collections.</summary>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidResponse"/>: the server does not filter by labels, and would choose everything.
    /// </exception>
    internal async Task<TaggedItems> GetTaggedAsync(IReadOnlyList<ItemTag> tags, CancellationToken cancellationToken)
    {
        var labels = tags.Where(static tag => tag.ListedAs is not null).ToList();
        await Task.WhenAll(labels.DistinctBy(static label => label.Library.Key)
            .Select(label => RequireFilterAsync(label, cancellationToken))).ConfigureAwait(false);
        var listings = labels.GroupBy(static label => (label.Library, label.ListedAs))
            .Select(group => InSection(
                group.Key.Library,
                "all",
                ByLabel(group.Key.ListedAs, string.Join(',', group.Select(static label => label.Key).Distinct()))))
            .Concat(tags.Where(static tag => tag.ListedAs is null)
                .Select(tag => OwnerOrUser.Read($"/library/collections/{Uri.EscapeDataString(tag.Key)}/children")));
        var found = new TaggedItems();
        foreach (var listing in listings)
        {
            await foreach (var row in ListAsync(listing, cancellationToken).ConfigureAwait(false))
            {
                found.Add(row);
            }
        }

        return found;
    }

    private async Task<IEnumerable<ItemTag>> GetLabelsAsync(Library library, int kind, CancellationToken cancellationToken)
    {
        var request = InSection(library, "label", string.Create(CultureInfo.InvariantCulture, $"type={kind}"));
        try
        {
            var container = await _connection.GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
            var labels = container.Directory ?? [];
            var announced = container.TotalSize ?? container.Size ?? labels.Count;
            return labels.Count == announced
                ? labels.Where(static label => OpaqueKey.IsValid(label.Key)).Select(label =>
                    new ItemTag(library, label.Key!, label.Title ?? "", kind))
                : throw WireError.Incomplete(request.Redacted, $"{announced} labels announced, {labels.Count} sent");
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // Not every kind of library has labels; a label that is nowhere is an error all the same.
            return [];
        }
    }

    private async Task RequireFilterAsync(ItemTag label, CancellationToken cancellationToken)
    {
        var request = InSection(label.Library, "all", ByLabel(label.ListedAs, NoLabel)) with { Page = (0, 1) };
        var container = await _connection.GetContainerAsync(request, cancellationToken).ConfigureAwait(false);
        if (container is { Metadata.Count: > 0 } or { TotalSize: > 0 })
        {
            throw new PlexException(
                PlexErrorKind.InvalidResponse,
                $"'{Name}' lists the items of '{label.Library.Title}' without regard to labels, so that it is not known which have "
                + $"'{label.Title}'.")
            {
                Method = request.Method.Method,
                Path = request.Redacted,
                Subject = label.Library.Title,
            };
        }
    }

    private IAsyncEnumerable<WireMetadata> ListAsync(PlexRequest request, CancellationToken cancellationToken) => MetadataPages.ReadAsync(
        _connection, request, static row => OpaqueKey.IsValid(row.RatingKey) ? row.RatingKey : null, cancellationToken);

    private PlexRequest InSection(Library library, string what, string? query) =>
        OwnerOrUser.Read($"/library/sections/{Uri.EscapeDataString(library.Key.ToString())}/{what}", query);

    private static string ByLabel(int? kind, string keys) =>
        string.Create(CultureInfo.InvariantCulture, $"type={kind}&label={keys}&{Listing.Fields(withIds: false)}");

    /// <summary>The kinds of items that can have a label, as listings number them (plex-facts §4.2).</summary>
    private static int[] KindsOf(Library library) => library.Type switch
    {
        "movie" => [1],
        "show" => [2, 3, 4],
        "artist" => [8, 10],
        _ => [],
    };
}
