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

    /// <summary>Reads a word, as a value or as a name.</summary>
    /// <exception cref="JsonException">It is none of them.</exception>
    public static T Read<T>(ref Utf8JsonReader reader)
        where T : struct, Enum
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            throw new JsonException($"A {typeof(T).Name} is a word, not a {ToWord(reader.TokenType)}.");
        }

        foreach (var (word, value) in Of<T>.All)
        {
            if (reader.ValueTextEquals(word.EncodedUtf8Bytes))
            {
                return value;
            }
        }

        throw Unknown<T>(reader.GetString()!);
    }

    /// <summary>The word of a value.</summary>
    /// <exception cref="JsonException">The value is none of the enumeration.</exception>
    public static JsonEncodedText WordOf<T>(T value)
        where T : struct, Enum
    {
        foreach (var (word, known) in Of<T>.All)
        {
            if (EqualityComparer<T>.Default.Equals(known, value))
            {
                return word;
            }
        }

        throw new JsonException($"{value} is not a {typeof(T).Name}.");
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
