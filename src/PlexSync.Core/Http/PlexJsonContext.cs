using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>Every JSON shape the library reads; nothing is read by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter), typeof(TolerantBooleanConverter)])]
[JsonSerializable(typeof(AccountErrors))]
[JsonSerializable(typeof(WireUser))]
[JsonSerializable(typeof(WireHome))]
[JsonSerializable(typeof(WirePin))]
[JsonSerializable(typeof(WireList<WireResource>))]
[JsonSerializable(typeof(WireServerEnvelope))]
[JsonSerializable(typeof(WireEnvelope))]
internal sealed partial class PlexJsonContext : JsonSerializerContext;
