using System.Globalization;
using System.Text;

namespace PlexSync;

/// <summary>
/// Compares names as people mean them: "É" typed as one character or as "E" and an accent is the same name, and marks that nobody sees,
/// spaces at the ends and the kind of a space make no difference.
/// </summary>
/// <remarks>
/// <c>string.Normalize</c> is no help: it does nothing in invariant-globalization builds, the native binary among them. Latin with
/// Vietnamese, Greek, Cyrillic and Hangul are taken apart here, after the canonical decompositions of Unicode; other scripts compare as
/// they are.
/// </remarks>
internal static class NameComparison
{
    private const string Composed =
        "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵ"
        + "ĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžƠơƯưǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǦǧǨǩǪǫǬǭǮǯǰǴǵ"
        + "ǸǹǺǻǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȞȟȦȧȨȩȪȫȬȭȮȯȰȱȲȳΆΈΉΊΌΎΏΐΪΫάέήίΰϊϋόύώЀЁЃЇЌЍЎЙйѐёѓїќѝўẠạẢảẤấẦầẨẩẪẫ"
        + "ẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ";

    private const string Bases =
        "AAAAAACEEEEIIIINOOOOOUUUUYaaaaaaceeeeiiiinooooouuuuyyAaAaAaCcCcCcCcDdEeEeEeEeEeGgGgGgGgHhIiIiIiIiIJj"
        + "KkLlLlLlNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtUuUuUuUuUuUuWwYyYZzZzZzOoUuAaIiOoUuÜüÜüÜüÜüÄäȦȧÆæGgKkOoǪǫƷʒjGg"
        + "NnÅåÆæØøAaAaEeEeIiIiOoOoRrRrUuUuSsTtHhAaEeÖöÕõOoȮȯYyΑΕΗΙΟΥΩϊΙΥαεηιϋιυουωЕЕГІКИУИиеегікиуAaAaÂâÂâÂâÂâ"
        + "ẠạĂăĂăĂăĂăẠạEeEeEeÊêÊêÊêÊêẸẹIiIiOoOoÔôÔôÔôÔôỌọƠơƠơƠơƠơƠơUuUuƯưƯưƯưƯưƯưYyYyYyYy";

    private const string Marks =
        "\u0300\u0301\u0302\u0303\u0308\u030A\u0327\u0300\u0301\u0302\u0308\u0300\u0301\u0302\u0308\u0303\u0300\u0301\u0302\u0303"
        + "\u0308\u0300\u0301\u0302\u0308\u0301\u0300\u0301\u0302\u0303\u0308\u030A\u0327\u0300\u0301\u0302\u0308\u0300\u0301\u0302"
        + "\u0308\u0303\u0300\u0301\u0302\u0303\u0308\u0300\u0301\u0302\u0308\u0301\u0308\u0304\u0304\u0306\u0306\u0328\u0328\u0301"
        + "\u0301\u0302\u0302\u0307\u0307\u030C\u030C\u030C\u030C\u0304\u0304\u0306\u0306\u0307\u0307\u0328\u0328\u030C\u030C\u0302"
        + "\u0302\u0306\u0306\u0307\u0307\u0327\u0327\u0302\u0302\u0303\u0303\u0304\u0304\u0306\u0306\u0328\u0328\u0307\u0302\u0302"
        + "\u0327\u0327\u0301\u0301\u0327\u0327\u030C\u030C\u0301\u0301\u0327\u0327\u030C\u030C\u0304\u0304\u0306\u0306\u030B\u030B"
        + "\u0301\u0301\u0327\u0327\u030C\u030C\u0301\u0301\u0302\u0302\u0327\u0327\u030C\u030C\u0327\u0327\u030C\u030C\u0303\u0303"
        + "\u0304\u0304\u0306\u0306\u030A\u030A\u030B\u030B\u0328\u0328\u0302\u0302\u0302\u0302\u0308\u0301\u0301\u0307\u0307\u030C"
        + "\u030C\u031B\u031B\u031B\u031B\u030C\u030C\u030C\u030C\u030C\u030C\u030C\u030C\u0304\u0304\u0301\u0301\u030C\u030C\u0300"
        + "\u0300\u0304\u0304\u0304\u0304\u0304\u0304\u030C\u030C\u030C\u030C\u0328\u0328\u0304\u0304\u030C\u030C\u030C\u0301\u0301"
        + "\u0300\u0300\u0301\u0301\u0301\u0301\u0301\u0301\u030F\u030F\u0311\u0311\u030F\u030F\u0311\u0311\u030F\u030F\u0311\u0311"
        + "\u030F\u030F\u0311\u0311\u030F\u030F\u0311\u0311\u030F\u030F\u0311\u0311\u0326\u0326\u0326\u0326\u030C\u030C\u0307\u0307"
        + "\u0327\u0327\u0304\u0304\u0304\u0304\u0307\u0307\u0304\u0304\u0304\u0304\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301"
        + "\u0308\u0308\u0301\u0301\u0301\u0301\u0301\u0308\u0308\u0301\u0301\u0301\u0300\u0308\u0301\u0308\u0301\u0300\u0306\u0306"
        + "\u0306\u0300\u0308\u0301\u0308\u0301\u0300\u0306\u0323\u0323\u0309\u0309\u0301\u0301\u0300\u0300\u0309\u0309\u0303\u0303"
        + "\u0302\u0302\u0301\u0301\u0300\u0300\u0309\u0309\u0303\u0303\u0306\u0306\u0323\u0323\u0309\u0309\u0303\u0303\u0301\u0301"
        + "\u0300\u0300\u0309\u0309\u0303\u0303\u0302\u0302\u0309\u0309\u0323\u0323\u0323\u0323\u0309\u0309\u0301\u0301\u0300\u0300"
        + "\u0309\u0309\u0303\u0303\u0302\u0302\u0301\u0301\u0300\u0300\u0309\u0309\u0303\u0303\u0323\u0323\u0323\u0323\u0309\u0309"
        + "\u0301\u0301\u0300\u0300\u0309\u0309\u0303\u0303\u0323\u0323\u0300\u0300\u0323\u0323\u0309\u0309\u0303\u0303";

    /// <summary>The form in which names are compared to the letter; empty for a name that nobody can see.</summary>
    public static string Simplify(string text) => Decompose(text);

    public static bool Equal(string? left, string? right) =>
        left is not null && right is not null && Decompose(left).Equals(Decompose(right), StringComparison.Ordinal);

    public static bool EqualIgnoringCase(string? left, string? right) =>
        left is not null && right is not null && Decompose(left).Equals(Decompose(right), StringComparison.OrdinalIgnoreCase);

    public static bool ContainsIgnoringCase(string text, string part) =>
        Decompose(text).Contains(Decompose(part), StringComparison.OrdinalIgnoreCase);

    public static bool StartsWithIgnoringCase(string text, string beginning) =>
        Decompose(text).StartsWith(Decompose(beginning), StringComparison.OrdinalIgnoreCase);

    public static string Decompose(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.AsSpan().ContainsAnyInRange('\0', '\u001F') || text.Contains('\u007F') ? Visible(text).Trim() : text.Trim();
        }

        var result = new StringBuilder(text.Length * 2);
        foreach (var letter in Visible(text).Trim())
        {
            Append(result, letter);
            Sort(result);
        }

        return result.ToString();
    }

    /// <summary>Moves a mark that was appended before those that come after it in Unicode's canonical order.</summary>
    private static void Sort(StringBuilder result)
    {
        for (var at = result.Length - 1; at > 0 && Order(result[at]) is > 0 and var order && Order(result[at - 1]) > order; at--)
        {
            (result[at - 1], result[at]) = (result[at], result[at - 1]);
        }
    }

    /// <summary>The canonical combining class of the marks in use above; 0 for a letter.</summary>
    private static int Order(char letter) => letter switch
    {
        '\u0321' or '\u0322' or '\u0327' or '\u0328' => 202,
        '\u031B' => 216,
        (>= '\u0316' and <= '\u0319') or (>= '\u031C' and <= '\u0320') => 220,
        (>= '\u0323' and <= '\u0326') or (>= '\u0329' and <= '\u0333') => 220,
        (>= '\u0300' and <= '\u0314') or (>= '\u033D' and <= '\u0344') => 230,
        _ => 0,
    };

    /// <summary>Without format characters, control characters and variation selectors, and with one kind of space.</summary>
    private static string Visible(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                result.Append(' ');
            }
            else if (!IsInvisible(rune))
            {
                result.Append(rune.ToString());
            }
        }

        return result.ToString();
    }

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
        // Joiners, fillers, blanks and variation selectors, which Unicode counts as letters, signs or marks.
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F)
            or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);

    private static void Append(StringBuilder result, char letter)
    {
        // Signs that Unicode says are letters: ohm, kelvin and ångström.
        letter = letter switch { '\u2126' => '\u03A9', '\u212A' => 'K', '\u212B' => '\u00C5', _ => letter };
        if (Composed.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at)
        {
            // A base can be composed itself, as in Vietnamese.
            Append(result, Bases[at]);
            result.Append(Marks[at]);
        }
        else if (letter is >= '\uAC00' and <= '\uD7A3')
        {
            // Hangul syllables are arithmetic (The Unicode Standard, 3.12).
            var index = letter - '\uAC00';
            result.Append((char)('\u1100' + (index / 588))).Append((char)('\u1161' + (index % 588 / 28)));
            _ = index % 28 == 0 ? result : result.Append((char)('\u11A7' + (index % 28)));
        }
        else
        {
            result.Append(letter);
        }
    }
}
