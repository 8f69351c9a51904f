using System.Globalization;

namespace PlexSync.Testing.MediaServer;

/// <summary>What a listing can be filtered and sorted by: a bool, a double, a string, or null where the item has none.</summary>
internal static class MediaField
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "unwatched", "inProgress", "viewCount", "viewOffset", "lastViewedAt", "lastRatedAt", "userRating", "year", "duration", "addedAt",
        "updatedAt",
        "title", "guid", "id", "index", "unviewedLeafCount", "unwatchedLeaves", "unmatched", "duplicate", "trash",
    };

    public static bool IsKnown(string field) => Known.Contains(field);

    public static bool IsState(string field) =>
        field is "viewCount" or "viewOffset" or "lastViewedAt" or "lastRatedAt" or "userRating" or "unviewedLeafCount";

    public static object? Of(Node node, string field, NodeView view)
    {
        if (node.IsLeaf) return Of(node.First, field, view);
        return field switch
        {
            "unwatched" or "unwatchedLeaves" => view.ViewedLeafCount(node) < view.LeafCount(node),
            "unviewedLeafCount" => (double)(view.LeafCount(node) - view.ViewedLeafCount(node)),
            "inProgress" => view.Leaves(node).Any(leaf => view.State(leaf).IsInProgress),
            "viewCount" => (double)view.State(node).ViewCount,
            "lastViewedAt" => (double?)view.State(node).LastViewedAt,
            "title" => node.Title,
            "index" when node.Type is "season" => (double)node.First.Season,
            "id" => node.RatingKey,
            "guid" when node.Type is "show" or "artist" => ItemElements.TopGuid(node.First, node.Type),
            _ => Of(node.First, field, view),
        };
    }

    public static object? Of(SimulatedItem item, string field, NodeView view)
    {
        var state = view.State(item);
        return field switch
        {
            "unwatched" => !state.IsWatched, // also while in progress (plex-facts §4.3)
            "inProgress" => state.IsInProgress,
            "viewCount" => (double)state.ViewCount,
            "viewOffset" => (double)state.ViewOffset,
            "lastViewedAt" => (double?)state.LastViewedAt,
            "lastRatedAt" => (double?)state.LastRatedAt,
            "userRating" => state.UserRating,
            "year" => (double)item.Year,
            "duration" => (double?)item.DurationMs,
            "addedAt" or "updatedAt" => (double)item.AddedAt,
            "title" => item.Title,
            "guid" => item.PrimaryGuid, // the primary one only (plex-facts §4.3)
            "id" => item.RatingKey,
            "index" => (double)item.Episode,
            _ => false,
        };
    }

    public static object? OfParent(SimulatedItem item, string scope, string field) => (scope, field) switch
    {
        ("show" or "artist", "title") => item.ShowTitle,
        ("show" or "artist", "id") => item.ShowKey,
        ("show" or "artist", "guid") => ItemElements.TopGuid(item, scope),
        ("season" or "album", "title") => Catalogue.SeasonTitle(item),
        ("season" or "album", "id") => item.SeasonKey,
        ("season", "index") => (double)item.Season,
        (_, "year") => (double)item.Year,
        _ => null,
    };
}

/// <summary>sort=field[:desc][,…] (plex-facts §4.3). Unknown fields keep the library's order.</summary>
internal sealed class SortOrder
{
    private readonly List<(string Field, bool Descending)> _keys = [];

    public SortOrder(string sort)
    {
        foreach (var part in sort.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var pieces = part.Split(':');
            var field = pieces[0][(pieces[0].LastIndexOf('.') + 1)..];
            field = field is "titleSort" ? "title" : field is "originallyAvailableAt" ? "year" : field is "ratingKey" ? "id" : field;
            if (MediaField.IsKnown(field)) _keys.Add((field, pieces.Contains("desc")));
        }
    }

    public bool DependsOnState => _keys.Exists(key => MediaField.IsState(key.Field));

    public IReadOnlyList<Node> Apply(IReadOnlyList<Node> nodes, NodeView view)
    {
        IOrderedEnumerable<Node>? ordered = null;
        foreach (var (field, descending) in _keys)
        {
            object? Key(Node node) =>
                field == "id" && long.TryParse(node.RatingKey, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? (double)id
                : MediaField.Of(node, field, view);
            ordered = (ordered, descending) switch
            {
                (null, false) => nodes.OrderBy(Key, FieldComparer.Instance),
                (null, true) => nodes.OrderByDescending(Key, FieldComparer.Instance),
                (_, false) => ordered.ThenBy(Key, FieldComparer.Instance),
                (_, true) => ordered.ThenByDescending(Key, FieldComparer.Instance),
            };
        }
        return ordered is null ? nodes : [.. ordered];
    }

    /// <summary>Absent first; a rating key that is no number after those that are.</summary>
    private sealed class FieldComparer : IComparer<object?>
    {
        public static readonly FieldComparer Instance = new();

        public int Compare(object? x, object? y) => (x, y) switch
        {
            (string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
            (double a, double b) => a.CompareTo(b),
            (bool a, bool b) => a.CompareTo(b),
            _ => Rank(x).CompareTo(Rank(y)),
        };

        private static int Rank(object? value) => value is null ? 0 : value is double ? 1 : 2;
    }
}
