using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync.Serialization;

/// <summary>
/// Writes what a failure says of itself: neither the stack nor the cause, and no secret, since a <see cref="PlexException"/> holds none.
/// </summary>
/// <remarks>
/// Public because the source generator of another assembly makes one. Names follow the naming policy in use and are read in any capitals;
/// what is not known is left out.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PlexExceptionConverter : JsonConverter<PlexException>
{
    /// <inheritdoc/>
    public override PlexException Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var given = new Fields(document.RootElement, options);
        return new PlexException(given.Kind, given.Text(nameof(PlexException.Message)) ?? throw Fields.Wrong(nameof(PlexException.Message)))
        {
            Status = (HttpStatusCode?)given.Number(nameof(PlexException.Status)),
            Method = given.Text(nameof(PlexException.Method)),
            Path = given.Text(nameof(PlexException.Path)),
            Subject = given.Text(nameof(PlexException.Subject)),
            Option = given.Text(nameof(PlexException.Option)),
            UserId = given.Number(nameof(PlexException.UserId)) is { } id ? new UserId(id) : null,
            UserName = given.Text(nameof(PlexException.UserName)),
            RetryAfter = given.Duration(nameof(PlexException.RetryAfter)),
            MayHaveTakenEffect = given.Find(nameof(PlexException.MayHaveTakenEffect)) is { ValueKind: JsonValueKind.True },
            Candidates = given.Texts(nameof(PlexException.Candidates)),
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PlexException value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        AddText(nameof(value.Kind), Words.ToWord(value.Kind));
        AddText(nameof(value.Message), value.Message);
        AddNumber(nameof(value.Status), (int?)value.Status);
        AddText(nameof(value.Method), value.Method);
        AddText(nameof(value.Path), value.Path);
        AddText(nameof(value.Subject), value.Subject);
        AddText(nameof(value.Option), value.Option);
        AddNumber(nameof(value.UserId), value.UserId?.Value);
        AddText(nameof(value.UserName), value.UserName);
        AddText(nameof(value.RetryAfter), value.RetryAfter?.ToString());
        if (value.MayHaveTakenEffect)
        {
            writer.WriteBoolean(Fields.NameOf(nameof(value.MayHaveTakenEffect), options), true);
        }

        if (value.Candidates.Count > 0)
        {
            writer.WriteStartArray(Fields.NameOf(nameof(value.Candidates), options));
            foreach (var candidate in value.Candidates)
            {
                writer.WriteStringValue(candidate);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();

        void AddText(string property, string? text)
        {
            if (text is not null)
            {
                writer.WriteString(Fields.NameOf(property, options), text);
            }
        }

        void AddNumber(string property, long? number)
        {
            if (number is { } known)
            {
                writer.WriteNumber(Fields.NameOf(property, options), known);
            }
        }
    }

    /// <summary>What is there of an exception; a value of another type is refused by its name.</summary>
    private readonly struct Fields(JsonElement given, JsonSerializerOptions options)
    {
        public PlexErrorKind Kind => Text(nameof(PlexException.Kind)) is not { } word ? throw Wrong(nameof(PlexException.Kind))
            : Words.TryRead<PlexErrorKind>(word) ?? throw Words.Unknown<PlexErrorKind>(word);

        public static string NameOf(string property, JsonSerializerOptions? options) =>
            options?.PropertyNamingPolicy?.ConvertName(property) ?? property;

        public static JsonException Wrong(string property) =>
            new($"'{property}' of a {nameof(PlexException)} is missing or has a value that cannot be.");

        /// <summary>The value of a property; null where it is not there, or is null itself.</summary>
        public JsonElement? Find(string property)
        {
            if (given.ValueKind is not JsonValueKind.Object)
            {
                throw new JsonException($"A {nameof(PlexException)} is an object.");
            }

            var name = NameOf(property, options);
            foreach (var field in given.EnumerateObject())
            {
                if (field.Value.ValueKind is not JsonValueKind.Null && field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return field.Value;
                }
            }

            return null;
        }

        public string? Text(string property) =>
            Find(property) is not { } value ? null : value.ValueKind is JsonValueKind.String ? value.GetString() : throw Wrong(property);

        public long? Number(string property) => Find(property) is not { } value ? null
            : value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Wrong(property);

        public TimeSpan? Duration(string property) => Text(property) is not { } text ? null
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) ? duration : throw Wrong(property);

        public List<string> Texts(string property)
        {
            List<string> texts = [];
            if (Find(property) is { } list)
            {
                foreach (var text in list.ValueKind is JsonValueKind.Array ? list.EnumerateArray() : throw Wrong(property))
                {
                    texts.Add(text.ValueKind is JsonValueKind.String ? text.GetString()! : throw Wrong(property));
                }
            }

            return texts;
        }
    }
}
