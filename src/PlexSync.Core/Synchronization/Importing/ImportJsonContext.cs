using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The shapes of histories; damaged fields count as absent, since one bad value must not cost an entry.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter),
        typeof(TolerantBooleanConverter)])]
[JsonSerializable(typeof(WireImport))]
[JsonSerializable(typeof(WireTautulliRow))]
internal sealed partial class ImportJsonContext : JsonSerializerContext;
