using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>The history of playbacks (plex-facts §7): the owner's is everybody's.</summary>
internal sealed class HistoryAnswers(SimulatedServer server)
{
    /// <summary>What a request gets that does not say how much it wants.</summary>
    private const int DefaultSize = 50;

    public Answer List(SimulatedRequest request, long userId)
    {
        var rows = server.HistoryRows.Select((row, at) => (Row: row, Number: at + 1))
            .Where(one => userId == server.OwnerId || one.Row.UserId == userId)
            .Where(one => Fits(request["accountID"], AccountOf(one.Row)))
            .Where(one => Number(request["viewedAt>"]) is not { } since || one.Row.ViewedAt >= since)
            .Where(one => Fits(request["metadataItemID"], one.Row.RatingKey))
            .Where(one => Fits(request["librarySectionID"], server.Catalogue.Find(one.Row.RatingKey)?.Library.Key));
        List<(HistoryRow Row, int Number)> sorted = request["sort"] == "viewedAt:desc"
            ? [.. rows.OrderByDescending(one => one.Row.ViewedAt).ThenByDescending(one => one.Number)]
            : [.. rows.OrderBy(one => one.Row.ViewedAt).ThenBy(one => one.Number)];
        var start = (int)(Number(request.HeaderOrQuery("X-Plex-Container-Start")) ?? 0);
        var size = (int)(Number(request.HeaderOrQuery("X-Plex-Container-Size")) ?? DefaultSize);
        var page = sorted.Skip(start).Take(Math.Min(size, server.Switches.MaxPageSize ?? int.MaxValue)).ToList();
        return Answer.Of(
            new Element("MediaContainer").Set("size", page.Count)
                .Set("totalSize", server.Switches.OmitsTotals ? null : sorted.Count).Set("offset", start)
                .AddAll(page.Select(one => Build(one.Row, one.Number))),
            request,
            drift: server.Switches.DriftingTypes);
    }

    /// <summary>An item that is deleted has no keys any more; an episode names its parents by paths.</summary>
    private Element Build(HistoryRow row, int number)
    {
        var element = new Element("Metadata", "Video")
            .Set("historyKey", string.Create(CultureInfo.InvariantCulture, $"/status/sessions/history/{number}"));
        var node = server.Catalogue.Find(row.RatingKey);
        if (node is not null)
        {
            var item = node.First;
            element.Set("key", $"/library/metadata/{row.RatingKey}").Set("ratingKey", row.RatingKey)
                .Set("librarySectionID", node.Library.Key).Set("type", item.Type);
            if (item.ShowKey is not null)
            {
                element.Set("parentKey", $"/library/metadata/{item.SeasonKey}").Set("grandparentKey", $"/library/metadata/{item.ShowKey}")
                    .Set("grandparentTitle", item.ShowTitle).Set("parentIndex", item.Season).Set("index", item.Episode);
            }
        }
        return element.Set("title", node?.Title ?? "Deleted").Set("viewedAt", row.ViewedAt)
            .Set("accountID", Number(AccountOf(row))).Set("deviceID", 3);
    }

    private string AccountOf(HistoryRow row) =>
        (row.UserId == server.OwnerId ? 1 : row.UserId).ToString(CultureInfo.InvariantCulture);

    private static bool Fits(string? asked, string? actual) => asked is null || asked == actual;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
