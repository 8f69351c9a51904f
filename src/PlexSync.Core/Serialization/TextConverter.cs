using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>Writes an identifier or a word as a text, and reads it again; also as the key of a dictionary.</summary>
/// <remarks>
/// Public because the source generator of another assembly makes one. A factory, so that programs that serialise nothing themselves can do
/// without the converters. A value that was never set is an empty text.
/// </remarks>
/// <typeparam name="T">The type, which has no state but its text.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class TextConverter<T> : JsonConverterFactory
    where T : struct, IParsable<T>
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(T);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => new Converter();

    private sealed class Converter : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String
                ? Parse(reader.GetString()!)
                : throw new JsonException($"A {typeof(T).Name} is a text, not a {Words.ToWord(reader.TokenType)}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(reader.GetString()!);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value.ToString()!);

        private static T Parse(string text) =>
            text.Length == 0 ? default
            : T.TryParse(text, null, out var value) ? value
            : throw new JsonException($"'{Words.Shorten(text)}' is not a {typeof(T).Name}.");
    }
}
