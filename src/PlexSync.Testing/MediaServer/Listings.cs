using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>Lists of items: a section's, a bulk of ids, children; and their paging (plex-facts §1.3, §4.2, §5).</summary>
internal sealed class Listings(SimulatedServer server)
{
    /// <summary>
    /// More ids than this in one request were never seen to work; some servers answered such with nothing (plex-facts §5).
    /// </summary>
    private const int MostIds = 240;

    public Answer Section(SimulatedRequest request, long userId, string key)
    {
        var library = server.Libraries.FirstOrDefault(library => library.Key == key && server.Sees(library, userId));
        if (library is null) return Html.Error(404);
        if (server.Switches.RequiresPaging && Number(request, "X-Plex-Container-Size") is null) return Html.Error(400);

        var type = Catalogue.TypeOf(request["type"], library);
        var head = Container(library).Set("viewGroup", library.Type).Set("title1", library.Title);
        var meta = request["includeMeta"] == "1" ? FilterMeta.For(library) : null;
        return Page(request, userId, type is null ? [] : Select(request, userId, library, type), head, meta);
    }

    /// <summary>The collections of a section; clients also ask for the ways to filter them (includeMeta=1).</summary>
    public Answer Collections(SimulatedRequest request, long userId, string key)
    {
        var library = server.Libraries.FirstOrDefault(library => library.Key == key && server.Sees(library, userId));
        return library is null ? Html.Error(404) : Part(
            request,
            library,
            [.. library.Collections.Select(collection => new Element("Metadata", "Directory").Set("ratingKey", collection.RatingKey)
                .Set("key", $"/library/collections/{collection.RatingKey}/children").Set("type", "collection")
                .Set("subtype", library.Type).Set("title", collection.Title).Set("childCount", collection.Items.Count))],
            FilterMeta.ForCollections(library));
    }

    /// <summary>What is in a collection, as far as the user sees it (plex-facts §4.4).</summary>
    public Answer InCollection(SimulatedRequest request, long userId, string key)
    {
        var (library, collection) = server.Libraries.Where(library => server.Sees(library, userId))
            .SelectMany(library => library.Collections, (library, collection) => (library, collection))
            .FirstOrDefault(one => one.collection.RatingKey == key);
        return collection is null ? Html.Error(404) : Page(
            request, userId, [.. collection.Items.Select(item => server.VisibleTo(userId, item)).OfType<Node>()], Container(library));
    }

    /// <summary>The labels that items of a type have, with the numbers that a listing is filtered by (plex-facts §4.4).</summary>
    public Answer Labels(SimulatedRequest request, long userId, string key)
    {
        var library = server.Libraries.FirstOrDefault(library => library.Key == key && server.Sees(library, userId));
        if (library is null || Catalogue.TypeOf(request["type"], library) is not { } type) return Html.Error(404);
        var labels = userId != server.OwnerId ? [] : library.Labels
            .Where(label => label.Value.Any(item => server.Catalogue.Find(item)?.Type == type)).Select(label => label.Key).ToList();
        return Answer.Of(
            new Element("MediaContainer").Set("size", labels.Count).Set("title1", library.Title).AddAll(labels.Select(label =>
                new Element("Directory").Set("fastKey", $"/library/sections/{library.Key}/all?label={server.NumberOf(label)}")
                    .Set("key", server.NumberOf(label)).Set("title", label))),
            request);
    }

    /// <summary>All libraries the user sees in one list (plex-facts §4.3).</summary>
    public Answer Everything(SimulatedRequest request, long userId)
    {
        var nodes = server.Libraries.Where(library => server.Sees(library, userId))
            .SelectMany(library => Catalogue.TypeOf(request["type"], library) is { } type ? Select(request, userId, library, type) : []);
        return Page(request, userId, [.. nodes], new Element("MediaContainer"));
    }

    /// <summary>One or many by id: what cannot be seen is left out, 404 only when nothing is left (plex-facts §5).</summary>
    public Answer Metadata(SimulatedRequest request, long userId, string ids)
    {
        var keys = ids.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (keys.Length > MostIds) return Page(request, userId, [], new Element("MediaContainer"));
        List<Node> nodes = [.. keys.Distinct().Select(key => server.VisibleTo(userId, key)).OfType<Node>()];
        if (nodes.Count == 0) return Html.Error(404);
        return Page(request, userId, nodes, Container(nodes[0].Library), details: true);
    }

    /// <summary>children, allLeaves, grandchildren. The leaves of a season are its children only (plex-facts §5).</summary>
    public Answer Below(SimulatedRequest request, long userId, string id)
    {
        if (server.VisibleTo(userId, id) is not { IsLeaf: false } node) return Html.Error(404);
        var isTop = node.Type is "show" or "artist";
        var wantsLeaves = !request.Path.EndsWith("/children", StringComparison.Ordinal);
        var head = Container(node.Library).Set("key", id).Set("parentTitle", node.First.ShowTitle).Set("title1", node.Title);

        if (!isTop && wantsLeaves) return Page(request, userId, [], head);
        var keys = isTop && !wantsLeaves ? node.Leaves.Select(leaf => leaf.SeasonKey).Distinct()
            : node.Leaves.Select(leaf => leaf.RatingKey);
        List<Node> nodes = [.. keys.Select(key => server.VisibleTo(userId, key)).OfType<Node>()];
        var pseudo = isTop && !wantsLeaves && nodes.Count > 1 && request["excludeAllLeaves"] != "1" ? AllEpisodes(node, userId) : null;
        return Page(request, userId, nodes, head, extra: pseudo);
    }

    /// <summary>
    /// What is in progress, and of each show that was begun the first episode that is neither watched nor begun; what was viewed last comes
    /// first (plex-facts §5).
    /// </summary>
    public Answer OnDeck(SimulatedRequest request, long userId)
    {
        var view = new NodeView(server, userId);
        var found = new List<(Node Node, long? At)>();
        foreach (var library in server.Libraries.Where(library => server.Sees(library, userId)))
        {
            var visible = library.Items.Where(item => !item.HiddenFrom.Contains(userId));
            foreach (var leaves in visible.GroupBy(item => item.ShowKey ?? item.RatingKey))
            {
                var states = leaves.Select(leaf => (Leaf: leaf, State: view.State(leaf))).ToList();
                var at = states.Max(one => one.State.LastViewedAt);
                var next = states.Find(one => one.State.IsInProgress).Leaf
                    ?? (at is null ? null : states.Find(one => !one.State.IsWatched).Leaf);
                if (next is not null) found.Add((server.Catalogue.Find(next.RatingKey)!, at));
            }
        }
        return Page(request, userId, [.. found.OrderByDescending(one => one.At).Select(one => one.Node)], new Element("MediaContainer"));
    }

    private List<Node> Select(SimulatedRequest request, long userId, SimulatedLibrary library, string type)
    {
        var query = MediaQuery.Parse(request, type);
        if (server.Switches.FiltersReturnNothing && query.HasStateFlag) return [];
        var sort = request["sort"] ?? "";
        var order = new SortOrder(sort);
        var view = new NodeView(server, userId);
        var kept = order.DependsOnState ? "" : sort;
        var nodes = server.Catalogue.Visible(library, type, kept, userId, all => new SortOrder(kept).Apply(all, view));
        if (!query.IsEmpty) nodes = nodes.FindAll(node => query.Accepts(node, view));
        if (request["label"] is { } labels && !server.Switches.IgnoresLabels) nodes = HavingLabel(nodes, library, labels.Split(','));
        if (order.DependsOnState) nodes = [.. order.Apply(nodes, view)];
        return Number(request, "limit") is { } limit ? [.. nodes.Take(limit)] : nodes;
    }

    private List<Node> HavingLabel(List<Node> nodes, SimulatedLibrary library, string[] numbers)
    {
        var items = library.Labels.Where(label => numbers.Contains(server.NumberOf(label.Key))).SelectMany(label => label.Value)
            .ToHashSet();
        return nodes.FindAll(node => items.Contains(node.RatingKey));
    }

    /// <summary>A part of a list of elements that are no items.</summary>
    private static Answer Part(SimulatedRequest request, SimulatedLibrary library, List<Element> all, Element meta)
    {
        var start = Number(request, "X-Plex-Container-Start") ?? 0;
        List<Element> part = [.. all.Skip(start).Take(Number(request, "X-Plex-Container-Size") ?? int.MaxValue)];
        var container = new Element("MediaContainer").Set("size", part.Count).Set("totalSize", all.Count).Set("offset", start)
            .Append(Container(library));
        return Answer.Of(container.One(meta).AddAll(part), request);
    }

    private Answer Page(SimulatedRequest request, long userId, List<Node> nodes, Element head, Element? extra = null, bool details = false)
    {
        var asked = Number(request, "X-Plex-Container-Size");
        var start = Number(request, "X-Plex-Container-Start") ?? 0;
        if (asked > server.Switches.MaxPageSize) asked = server.Switches.MaxPageSize;
        var items = asked is { } size ? [.. nodes.Skip(start).Take(size)] : nodes;
        int? total = asked is null || server.Switches.OmitsTotals ? null : nodes.Count;
        var page = new ListingPage(nodes, asked is null ? 0 : start, asked, items, items.Count, total);
        if (request.ChangePage is { } change) page = change(page);

        // Unpaged bodies carry neither totalSize nor offset (plex-facts §1.3).
        var container = new Element("MediaContainer", "MediaContainer").Set("size", page.Size + (extra is { Name: "Directory" } ? 1 : 0))
            .Set("totalSize", page.Total).Set("offset", page.Asked is null ? null : page.Start).Append(head);
        if (extra is not null && extra.Name == "Meta") container.One(extra);
        else if (extra is not null) container.Add(extra);

        var elements = new ItemElements(server, userId, Trimming.Of(request, server.Switches, details));
        foreach (var item in page.Items) container.Add(elements.Build(item));

        var answer = Answer.Of(container, request, drift: server.Switches.DriftingTypes);
        if (page.Asked is null) return answer;
        answer.With("X-Plex-Container-Start", page.Start.ToString(CultureInfo.InvariantCulture));
        return page.Total is { } said ? answer.With("X-Plex-Container-Total-Size", said.ToString(CultureInfo.InvariantCulture)) : answer;
    }

    /// <summary>The entry without a rating key that heads the seasons of a show (plex-facts §5).</summary>
    private Element AllEpisodes(Node show, long userId)
    {
        var view = new NodeView(server, userId);
        return new Element("Directory").Set("leafCount", view.LeafCount(show)).Set("viewedLeafCount", view.ViewedLeafCount(show))
            .Set("key", $"/library/metadata/{show.RatingKey}/allLeaves").Set("title", "All episodes");
    }

    private static Element Container(SimulatedLibrary library) => new Element("MediaContainer").Set("allowSync", true)
        .Set("identifier", "com.plexapp.plugins.library")
        .Set("librarySectionID", long.TryParse(library.Key, CultureInfo.InvariantCulture, out var id) ? id : null)
        .Set("librarySectionTitle", library.Title).Set("librarySectionUUID", ServerAnswers.UuidOf(library))
        .Set("mediaTagPrefix", "/system/bundle/media/flags/");

    private static int? Number(SimulatedRequest request, string name) =>
        int.TryParse(request.HeaderOrQuery(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
