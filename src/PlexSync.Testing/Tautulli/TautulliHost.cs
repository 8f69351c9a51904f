using System.Globalization;
using System.Text.Json;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.Tautulli;

/// <summary>Tautulli's <c>get_history</c>: pages of rows, newest first, as version 2.18 answers.</summary>
internal sealed class TautulliHost(SimulatedTautulli tautulli) : Host
{
    public const string Name = "tautulli";

    private const string Json = "application/json;charset=UTF-8";

    public override string Role => Name;

    public override long? UserOf(SimulatedRequest request) => null;

    public override Answer Answer(SimulatedRequest request) => Spoil(Route(request), request);

    private Answer Route(SimulatedRequest request)
    {
        if (request.Path != $"{tautulli.BasePath}/api/v2")
            return Hosting.Answer.Text(404, "text/html;charset=utf-8", "<html><body>404 Not Found</body></html>");
        if (!request.Headers.TryGetValue("X-Api-Key", out var key) || key != tautulli.ApiKey) return Error(401, "Invalid apikey");
        if (tautulli.Failure is { } failure) return Error(tautulli.FailureStatus, failure);
        if (request["cmd"] != "get_history") return Error(400, $"Unknown command: {request["cmd"]}");
        var answer = History(request);
        tautulli.Answered();
        return answer;
    }

    private Answer History(SimulatedRequest request)
    {
        var all = tautulli.Rows;
        var user = Number(request["user_id"]);
        var withPlaying = request["include_activity"] != "0";
        var rows = all.Where(row => (user is null || row.UserId == user) && (row.State is null || withPlaying)).ToList();
        var length = Math.Min(Number(request["length"]) ?? 25, tautulli.MaxPageSize ?? long.MaxValue);
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("response");
            json.WriteString("result", "success");
            json.WriteNull("message");
            json.WriteStartObject("data");
            Write(json, "recordsFiltered", rows.Count(static row => row.State is null));
            Write(json, "recordsTotal", all.Count);
            Write(json, "draw", 1);
            json.WriteString("filter_duration", "14 secs");
            json.WriteString("total_duration", "35 secs");
            json.WriteStartArray("data");
            foreach (var row in rows.Skip((int)(Number(request["start"]) ?? 0)).Take((int)Math.Min(length, int.MaxValue))) Write(json, row);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new Answer { Status = 200, ContentType = Json, Body = body.ToArray() };
    }

    /// <summary>Absent numbers are empty texts.</summary>
    private void Write(Utf8JsonWriter json, TautulliRow row)
    {
        json.WriteStartObject();
        Write(json, "reference_id", row.RowId == 0 ? null : row.RowId);
        if (row.State is null) Write(json, "row_id", row.RowId);
        else json.WriteNull("row_id");
        Write(json, "date", row.Stopped - 60);
        Write(json, "started", row.Stopped - 60);
        Write(json, "stopped", row.Stopped);
        Write(json, "duration", 60);
        Write(json, "play_duration", 60);
        Write(json, "paused_counter", 0);
        Write(json, "user_id", row.UserId);
        json.WriteString("user", row.User);
        json.WriteString("friendly_name", row.FriendlyName);
        json.WriteString("platform", "Linux");
        json.WriteString("player", "player-1");
        Write(json, "live", row.Live ? 1 : 0);
        json.WriteString("media_type", row.MediaType);
        if (long.TryParse(row.RatingKey, NumberStyles.None, CultureInfo.InvariantCulture, out var key)) Write(json, "rating_key", key);
        else json.WriteString("rating_key", row.RatingKey);
        json.WriteString("parent_rating_key", "");
        json.WriteString("grandparent_rating_key", "");
        json.WriteString("full_title", row.ShowTitle.Length > 0 ? $"{row.ShowTitle} - {row.Title}" : row.Title);
        json.WriteString("title", row.Title);
        json.WriteString("parent_title", "");
        json.WriteString("grandparent_title", row.ShowTitle);
        json.WriteString("original_title", "");
        Write(json, "year", row.Year);
        Write(json, "media_index", row.Episode);
        Write(json, "parent_media_index", row.Season);
        json.WriteString("guid", row.PlexGuid);
        json.WriteString("transcode_decision", "direct play");
        Write(json, "percent_complete", row.Percent);
        json.WriteNumber("watched_status", row.WatchedStatus);
        Write(json, "group_count", 1);
        json.WriteString("group_ids", $"{row.RowId}");
        if (row.State is null) json.WriteNull("state");
        else json.WriteString("state", row.State);
        json.WriteNull("session_key");
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value && !tautulli.SendsNumbersAsText) json.WriteNumber(name, value);
        else json.WriteString(name, number?.ToString(CultureInfo.InvariantCulture) ?? "");
    }

    private static Answer Error(int status, string message) => Hosting.Answer.Text(
        status,
        Json,
        $$$$"""{"response":{"result":"error","message":"{{{{JsonEncodedText.Encode(message)}}}}","data":{}}}""");

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
