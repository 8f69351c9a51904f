using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The JSON of servers; nothing is read by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter), typeof(TolerantBooleanConverter),
        typeof(TolerantListConverter<WireDirectory>),
        typeof(TolerantListConverter<WireSetting>),
        typeof(TolerantListConverter<WireMetadata>)])]
[JsonSerializable(typeof(WireServerEnvelope))]
[JsonSerializable(typeof(WireEnvelope))]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireSetting))]
[JsonSerializable(typeof(WireMetadata))]
[JsonSerializable(typeof(WireReference))]
[JsonSerializable(typeof(WireEvent))]
[JsonSerializable(typeof(WirePlayback))]
[JsonSerializable(typeof(WireTimelineEntry))]
internal sealed partial class ServerJsonContext : JsonSerializerContext;
