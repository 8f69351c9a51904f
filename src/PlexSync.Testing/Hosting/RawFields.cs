using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PlexSync.Testing.Hosting;

/// <summary>A field of one row, as bytes that need be neither valid JSON nor UTF-8.</summary>
internal sealed record RawField(string Row, string Name, byte[] Value);

/// <summary>Puts raw values into a rendered JSON answer, which stays the same byte for byte everywhere else.</summary>
internal static class RawFields
{
    /// <summary>What tells rows apart: items, then servers and players, then users and libraries.</summary>
    private static readonly string[] Identities = ["ratingKey", "clientIdentifier", "id"];

    public static ReadOnlyMemory<byte> Put(ReadOnlyMemory<byte> json, IEnumerable<RawField> fields)
    {
        var body = json.ToArray();
        // All places are looked up while the answer can still be parsed.
        var edits = fields.SelectMany(field => Find(body, field)).OrderByDescending(edit => edit.Start).ToList();
        foreach (var (start, end, value) in edits) body = [.. body[..start], .. value, .. body[end..]];
        return body;
    }

    private static IEnumerable<Edit> Find(byte[] json, RawField field)
    {
        foreach (var identity in Identities)
        {
            if (Find(json, field, identity) is { } edit) return [edit];
        }

        return [];
    }

    private static Edit? Find(byte[] json, RawField field, string identity)
    {
        var reader = new Utf8JsonReader(json);
        var parents = new Stack<Place>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    parents.Peek().Property = reader.GetString();
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    parents.Push(new Place((int)reader.TokenStartIndex));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    var place = parents.Pop();
                    if (place.IsRow) return place.Edit(field);
                    if (parents.TryPeek(out var parent) && parent.Property == field.Name) parent.Value = (
                        place.Start, (int)reader.BytesConsumed);
                    break;
                default:
                    if (!parents.TryPeek(out parent)) break;
                    if (parent.Property == identity) parent.IsRow |= IsText(ref reader, field.Row) || IsNumber(ref reader, field.Row);
                    if (parent.Property == field.Name) parent.Value = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                    break;
            }
        }

        return null;
    }

    private static bool IsText(ref Utf8JsonReader reader, string row) =>
        reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(row);

    private static bool IsNumber(ref Utf8JsonReader reader, string row) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)
            && long.TryParse(row, CultureInfo.InvariantCulture, out var wanted) && number == wanted;

    private readonly record struct Edit(int Start, int End, byte[] Value);

    /// <summary>An object or array that is not at its end yet.</summary>
    private sealed class Place(int start)
    {
        public int Start { get; } = start;
        public string? Property { get; set; }
        public bool IsRow { get; set; }
        public (int Start, int End)? Value { get; set; }

        /// <summary>In place of the field's value, or as the row's first field if it has none.</summary>
        public Edit Edit(RawField field) => Value is { } value
            ? new Edit(value.Start, value.End, field.Value)
            : new Edit(Start + 1, Start + 1, [.. Encoding.UTF8.GetBytes($"\"{field.Name}\":"), .. field.Value, (byte)',']);
    }
}
