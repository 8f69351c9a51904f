using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PlexSync.Fleet.Api;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Running;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet;

/// <summary>What is stored and answered as JSON.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredOutcome))]
[JsonSerializable(typeof(StoredResults))]
[JsonSerializable(typeof(SyncRun))]
[JsonSerializable(typeof(Agreements))]
[JsonSerializable(typeof(LastReading))]
[JsonSerializable(typeof(List<SyncReport>))]
[JsonSerializable(typeof(KeptAnswer))]
[JsonSerializable(typeof(StoredRoute))]
[JsonSerializable(typeof(SyncJob))]
[JsonSerializable(typeof(FleetServer))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(List<ServerAnswer>))]
internal sealed partial class FleetJson : JsonSerializerContext
{
    /// <summary>Null where there is nothing, or nothing that can be read.</summary>
    public static T? TryRead<T>(byte[]? text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
