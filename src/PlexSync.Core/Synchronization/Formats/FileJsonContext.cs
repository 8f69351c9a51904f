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
    /// <summary>For people: indented.</summary>
    public static FileJsonContext Readable { get; } = new(Write(isIndented: true));

    /// <summary>For lines.</summary>
    public static FileJsonContext Compact { get; } = new(Write(isIndented: false));

    /// <summary>Titles as they are, in any script; control characters are escaped all the same.</summary>
    private static JsonSerializerOptions Write(bool isIndented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = isIndented,
    };
}
