using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>The JSON of refusals.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [
        typeof(TolerantStringConverter), typeof(TolerantInt64Converter), typeof(TolerantDoubleConverter), typeof(TolerantBooleanConverter),
        typeof(TolerantListConverter<AccountError>)])]
[JsonSerializable(typeof(AccountErrors))]
[JsonSerializable(typeof(AccountError))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext;
