namespace PlexSync.Cli.Output;

/// <summary>
/// Titles as people sort them: numbers by their value, letters without case and accents; what is equal then, by its characters.
/// </summary>
internal sealed class NaturalOrder : IComparer<string?>
{
    public static readonly NaturalOrder Instance = new();

    /// <summary>What the letters from À to ſ are sorted as: the native binary has no tables of Unicode.</summary>
    private const string Bases =
        "AAAAAAACEEEEIIIIDNOOOOO×OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO÷OUUUUYTYAAAAAACCCCCCCCDDDDEEEEEEEEEEGGGG"
        + "GGGGHHHHIIIIIIIIIIIIJJKKKLLLLLLLLLLNNNNNNNNNOOOOOOOORRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";

    private NaturalOrder()
    {
    }

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        var (at, other) = (0, 0);
        while (at < x.Length && other < y.Length)
        {
            int order;
            if (char.IsAsciiDigit(x[at]) && char.IsAsciiDigit(y[other]))
            {
                var one = NumberAt(x, ref at);
                var two = NumberAt(y, ref other);
                order = one.Length != two.Length ? one.Length - two.Length : one.SequenceCompareTo(two);
            }
            else
            {
                order = Letter(x[at++]) - Letter(y[other++]);
            }

            if (order != 0)
            {
                return order;
            }
        }

        return (x.Length - at) - (y.Length - other) is var rest and not 0 ? rest : string.CompareOrdinal(x, y);
    }

    /// <summary>The digits from here on, without leading zeros: the longer number is the larger one.</summary>
    private static ReadOnlySpan<char> NumberAt(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(from, at - from).TrimStart('0');
    }

    private static char Letter(char letter) =>
        letter is >= 'À' and <= 'ſ' ? Bases[letter - 'À'] : char.ToUpperInvariant(letter);
}
