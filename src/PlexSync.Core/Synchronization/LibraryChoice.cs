namespace PlexSync;

/// <summary>Finds the libraries a caller names, among those a user may see.</summary>
internal static class LibraryChoice
{
    /// <summary>What is shared with a user, who must have something.</summary>
    public static async Task<IReadOnlyList<Library>> GetSharedAsync(PlexServer server, CancellationToken cancellationToken)
    {
        var libraries = await server.GetLibrariesAsync(cancellationToken).ConfigureAwait(false);
        return libraries.Count > 0
            ? libraries
            : throw new PlexException(PlexErrorKind.NotShared, $"No library of '{server.Name}' is shared with '{server.User.Title}'.") { Subject = server.User.Title };
    }

    /// <summary>The libraries that were asked for, in the server's order.</summary>
    public static List<Library> Choose(IReadOnlyList<Library> all, SyncOptions options)
    {
        var suitable = OfTypes(all, options.Types);
        var chosen = options.Libraries.Select(name => Find(name, suitable)).ToHashSet();
        var excluded = options.ExcludedLibraries.Select(name => Find(name, suitable)).ToHashSet();
        return suitable.FindAll(library => (chosen.Count == 0 || chosen.Contains(library)) && !excluded.Contains(library));
    }

    /// <summary>
    /// The libraries in which a target may have the items that were asked for: names are those of the source's libraries, and copies may be
    /// anywhere but where nothing is to be touched.
    /// </summary>
    public static List<Library> Candidates(IReadOnlyList<Library> all, SyncOptions options, bool isSameServer) => OfTypes(all, options.Types)
        .FindAll(library => !options.ExcludedLibraries.Any(name =>
            NameComparison.EqualIgnoringCase(library.Title, name) || (isSameServer && library.Key.ToString() == (NameLookup.KeyIn(name) ?? name))));

    private static List<Library> OfTypes(IReadOnlyList<Library> all, IReadOnlyList<MediaType> types) =>
        all.Where(library => library.ItemType is { } type && types.Contains(type)).ToList();

    private static Library Find(string name, List<Library> libraries)
    {
        var found = NameLookup.KeyIn(name) is { } key
            ? libraries.FindAll(library => library.Key.ToString() == key)
            : NameLookup.Find(libraries, name, static library => [library.Title, library.Key.ToString()], static _ => []);
        return found.Count == 1
            ? found[0]
            : throw (found.Count == 0
                ? new PlexException(PlexErrorKind.LibraryNotFound, $"No library '{name}' of the types asked for on this server.")
                {
                    Subject = name,
                    Candidates = libraries.ConvertAll(static library => library.Title),
                }
                : new PlexException(PlexErrorKind.LibraryAmbiguous, $"'{name}' means {found.Count} libraries; use key:N.")
                {
                    Subject = name,
                    Candidates = found.ConvertAll(static library => $"{library.Title} (key:{library.Key})"),
                });
    }
}
