namespace PlexSync;

/// <summary>Finds out which items have the labels, and are in the collections, that were asked for.</summary>
internal static class TagChoice
{
    /// <summary>
    /// One set of items for each kind of choice that was made: an item is chosen if all of the sets have it. Labels and collections belong
    /// to items, not to users, so that one answer holds for everybody on the server.
    /// </summary>
    /// <param name="server">The server of the source.</param>
    /// <param name="libraries">The libraries that were chosen.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">
    /// A name is unknown, or means several: <see cref="PlexErrorKind.LabelNotFound"/>, <see cref="PlexErrorKind.LabelAmbiguous"/>,
    /// <see cref="PlexErrorKind.CollectionNotFound"/>, <see cref="PlexErrorKind.CollectionAmbiguous"/>.
    /// </exception>
    public static async Task<IReadOnlyList<TaggedItems>> ReadAsync(
        PlexServer server, IReadOnlyList<Library> libraries, SyncOptions options, CancellationToken cancellationToken)
    {
        var kinds = new[]
        {
            (Names: options.Labels, Find: (Func<string, ItemTag[], IEnumerable<ItemTag>>)FindLabel, List: (Lister)server.GetLabelsAsync),
            (Names: options.Collections, Find: FindCollection, List: server.GetCollectionsAsync),
        };
        return await Task.WhenAll(kinds.Where(static kind => kind.Names.Count > 0).Select(async kind =>
        {
            var lists = await Task.WhenAll(libraries.Select(library => kind.List(library, cancellationToken))).ConfigureAwait(false);
            ItemTag[] known = [.. lists.SelectMany(static list => list)];
            var meant = kind.Names.SelectMany(name => kind.Find(name, known)).Distinct().ToList();
            return await server.GetTaggedAsync(meant, cancellationToken).ConfigureAwait(false);
        })).ConfigureAwait(false);
    }

    private delegate Task<IReadOnlyList<ItemTag>> Lister(Library library, CancellationToken cancellationToken);

    private static ItemTag[] FindLabel(string name, ItemTag[] known) => FindByName(name, known) switch
    {
        [var label] => [.. label],
        [] => throw NameFailure.Unknown(
            PlexErrorKind.LabelNotFound, name, $"No label '{name}' in these libraries.", NearestTo(name, known)),
        var several => throw NameFailure.Ambiguous(
            PlexErrorKind.LabelAmbiguous, name, $"'{name}' means {several.Count} labels.", several.ConvertAll(static one => one.Key)),
    };

    /// <summary>Collections of one name in several libraries are meant together; within one library the name must tell which.</summary>
    private static ItemTag[] FindCollection(string name, ItemTag[] known)
    {
        var found = NameLookup.KeyIn(name) is { } key
            ? [.. known.Where(collection => collection.Key == key)]
            : FindByName(name, known).SelectMany(static group => group).ToArray();
        if (found.Length == 0)
        {
            throw NameFailure.Unknown(
                PlexErrorKind.CollectionNotFound, name, $"No collection '{name}' in these libraries.", NearestTo(name, known));
        }

        return found.DistinctBy(static one => one.Title).Count() == 1 && found.DistinctBy(static one => one.Library).Count() == found.Length
            ? found
            : throw NameFailure.Ambiguous(
                PlexErrorKind.CollectionAmbiguous,
                name,
                $"'{name}' means {found.Length} collections; use key:N.",
                [.. found.Select(static one => $"{one.Title} (key:{one.Key}, {one.Library.Title})")]);
    }

    private static List<IGrouping<string, ItemTag>> FindByName(string name, ItemTag[] known) => NameLookup.Find(
        known.GroupBy(static tag => NameComparison.Simplify(tag.Title), StringComparer.Ordinal),
        name,
        static tags => [tags.Key],
        static _ => []);

    private static List<string> NearestTo(string name, ItemTag[] known) =>
        NearestNames.To(name, known.Select(static tag => tag.Title).Distinct().Order(StringComparer.Ordinal));
}
