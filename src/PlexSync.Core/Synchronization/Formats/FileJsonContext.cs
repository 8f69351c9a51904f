using System.Text.Json;
using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>Every shape of the files that PlexSync writes for itself and reads again.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(WireFormat))]
[JsonSerializable(typeof(WirePlan))]
[JsonSerializable(typeof(WirePlans))]
[JsonSerializable(typeof(WireJournalLine))]
[JsonSerializable(typeof(List<WireChange>))]
[JsonSerializable(typeof(WireBaseline))]
[JsonSerializable(typeof(WireReading))]
internal sealed partial class FileJsonContext : JsonSerializerContext
{
    /// <summary>
    /// Titles as they are, in any script; control characters are escaped all the same. A writer of one's own says how it is laid out.
    /// </summary>
    public static FileJsonContext Compact { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
