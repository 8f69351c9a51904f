namespace PlexSync.Cli.Configuration;

/// <summary>What somebody who mistyped a word may have meant.</summary>
internal static class Nearest
{
    /// <summary>The closest of the known words; null if none is close.</summary>
    public static string? To(string word, IEnumerable<string> known) => To(word, known, Math.Max(2, word.Length / 3));

    /// <param name="word">What was typed.</param>
    /// <param name="known">What would be understood.</param>
    /// <param name="limit">How many letters may differ.</param>
    public static string? To(string word, IEnumerable<string> known, int limit)
    {
        string? nearest = null;
        foreach (var candidate in known)
        {
            var distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < limit || (distance == limit && nearest is null))
            {
                (nearest, limit) = (candidate, distance);
            }
        }

        return nearest;
    }

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
