using System.Globalization;

namespace PlexSync.Testing;

/// <summary>Something a listing can hold: a leaf, or a container that exists through its leaves.</summary>
internal sealed class Node(string ratingKey, string type, string title, SimulatedLibrary library, IReadOnlyList<SimulatedItem> leaves)
{
    public string RatingKey { get; } = ratingKey;

    /// <summary>movie, show, season, episode, artist, album or track.</summary>
    public string Type { get; } = type;
    public string Title { get; } = title;
    public SimulatedLibrary Library { get; } = library;

    /// <summary>For a leaf, itself.</summary>
    public IReadOnlyList<SimulatedItem> Leaves { get; } = leaves;
    public bool IsLeaf => Type is "movie" or "episode" or "track";

    /// <summary>The first leaf, which also names a container's parents.</summary>
    internal SimulatedItem First => Leaves[0];

    internal bool IsVisibleTo(long userId)
    {
        foreach (var leaf in Leaves)
            if (leaf.HiddenFrom.Count == 0 || !leaf.HiddenFrom.Contains(userId)) return true;
        return false;
    }
}

/// <summary>All nodes of a server by rating key, and of each library by type in their own order.</summary>
internal sealed class Catalogue
{
    private static readonly Dictionary<string, string> TypeNumbers = new()
    {
        ["1"] = "movie",
        ["2"] = "show",
        ["3"] = "season",
        ["4"] = "episode",
        ["8"] = "artist",
        ["9"] = "album",
        ["10"] = "track",
    };

    private readonly Dictionary<string, Node> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Library, string Type), List<Node>> _listings = [];
    private readonly Dictionary<(string Library, string Type, string Sort), IReadOnlyList<Node>> _sorted = [];
    private readonly Dictionary<(string Library, string Type, string Sort, long User), List<Node>> _visible = [];

    public Catalogue(IEnumerable<SimulatedLibrary> libraries)
    {
        foreach (var library in libraries)
        {
            ItemCount += library.Items.Count;
            var (grand, parent) = library.Type == "artist" ? ("artist", "album") : ("show", "season");
            foreach (var group in library.Items.Where(item => item.ShowKey is not null).GroupBy(item => item.ShowKey!))
                Add(new Node(group.Key, grand, group.First().ShowTitle ?? "", library, [.. group]));
            foreach (var group in library.Items.Where(item => item.SeasonKey is not null).GroupBy(item => item.SeasonKey!))
                Add(new Node(group.Key, parent, SeasonTitle(group.First()), library, [.. group]));
            foreach (var item in library.Items) Add(new Node(item.RatingKey, item.Type, item.Title, library, [item]));
        }
    }

    public int ItemCount { get; }

    /// <summary>The type a listing's number stands for (plex-facts §4.2); null where we do not know it.</summary>
    public static string? TypeOf(string? number, SimulatedLibrary library) =>
        number is null ? library.Type : TypeNumbers.GetValueOrDefault(number);

    public static string SeasonTitle(SimulatedItem item) =>
        item.SeasonTitle ?? string.Create(CultureInfo.InvariantCulture, $"Season {item.Season}");

    public Node? Find(string ratingKey) => _byKey.GetValueOrDefault(ratingKey);

    /// <summary>
    /// What a user sees, in an order that depends on no state; kept, so that each page of a big library costs no pass over all of it.
    /// </summary>
    public List<Node> Visible(
        SimulatedLibrary library, string type, string sort, long userId, Func<IReadOnlyList<Node>, IReadOnlyList<Node>> order)
    {
        if (!_visible.TryGetValue((library.Key, type, sort, userId), out var nodes))
            _visible[(library.Key, type, sort, userId)] =
                nodes = [.. Sorted(library, type, sort, order).Where(node => node.IsVisibleTo(userId))];
        return nodes;
    }

    private IReadOnlyList<Node> Sorted(
        SimulatedLibrary library, string type, string sort, Func<IReadOnlyList<Node>, IReadOnlyList<Node>> order)
    {
        if (!_sorted.TryGetValue((library.Key, type, sort), out var nodes))
            _sorted[(library.Key, type, sort)] = nodes = order(_listings.GetValueOrDefault((library.Key, type)) ?? []);
        return nodes;
    }

    private void Add(Node node)
    {
        _byKey[node.RatingKey] = node;
        var key = (node.Library.Key, node.Type);
        if (!_listings.TryGetValue(key, out var list)) _listings[key] = list = [];
        list.Add(node);
    }
}
