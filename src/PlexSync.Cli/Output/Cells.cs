using System.Globalization;
using System.Text;

namespace PlexSync.Cli.Output;

/// <summary>How much room text takes on a terminal, in columns.</summary>
/// <remarks>
/// Two for East Asian wide and full-width letters and for emoji, none for combining marks and what is not shown, one for the rest. Joined
/// emoji are counted one by one, and signs that may be shown as emoji as such: so a line may come out shorter than allowed, never longer.
/// Letters whose width depends on the font ("ambiguous") count as one, which is what terminals do unless told otherwise.
/// </remarks>
internal static class Cells
{
    /// <summary>First and last of each range of wide letters, in ascending order.</summary>
    private static readonly int[] Wide =
    [
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23FA, 0x25FD, 0x25FE, 0x2600, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B55,
        0x2E80, 0x303E,
        0x3041, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6,
        0x16FE0, 0x18DFF, 0x1AFF0, 0x1B2FF, 0x1F000, 0x1FBFF, 0x20000, 0x3FFFD,
    ];

    /// <summary>The columns of a text without escape sequences.</summary>
    public static int Of(string text)
    {
        var cells = 0;
        foreach (var letter in text.EnumerateRunes())
        {
            cells += Of(letter);
        }

        return cells;
    }

    /// <summary>The text with spaces behind it.</summary>
    public static string Pad(string text, int cells) => text + new string(' ', Math.Max(0, cells - Of(text)));

    /// <summary>As much of the text as there is room for, with a sign where something is left out.</summary>
    public static string Cut(string text, int cells)
    {
        if (Of(text) <= cells)
        {
            return text;
        }

        var (result, room) = (new StringBuilder(), cells - 1);
        foreach (var letter in text.EnumerateRunes())
        {
            room -= Of(letter);
            if (room < 0)
            {
                break;
            }

            result.Append(letter.ToString());
        }

        return cells > 0 ? result.Append('…').ToString() : "";
    }

    /// <summary>
    /// The text in lines that fit; a word that is longer than a line has one of its own, whole, so that addresses and names can be copied.
    /// </summary>
    public static string[] Wrap(string text, int cells)
    {
        var lines = new List<string>();
        // Measured word by word: names from servers can be endless.
        var (line, width) = (new StringBuilder(), 0);
        foreach (var word in text.Split(' '))
        {
            var needed = Of(Paint.Strip(word));
            if (line.Length > 0 && width + 1 + needed > cells)
            {
                lines.Add(line.ToString());
                (_, width) = (line.Clear(), 0);
            }

            if (line.Length > 0)
            {
                line.Append(' ');
                width++;
            }

            line.Append(word);
            width += needed;
        }

        return [.. lines, line.ToString()];
    }

    /// <summary>A line as several that fit, broken between words, all with the indent of the first; colours take no room.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cells">The room.</param>
    /// <param name="hanging">How much further all but the first are indented.</param>
    public static string Flow(string line, int cells, int hanging = 0)
    {
        if (Of(Paint.Strip(line)) <= cells)
        {
            return line;
        }

        var text = line.TrimStart(' ');
        var indent = line[..^text.Length];
        var parts = Wrap(text, cells - indent.Length - hanging);
        return indent + string.Join($"\n{indent}{new string(' ', hanging)}", Array.ConvertAll(parts, static part => part.TrimEnd(' ')));
    }

    /// <summary>The columns of the longest word.</summary>
    public static int OfLongestWord(string text) => text.Split(' ').Max(Of);

    private static int Of(Rune letter)
    {
        // What turns the sign before it into an emoji makes it wide.
        if (letter.Value < 0x300 || letter.Value == 0xFE0F)
        {
            return letter.Value == 0xAD ? 0 : 1;
        }

        // Middle and last parts of Korean syllables join the first.
        if (letter.Value is >= 0x1160 and <= 0x11FF
            || Rune.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        var at = 0;
        while (at < Wide.Length && letter.Value > Wide[at + 1])
        {
            at += 2;
        }

        return at < Wide.Length && letter.Value >= Wide[at] ? 2 : 1;
    }
}
