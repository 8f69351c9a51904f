using System.Text.Json;

namespace PlexSync;

/// <summary>Members of enumerations as words of closed lists: in files, in metrics, in JSON.</summary>
internal static class Words
{
    private const int LongestQuotation = 60;

    /// <summary>A value as a word of a closed list, in camelCase.</summary>
    public static string ToWord<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The value of a word; null where there is none.</summary>
    public static T? TryRead<T>(string? word)
        where T : struct, Enum
    {
        foreach (var (known, value) in Of<T>.All)
        {
            if (known.Value == word)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>What a message quotes of a text that may be of any length.</summary>
    public static string Shorten(string text) => text.Length <= LongestQuotation ? text : $"{text[..LongestQuotation]}…";

    /// <summary>A word that is none of them.</summary>
    public static JsonException Unknown<T>(string word)
        where T : struct, Enum => new($"'{Shorten(word)}' is not a {typeof(T).Name} that this version of PlexSync knows.");

    /// <summary>All words of an enumeration.</summary>
    public static class Of<T>
        where T : struct, Enum
    {
        public static readonly (JsonEncodedText Word, T Value)[] All =
            Array.ConvertAll(Enum.GetValues<T>(), static value => (JsonEncodedText.Encode(ToWord(value)), value));
    }
}
