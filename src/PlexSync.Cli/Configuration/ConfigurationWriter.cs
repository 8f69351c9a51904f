using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PlexSync.Cli.Configuration;

/// <summary>Changes single keys in the text of <c>config.json</c>; all else, comments included, stays as it is.</summary>
internal static class ConfigurationWriter
{
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The text with a key set at the top.</summary>
    /// <param name="text">The file; null where there is none yet.</param>
    /// <param name="key">The key.</param>
    /// <param name="json">Its value.</param>
    public static string Set(string? text, string key, string json) => Set(text ?? "{}\n", key, json, indent: 2);

    /// <summary>The text with settings set at the top.</summary>
    public static string SetAll(string? text, IReadOnlyDictionary<string, Given> settings) =>
        settings.Aggregate(text, static (text, pair) => Set(text, Setting.KeyOf(pair.Key), ToJson(pair.Key, pair.Value)))!;

    /// <summary>The text with a job added or replaced.</summary>
    public static string SetJob(string? text, string name, string json)
    {
        var file = Encoding.UTF8.GetBytes(text ?? "{}\n");
        var jobs = Find(file, JobSettings.Key, out _, out _) is { } place ? Encoding.UTF8.GetString(file[place]) : "{}";
        return Set(text, JobSettings.Key, Set(jobs, name, json, indent: 4));
    }

    /// <summary>Settings as an object on one line.</summary>
    public static string ToJson(IReadOnlyDictionary<string, Given> settings) =>
        $"{{ {string.Join(", ", settings.Select(static pair => $"{Quote(Setting.KeyOf(pair.Key))}: {ToJson(pair.Key, pair.Value)}"))} }}";

    private static string ToJson(string name, Given given) => name switch
    {
        "to-all" => "true",
        "to" or "except" => $"[{string.Join(", ", given.Values.Select(Quote))}]",
        _ => Quote(given.Value),
    };

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static string Set(string text, string key, string json, int indent)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var place = Find(bytes, key, out var last, out var isEmpty);
        var entry = $"{(isEmpty ? "" : ",")}\n{new string(' ', indent)}{Quote(key)}: {json}";
        entry += isEmpty ? $"\n{new string(' ', indent - 2)}" : "";
        var (before, after) = place is { } range ? (bytes[..range.Start], bytes[range.End..]) : (bytes[..last], bytes[last..]);
        return Encoding.UTF8.GetString(before) + (place is null ? entry : json) + Encoding.UTF8.GetString(after);
    }

    /// <summary>Where the value of a key of the outermost object is; null where it has no such key.</summary>
    /// <param name="json">The object.</param>
    /// <param name="key">The key.</param>
    /// <param name="last">Where its last entry ends, to add one after it.</param>
    /// <param name="isEmpty">It has none.</param>
    private static Range? Find(byte[] json, string key, out int last, out bool isEmpty)
    {
        var reader = new Utf8JsonReader(json, Lenient);
        reader.Read();
        (last, isEmpty) = ((int)reader.BytesConsumed, true);
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(key);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            (last, isEmpty) = ((int)reader.BytesConsumed, false);
            if (isWanted)
            {
                return start..last;
            }
        }

        return null;
    }
}
