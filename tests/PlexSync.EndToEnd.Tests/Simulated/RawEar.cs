using System.Text.Json;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>A stream of events, read line by line as it comes.</summary>
internal sealed class RawEar(HttpResponseMessage response, StreamReader lines) : IDisposable
{
    /// <summary>The next frame; null when the server ended the stream.</summary>
    public async Task<Heard?> NextAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var (type, data) = ("", "");
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["event", var value]:
                    type = value;
                    break;
                case ["data", var value]:
                    data = value;
                    break;
                default:
                    return Read(type, JsonDocument.Parse(data).RootElement);
            }
        }

        return null;
    }

    /// <summary>What came before the next ping.</summary>
    public async Task<List<Heard>> UntilPingAsync()
    {
        var heard = new List<Heard>();
        while (await NextAsync() is { } next && next != Heard.Ping)
        {
            heard.Add(next);
        }

        return heard;
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }

    private static Heard Read(string type, JsonElement data) => type switch
    {
        "playing" when data.GetProperty("PlaySessionStateNotification") is var one => new Heard(
            type, Text(one, "ratingKey"), Text(one, "state"), one.GetProperty("viewOffset").GetInt64(), Text(one, "sessionKey")),
        "timeline" when data.GetProperty("TimelineEntry") is var entry => new Heard(
            type, Text(entry, "itemID"), $"{entry.GetProperty("state").GetInt32()}"),
        _ => new Heard(type),
    };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}

/// <summary>What a frame says.</summary>
internal sealed record Heard(string Type, string? Item = null, string? State = null, long? Position = null, string? Session = null)
{
    public static readonly Heard Ping = new("ping");
}
