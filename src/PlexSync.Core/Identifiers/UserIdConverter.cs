using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>Writes the number of an account as a number, and as a text where it is the key of a dictionary.</summary>
/// <remarks>Public because the source generator of another assembly makes one.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class UserIdConverter : JsonConverter<UserId>
{
    /// <inheritdoc/>
    public override UserId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var id)
            ? new UserId(id)
            : throw new JsonException($"A {nameof(UserId)} is a whole number.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UserId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNumberValue(value.Value);
    }

    /// <inheritdoc/>
    public override UserId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        long.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            ? new UserId(id)
            : throw new JsonException($"'{Words.Shorten(reader.GetString()!)}' is not a {nameof(UserId)}.");

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, UserId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString());
    }
}
