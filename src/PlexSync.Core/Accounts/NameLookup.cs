namespace PlexSync;

/// <summary>
/// The one way in which a name is looked up among people, servers, libraries and shows: all names of all of them count at once.
/// </summary>
internal static class NameLookup
{
    /// <summary>
    /// Finds those with that name, in any capitals. Where there are several, but exactly one has it to the letter, as a name that people
    /// see, that one is found.
    /// </summary>
    /// <param name="all">Among whom.</param>
    /// <param name="name">What was typed.</param>
    /// <param name="shownNames">The names of one that people see; a null counts as none.</param>
    /// <param name="otherNames">The other names, which count as much but never decide between two.</param>
    public static List<T> Find<T>(
        IEnumerable<T> all, string name, Func<T, IEnumerable<string?>> shownNames, Func<T, IEnumerable<string?>> otherNames)
    {
        var wanted = NameComparison.Simplify(name);
        if (wanted.Length == 0)
        {
            return [];
        }

        var hits = all.Where(one => Has(shownNames(one).Concat(otherNames(one)), StringComparison.OrdinalIgnoreCase)).ToList();
        if (hits.Count > 1)
        {
            var exact = hits.FindAll(one => Has(shownNames(one).Concat(otherNames(one)), StringComparison.Ordinal));
            if (exact is [var only] && Has(shownNames(only), StringComparison.Ordinal))
            {
                return exact;
            }
        }

        return hits;

        bool Has(IEnumerable<string?> names, StringComparison comparison) =>
            names.Any(known => known is not null && NameComparison.Simplify(known).Equals(wanted, comparison));
    }

    /// <summary>Whether a text is <c>key:…</c>, and what follows.</summary>
    public static string? KeyIn(string text) => text.StartsWith("key:", StringComparison.OrdinalIgnoreCase) ? text[4..].Trim() : null;
}
