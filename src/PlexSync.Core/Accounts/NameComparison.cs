using System.Text;

namespace PlexSync;

/// <summary>Compares names as people mean them: "É" typed as one character or as "E" and an accent is the same name.</summary>
/// <remarks><c>string.Normalize</c> is no help: it does nothing in invariant-globalization builds, the native binary among them.</remarks>
internal static class NameComparison
{
    // Latin letters (U+00C0 to U+017F) as base letter and combining mark; other scripts compare as they are.
    private const string Composed =
        "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽž";

    private const string Bases =
        "AAAAAACEEEEIIIINOOOOOUUUUYaaaaaaceeeeiiiinooooouuuuyyAaAaAaCcCcCcCcDdEeEeEeEeEeGgGgGgGgHhIiIiIiIiIJjKkLlLlLlNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtUuUuUuUuUuUuWwYyYZzZzZz";

    private const string Marks =
        "\u0300\u0301\u0302\u0303\u0308\u030A\u0327\u0300\u0301\u0302\u0308\u0300\u0301\u0302\u0308\u0303\u0300\u0301\u0302\u0303\u0308\u0300\u0301\u0302\u0308\u0301"
        + "\u0300\u0301\u0302\u0303\u0308\u030A\u0327\u0300\u0301\u0302\u0308\u0300\u0301\u0302\u0308\u0303\u0300\u0301\u0302\u0303\u0308\u0300\u0301\u0302\u0308\u0301"
        + "\u0308\u0304\u0304\u0306\u0306\u0328\u0328\u0301\u0301\u0302\u0302\u0307\u0307\u030C\u030C\u030C\u030C\u0304\u0304\u0306\u0306\u0307\u0307\u0328\u0328\u030C"
        + "\u030C\u0302\u0302\u0306\u0306\u0307\u0307\u0327\u0327\u0302\u0302\u0303\u0303\u0304\u0304\u0306\u0306\u0328\u0328\u0307\u0302\u0302\u0327\u0327\u0301\u0301"
        + "\u0327\u0327\u030C\u030C\u0301\u0301\u0327\u0327\u030C\u030C\u0304\u0304\u0306\u0306\u030B\u030B\u0301\u0301\u0327\u0327\u030C\u030C\u0301\u0301\u0302\u0302"
        + "\u0327\u0327\u030C\u030C\u0327\u0327\u030C\u030C\u0303\u0303\u0304\u0304\u0306\u0306\u030A\u030A\u030B\u030B\u0328\u0328\u0302\u0302\u0302\u0302\u0308\u0301"
        + "\u0301\u0307\u0307\u030C\u030C";

    public static bool Equal(string? left, string? right) =>
        left is not null && right is not null && Decompose(left).Equals(Decompose(right), StringComparison.Ordinal);

    public static bool EqualIgnoringCase(string? left, string? right) =>
        left is not null && right is not null && Decompose(left).Equals(Decompose(right), StringComparison.OrdinalIgnoreCase);

    private static string Decompose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\u00C0', '\u017F') < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 4);
        foreach (var letter in text)
        {
            var at = Composed.IndexOf(letter, StringComparison.Ordinal);
            _ = at < 0 ? result.Append(letter) : result.Append(Bases[at]).Append(Marks[at]);
        }

        return result.ToString();
    }
}
