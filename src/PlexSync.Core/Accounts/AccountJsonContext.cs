using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The JSON of plex.tv; nothing is read by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter), typeof(TolerantBooleanConverter),
        typeof(TolerantListConverter<WireUser>),
        typeof(TolerantListConverter<WireResource>),
        typeof(TolerantListConverter<WireConnection>)])]
[JsonSerializable(typeof(WireUser))]
[JsonSerializable(typeof(WireHome))]
[JsonSerializable(typeof(WirePin))]
[JsonSerializable(typeof(WireList<WireResource>))]
[JsonSerializable(typeof(WireResource))]
[JsonSerializable(typeof(WireConnection))]
internal sealed partial class AccountJsonContext : JsonSerializerContext;
