using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>Writes what is lost as a list of words, the same that <c>--json</c> prints.</summary>
/// <remarks>Public because the source generator of another assembly makes one.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LostStateConverter : JsonConverter<LostState>
{
    /// <inheritdoc/>
    public override LostState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new JsonException($"A {nameof(LostState)} is a list of words.");
        }

        var lost = LostState.None;
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            lost |= Words.Read<LostState>(ref reader);
        }

        return lost;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LostState value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        foreach (var (word, part) in Words.Of<LostState>.All)
        {
            if (part is not LostState.None && value.HasFlag(part))
            {
                writer.WriteStringValue(word);
            }
        }

        writer.WriteEndArray();
    }
}
