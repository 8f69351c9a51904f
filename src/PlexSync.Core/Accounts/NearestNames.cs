namespace PlexSync;

/// <summary>Suggests names for one that was mistyped.</summary>
internal static class NearestNames
{
    private const int Most = 5;

    /// <summary>The names closest to what was typed; all of them where none is close, as far as a sentence can hold.</summary>
    public static List<string> To(string name, IEnumerable<string> names) =>
        names.OrderBy(candidate => Distance(candidate.ToUpperInvariant(), name.ToUpperInvariant())).Take(Most).ToList();

    /// <summary>The same of things that have a name and are described by more than it.</summary>
    public static List<string> To<T>(string name, IEnumerable<T> all, Func<T, string> nameOf, Func<T, string> describe) =>
        all.OrderBy(candidate => Distance(nameOf(candidate).ToUpperInvariant(), name.ToUpperInvariant())).Take(Most).Select(describe)
            .ToList();

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
