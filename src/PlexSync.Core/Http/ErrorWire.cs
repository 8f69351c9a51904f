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

/// <summary>The error body of plex.tv v2: <c>{"errors":[{"code":1001,"message":"…","status":401}]}</c>.</summary>
internal sealed class AccountErrors
{
    public WireList<AccountError>? Errors { get; set; }
}

internal sealed class AccountError
{
    public long? Code { get; set; }

    public string? Message { get; set; }
}
