using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>What changes watch state: the transition table of plex-facts §6.7. Called under the server's gate.</summary>
internal sealed class Writes(SimulatedServer server)
{
    /// <summary>Positions up to and including this are ignored (plex-facts §6.3).</summary>
    private const long Floor = 60_000;

    /// <summary>One more play each time; a second call is a second play (plex-facts §6.1).</summary>
    public Answer Scrobble(SimulatedRequest request, long userId) =>
        Mark(request, userId, node => MarkWatched(userId, node));

    /// <summary>Forgets plays, position and date, not the rating (plex-facts §6.2).</summary>
    public Answer Unscrobble(SimulatedRequest request, long userId) =>
        Mark(request, userId, node => MarkUnwatched(userId, node));

    /// <inheritdoc cref="Scrobble"/>
    public void MarkWatched(long userId, Node node) => Mark(userId, node, leaf =>
    {
        Watched(userId, leaf, server.Switches.ScrobbleKeepsPosition);
        if (!node.IsLeaf) Remember(userId, leaf);
    });

    /// <inheritdoc cref="Unscrobble"/>
    public void MarkUnwatched(long userId, Node node) => Mark(userId, node, leaf =>
        Record(userId, WriteKind.Unscrobble, leaf, null, state => state with { ViewCount = 0, ViewOffset = 0, LastViewedAt = null }));

    /// <summary>-1 and, by one report, 0 take the rating away (plex-facts §6.5). Shows and seasons can be rated too.</summary>
    public Answer Rate(SimulatedRequest request, long userId)
    {
        if (request["identifier"] is null || Real(request["rating"]) is not { } rating || rating > 10) return Html.Error(400);
        var at = Number(request["ratedAt"]) ?? server.Now;
        if (at > server.Now) return Html.Error(400);
        if (server.VisibleTo(userId, request["key"]) is not { } node) return Html.Error(404);

        if (server.Switches.SharedRatingsAreOwners && userId != server.OwnerId) return Answer.Empty();
        double? given = rating > 0 ? rating : null;
        Record(
            userId,
            WriteKind.Rate,
            node.RatingKey,
            given,
            state => state with { UserRating = given, LastRatedAt = given is null ? null : at });
        return Answer.Empty();
    }

    public Answer Timeline(SimulatedRequest request, long userId)
    {
        if (server.VisibleTo(userId, request["ratingKey"] ?? request["key"]?.Split('/')[^1]) is not { IsLeaf: true } node)
            return Html.Error(server.Switches.TimelineForbiddenWhenInvisible ? 403 : 404);
        if (Number(request["time"]) is not { } time) return Html.Error(400);
        var duration = Number(request["duration"]);
        if (time > duration) return Html.Error(400);

        // Answered, but without a client identifier or a duration nothing comes of it (plex-facts §1.1, §6.3).
        if (request.ClientIdentifier is { Length: > 0 } client && duration is > 0)
        {
            var state = request["state"] ?? "stopped";
            var session = request.HeaderOrQuery("X-Plex-Session-Identifier");
            Report(new SimulatedSession(userId, node.RatingKey, time, client, state, session), node.First, duration.Value);
        }

        var after = server.State(userId, node.RatingKey);
        return Answer.Of(new Element("MediaContainer").Set("size", 0).Set("playbackState", "progress").Set("skipCount", 0)
            .Set("viewCount", after.ViewCount).Set("viewOffset", after.ViewOffset), request, drift: server.Switches.DriftingTypes);
    }

    /// <summary>The older way, for the owner only (plex-facts §6.4).</summary>
    public Answer Progress(SimulatedRequest request, long userId)
    {
        if (request["identifier"] is null || Number(request["time"]) is not { } time) return Html.Error(400);
        if (server.VisibleTo(userId, request["key"]) is not { IsLeaf: true } node) return Html.Error(404);
        if (node.First.DurationMs is { } duration && time <= duration) Position(userId, node.First, time, duration);
        return Answer.Empty();
    }

    /// <summary>
    /// Within one session, a report below the played threshold and one at or above it make a play, at that report; what the session reports
    /// above it afterwards, "stopped" included, changes nothing (plex-facts §14.1). A lone report there does nothing, unless the server's
    /// switches say otherwise (plex-facts §6.3). "stopped" ends a session without a name, and "playing" and "paused" open one or go on with
    /// it.
    /// </summary>
    /// <returns>The report with the number of its session.</returns>
    public SimulatedSession Report(SimulatedSession report, SimulatedItem item, long duration)
    {
        var before = server.ReportBefore(report);
        var threshold = Threshold(item.DurationMs ?? duration);
        var isNearEnd = report.Position >= threshold;
        var hasCounted = isNearEnd && before?.HasCounted == true;
        var counts = isNearEnd && !hasCounted
            && (server.Switches.CountsLoneReportsNearEnd || (before is { Position: > 0 } && before.Position < threshold));
        report = server.Update(report with { HasCounted = counts || hasCounted });

        if (counts)
        {
            Watched(report.UserId, item.RatingKey, keepsPosition: false);
            Remember(report.UserId, item.RatingKey);
        }
        else if (!hasCounted) Position(report.UserId, item, report.Position, duration);
        return report;
    }

    private void Position(long userId, SimulatedItem item, long time, long duration)
    {
        if (time <= Floor) return;
        if (time >= Threshold(item.DurationMs ?? duration) && !server.Switches.StoresPositionsNearEnd) return;
        if (server.State(userId, item.RatingKey).ViewOffset == time && !server.Switches.RepeatedPositionsMoveDate) return;
        Record(userId, WriteKind.Timeline, item.RatingKey, time, state => state with { ViewOffset = time, LastViewedAt = server.Now });
    }

    private void Watched(long userId, string ratingKey, bool keepsPosition) =>
        Record(userId, WriteKind.Scrobble, ratingKey, null, state => state with
        {
            ViewCount = state.ViewCount + 1,
            ViewOffset = keepsPosition ? state.ViewOffset : 0,
            LastViewedAt = server.Now,
        });

    /// <summary>Real plays are in the history and, of marks, those of whole seasons and shows (plex-facts §6.1).</summary>
    private void Remember(long userId, string ratingKey) => server.AddHistory(new HistoryRow(userId, ratingKey, server.Now));

    /// <summary>By key, or several by uri (plex-facts §6.1). A season or a show stands for all its leaves the user sees.</summary>
    private Answer Mark(SimulatedRequest request, long userId, Action<Node> mark)
    {
        var keys = request["key"] is { Length: > 0 } key ? [key] : request["uri"]?.Split('/')[^1].Split(',');
        if (request["identifier"] is null || keys is null) return Html.Error(400);
        List<Node> nodes = [.. keys.Select(key => server.VisibleTo(userId, key)).OfType<Node>()];
        if (nodes.Count == 0) return Html.Error(404);

        nodes.ForEach(mark);
        return Answer.Empty();
    }

    private void Mark(long userId, Node node, Action<string> mark)
    {
        foreach (var leaf in new NodeView(server, userId).Leaves(node))
        {
            mark(leaf.RatingKey);
            if (server.Switches.TellsMarks && server.Catalogue.Find(leaf.RatingKey) is { } marked) server.Events.TellDone(marked);
        }
    }

    private double Threshold(long duration) => duration * server.Switches.PlayedThresholdPercent / 100.0;

    private void Record(long userId, WriteKind kind, string ratingKey, double? value, Func<ItemState, ItemState> change) =>
        server.Record(new StateWrite(userId, kind, ratingKey, value, server.Now), change(server.State(userId, ratingKey)));

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Real(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
