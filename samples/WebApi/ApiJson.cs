using System.Text.Json;
using System.Text.Json.Serialization;
using PlexSync;

namespace WebApi;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SyncPlan))]
[JsonSerializable(typeof(SyncReport))]
internal sealed partial class ApiJson : JsonSerializerContext;
