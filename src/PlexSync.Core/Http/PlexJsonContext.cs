using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>Every JSON shape the library reads; nothing is read by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter), typeof(TolerantBooleanConverter),
        typeof(TolerantListConverter<WireUser>), typeof(TolerantListConverter<WireResource>), typeof(TolerantListConverter<WireConnection>),
        typeof(TolerantListConverter<WireDirectory>), typeof(TolerantListConverter<WireSetting>),
        typeof(TolerantListConverter<AccountError>)])]
[JsonSerializable(typeof(AccountErrors))]
[JsonSerializable(typeof(WireUser))]
[JsonSerializable(typeof(WireHome))]
[JsonSerializable(typeof(WirePin))]
[JsonSerializable(typeof(WireList<WireResource>))]
[JsonSerializable(typeof(WireServerEnvelope))]
[JsonSerializable(typeof(WireEnvelope))]
[JsonSerializable(typeof(WireResource))]
[JsonSerializable(typeof(WireConnection))]
[JsonSerializable(typeof(WireDirectory))]
[JsonSerializable(typeof(WireSetting))]
[JsonSerializable(typeof(WireReference))]
[JsonSerializable(typeof(AccountError))]
internal sealed partial class PlexJsonContext : JsonSerializerContext;
