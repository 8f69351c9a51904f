using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync.Cli.Output;

/// <summary>Writes the one document of <c>--json</c>.</summary>
internal static class JsonOutput
{
    /// <summary>Titles as they are, in any script; control characters are escaped all the same.</summary>
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write<T>(T document, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            JsonSerializer.Serialize(writer, document, type);
        }

        return $"{Encoding.UTF8.GetString(buffer.WrittenSpan)}\n";
    }
}

/// <summary>Every shape that <c>--json</c> prints; only ever written, which keeps the code small.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SyncDocument))]
[JsonSerializable(typeof(UsersDocument))]
[JsonSerializable(typeof(LibrariesDocument))]
[JsonSerializable(typeof(ServersDocument))]
[JsonSerializable(typeof(FailureDocument))]
internal sealed partial class JsonContext : JsonSerializerContext;
