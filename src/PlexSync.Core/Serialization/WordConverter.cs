using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>
/// Writes a member of an enumeration as a word in camelCase, the same that <c>--json</c> prints; also as the key of a dictionary.
/// </summary>
/// <remarks>
/// Public because the source generator of another assembly makes one. Numbers are refused: in another version they could mean another
/// member.
/// </remarks>
/// <typeparam name="T">The enumeration.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadWord(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(WordOf(value));
    }

    /// <inheritdoc/>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadWord(ref reader);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(WordOf(value));
    }

    internal static T ReadWord(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            throw new JsonException($"A {typeof(T).Name} is a word, not a {Words.ToWord(reader.TokenType)}.");
        }

        foreach (var (word, value) in Words.Of<T>.All)
        {
            if (reader.ValueTextEquals(word.EncodedUtf8Bytes))
            {
                return value;
            }
        }

        throw Words.Unknown<T>(reader.GetString()!);
    }

    private static JsonEncodedText WordOf(T value)
    {
        foreach (var (word, known) in Words.Of<T>.All)
        {
            if (EqualityComparer<T>.Default.Equals(known, value))
            {
                return word;
            }
        }

        throw new JsonException($"{value} is not a {typeof(T).Name}.");
    }
}
