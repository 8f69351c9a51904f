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

    /// <summary>The movie and show libraries that go by these titles or keys, or all of them, in the server's order.</summary>
    public static List<Library> Choose(IReadOnlyList<Library> all, IReadOnlyList<string> names)
    {
        var watchable = all.Where(static library => library.ItemType is not null).ToList();
        if (names.Count == 0)
        {
            return watchable;
        }

        var chosen = names.Select(name => Find(name, watchable).Key).ToHashSet();
        return watchable.FindAll(library => chosen.Contains(library.Key));
    }

    private static Library Find(string name, List<Library> libraries)
    {
        var found = libraries.FindAll(library => NameComparison.Equal(library.Title, name));
        found = found.Count > 0 ? found : libraries.FindAll(library => NameComparison.EqualIgnoringCase(library.Title, name));
        found = found.Count > 0 ? found : libraries.FindAll(library => library.Key.ToString() == name);
        return found.Count == 1
            ? found[0]
            : throw (found.Count == 0
                ? new PlexException(PlexErrorKind.LibraryNotFound, $"No movie or show library '{name}' on this server.")
                {
                    Subject = name,
                    Candidates = libraries.ConvertAll(static library => library.Title),
                }
                : new PlexException(PlexErrorKind.LibraryAmbiguous, $"'{name}' names {found.Count} libraries; use the key.")
                {
                    Subject = name,
                    Candidates = found.ConvertAll(static library => $"{library.Title} ({library.Key})"),
                });
    }
}
