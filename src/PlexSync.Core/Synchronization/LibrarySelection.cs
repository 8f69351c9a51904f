namespace PlexSync;

/// <summary>Finds the libraries a caller names, among those a user may see.</summary>
internal static class LibrarySelection
{
    /// <summary>The libraries that are shared with a user; having none is a failure.</summary>
    public static async Task<IReadOnlyList<Library>> GetSharedAsync(PlexServer server, CancellationToken cancellationToken)
    {
        var libraries = await server.GetRecentLibrariesAsync(cancellationToken).ConfigureAwait(false);
        return libraries.Count > 0
            ? libraries
            : throw new PlexException(PlexErrorKind.NotShared, $"No library of '{server.Name}' is shared with '{server.User.Title}'.")
            {
                Subject = server.User.Title,
            };
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
    /// The libraries in which a target may have the items that were asked for: names and keys are those of the source's libraries, and
    /// copies may be anywhere but where nothing is to be touched.
    /// </summary>
    /// <param name="all">What is shared with the target.</param>
    /// <param name="source">What is shared with the source.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="isSameServer">Both are on one server, so that a key means the same library.</param>
    public static List<Library> Candidates(
        IReadOnlyList<Library> all, IReadOnlyList<Library> source, SyncOptions options, bool isSameServer)
    {
        var theirs = OfTypes(source, options.Types);
        var excluded = options.ExcludedLibraries.Select(name => Find(name, theirs)).ToList();
        return OfTypes(all, options.Types).FindAll(library => isSameServer && theirs.Exists(known => known.Key == library.Key)
            ? !excluded.Exists(known => known.Key == library.Key)
            : !excluded.Exists(known => NameComparison.EqualIgnoringCase(known.Title, library.Title)));
    }

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
                ? NameFailure.Unknown(
                    PlexErrorKind.LibraryNotFound,
                    name,
                    $"No library '{name}' of the types asked for on this server.",
                    libraries.ConvertAll(static library => library.Title))
                : NameFailure.Ambiguous(
                    PlexErrorKind.LibraryAmbiguous,
                    name,
                    $"'{name}' means {found.Count} libraries; use key:N.",
                    found.ConvertAll(static library => $"{library}")));
    }
}
