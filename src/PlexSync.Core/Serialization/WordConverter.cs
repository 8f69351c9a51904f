using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>
/// Writes a member of an enumeration as a word in camelCase, the same that <c>--json</c> prints; also as the key of a dictionary.
/// </summary>
/// <remarks>
/// Public because the source generator of another assembly makes one. A factory, so that programs that serialise nothing themselves can do
/// without the converters. Numbers are refused: in another version they could mean another member.
/// </remarks>
/// <typeparam name="T">The enumeration.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class WordConverter<T> : JsonConverterFactory
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(T);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => new Converter();

    private sealed class Converter : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Words.Read<T>(ref reader);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Words.WordOf(value));

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Words.Read<T>(ref reader);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WritePropertyName(Words.WordOf(value));
    }
}
