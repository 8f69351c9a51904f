using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync.Cli.Output;

/// <summary>Writes the one document of <c>--json</c>.</summary>
internal static class JsonOutput
{
    /// <summary>Titles as they are, in any script; control characters are escaped all the same.</summary>
    public static JsonContext Context { get; } =
        new(new JsonSerializerOptions(JsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write<T>(T document, JsonTypeInfo<T> type) => $"{JsonSerializer.Serialize(document, type)}\n";
}

/// <summary>Every shape that <c>--json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(SyncDocument))]
[JsonSerializable(typeof(UsersDocument))]
[JsonSerializable(typeof(LibrariesDocument))]
[JsonSerializable(typeof(ServersDocument))]
[JsonSerializable(typeof(FailureDocument))]
internal sealed partial class JsonContext : JsonSerializerContext;
