using System.Globalization;
using PlexSync.Simulator.Hosting;

namespace PlexSync.Simulator.MediaServer;

/// <summary>Items as one user sees them (sheet §4.2), at the size real ones have.</summary>
internal sealed class ItemElements(SimulatedServer server, long userId, Trimming trimming)
{
    private static readonly string[] Genres = ["Drama", "Comedy", "Adventure", "Mystery", "Documentary", "Family"];
    private static readonly string[] People = ["Ada Marsh", "Ben Okafor", "Cleo Lindqvist", "Dario Fonti", "Emi Sato", "Farid Nasser", "Greta Holm"];
    private static readonly string[] Phrases =
    [
        "A stranger arrives with a letter nobody expected", "and an old promise comes due", "while the harbour town prepares for winter",
        "Two sisters inherit a house that keeps its own hours", "and must decide what to tell their father", "before the last ferry leaves",
        "A retired surveyor is asked for one more map", "of a valley that is no longer there", "and finds his own name on it",
    ];

    private readonly NodeView _view = new(server, userId);

    public Element Build(Node node) => node.IsLeaf ? Leaf(node) : Directory(node);

    internal static string ParentGuid(string? key, string type) => $"plex://{type}/{Pseudo(key, 24)}";

    private Element Leaf(Node node)
    {
        var item = node.First;
        var state = _view.State(item);
        var element = new Element("Metadata", item.Type == "track" ? "Track" : "Video");
        void Put(string name, string? value) { if (value is not null && trimming.KeepsField(name)) element.Set(name, value); }
        void Count(string name, long? value) { if (value is not null && trimming.KeepsField(name)) element.Set(name, value); }

        Common(item.RatingKey, $"/library/metadata/{item.RatingKey}", item.PrimaryGuid, item.Type, item.Title, Put);
        if (item.ShowKey is not null)
        {
            var (grand, parent) = item.Type == "track" ? ("artist", "album") : ("show", "season");
            Put("grandparentTitle", item.ShowTitle);
            Put("grandparentRatingKey", item.ShowKey);
            Put("grandparentKey", $"/library/metadata/{item.ShowKey}");
            Put("grandparentGuid", ParentGuid(item.ShowKey, grand));
            Put("parentTitle", Catalogue.SeasonTitle(item));
            Put("parentRatingKey", item.SeasonKey);
            Put("parentKey", $"/library/metadata/{item.SeasonKey}");
            Put("parentGuid", ParentGuid(item.SeasonKey, parent));
            Count("parentIndex", item.Season);
            Count("index", item.Episode);
        }
        if (trimming.Details)
        {
            // In listings only the container says it (sheet §4.2).
            Put("librarySectionTitle", node.Library.Title);
            Count("librarySectionID", long.TryParse(node.Library.Key, out var section) ? section : null);
            Put("librarySectionKey", $"/library/sections/{node.Library.Key}");
        }
        Summary(item, Put);
        Count("year", item.Year);
        if (trimming.KeepsField("originallyAvailableAt")) element.Set("originallyAvailableAt", Day(item));
        Count("duration", item.DurationMs);
        Count("viewCount", state.ViewCount > 0 ? state.ViewCount : null);
        Count("viewOffset", state.ViewOffset > 0 ? state.ViewOffset : null);
        Count("lastViewedAt", state.LastViewedAt);
        if (trimming.KeepsField("userRating")) element.Set("userRating", state.UserRating);
        Count("lastRatedAt", state.LastRatedAt);
        Count("addedAt", item.AddedAt);
        Count("updatedAt", item.AddedAt + 64);

        if (trimming.Guids) foreach (var guid in item.Guids) element.Add(new Element("Guid").Set("id", guid));
        if (trimming.Keeps("Media")) element.Add(Media(item));
        Tags(element, item);
        return element;
    }

    private Element Directory(Node node)
    {
        var first = node.First;
        var isTop = node.Type is "show" or "artist";
        var element = new Element("Metadata", "Directory");
        void Put(string name, string? value) { if (value is not null && trimming.KeepsField(name)) element.Set(name, value); }
        void Count(string name, long? value) { if (value is not null && trimming.KeepsField(name)) element.Set(name, value); }

        Common(node.RatingKey, $"/library/metadata/{node.RatingKey}/children", ParentGuid(node.RatingKey, node.Type), node.Type, node.Title, Put);
        if (!isTop)
        {
            Put("parentRatingKey", first.ShowKey);
            Put("parentKey", $"/library/metadata/{first.ShowKey}");
            Put("parentGuid", ParentGuid(first.ShowKey, node.Type == "album" ? "artist" : "show"));
            Put("parentTitle", first.ShowTitle);
        }
        Summary(first, Put);
        Count("index", isTop ? 1 : first.Season);
        Count("year", first.Year);
        var state = _view.State(node);
        Count("leafCount", _view.LeafCount(node));
        Count("viewedLeafCount", _view.ViewedLeafCount(node));
        if (isTop) Count("childCount", node.Leaves.Select(leaf => leaf.SeasonKey).Distinct().Count());
        Count("viewCount", state.ViewCount > 0 ? state.ViewCount : null);
        Count("lastViewedAt", state.LastViewedAt);
        if (trimming.KeepsField("userRating")) element.Set("userRating", state.UserRating);
        Count("addedAt", first.AddedAt);
        Count("updatedAt", first.AddedAt + 64);
        Tags(element, first);
        return element;
    }

    private static void Common(string ratingKey, string key, string guid, string type, string title, Action<string, string?> put)
    {
        put("ratingKey", ratingKey);
        put("key", key);
        put("guid", guid);
        put("type", type);
        put("title", title);
    }

    private void Summary(SimulatedItem item, Action<string, string?> put)
    {
        if (trimming.KeepsField("summary"))
        {
            // Opening, middle and end of a sentence stand at 0, 1 and 2 modulo 3.
            var at = Hash(item.RatingKey);
            put("summary", $"{Phrases[at % 3 * 3]} {Phrases[at / 3 % 3 * 3 + 1]} {Phrases[at / 9 % 3 * 3 + 2]}. {Phrases[(at + 1) % 3 * 3]} {Phrases[at / 7 % 3 * 3 + 1]}.");
        }
        put("tagline", Phrases[0]);
        put("contentRating", "PG");
        put("studio", "Northlight Pictures");
        if (trimming.KeepsField("thumb")) put("thumb", $"/library/metadata/{item.RatingKey}/thumb/1579514152");
        if (trimming.KeepsField("art")) put("art", $"/library/metadata/{item.RatingKey}/art/1579514152");
    }

    private void Tags(Element element, SimulatedItem item)
    {
        var at = Hash(item.RatingKey);
        Add("Genre", Genres, 2);
        Add("Country", ["Norway"], 1);
        Add("Director", People, 1);
        Add("Writer", People, 2);
        if (!trimming.Keeps("Role")) return;
        for (var i = 0; i < 3; i++)
            element.Add(new Element("Role").Set("tag", People[(at + i) % People.Length]).Set("role", $"Character {i + 1}").Set("thumb", $"https://metadata-static.plex.tv/people/{at % 1000 + i}.jpg"));

        void Add(string name, string[] tags, int count)
        {
            if (!trimming.Keeps(name)) return;
            for (var i = 0; i < count; i++) element.Add(new Element(name).Set("tag", tags[(at + i) % tags.Length]));
        }
    }

    /// <summary>The path on disk is for the owner only (sheet §4.2).</summary>
    private Element Media(SimulatedItem item)
    {
        var id = Hash(item.RatingKey) % 100_000;
        var part = new Element("Part").Set("id", id).Set("key", $"/library/parts/{id}/1579478991/file.mkv").Set("duration", item.DurationMs)
            .Set("file", userId == server.OwnerId ? $"/media/{item.Title} ({item.Year}).mkv" : null).Set("size", 3_109_472_188).Set("container", "mkv");
        return new Element("Media").Set("id", id).Set("duration", item.DurationMs).Set("bitrate", 8_178).Set("width", 1920).Set("height", 1080)
            .Set("aspectRatio", 1.78).Set("audioChannels", 6).Set("audioCodec", "eac3").Set("videoCodec", "hevc").Set("videoResolution", "1080")
            .Set("container", "mkv").Set("videoFrameRate", "24p").Add(part);
    }

    private static string Day(SimulatedItem item)
    {
        var at = Hash(item.RatingKey);
        return string.Create(CultureInfo.InvariantCulture, $"{item.Year:0000}-{at % 12 + 1:00}-{at % 28 + 1:00}");
    }

    private static string Pseudo(string? key, int length) => string.Create(length, Hash(key ?? ""), (text, seed) =>
    {
        for (var i = 0; i < text.Length; i++, seed = (int)((seed * 1_103_515_245L + 12_345) & int.MaxValue)) text[i] = "0123456789abcdef"[(seed >> 12) & 15];
    });

    /// <summary>Stable between runs, unlike string.GetHashCode.</summary>
    private static int Hash(string key)
    {
        var hash = 5381;
        foreach (var c in key) hash = ((hash * 33) ^ c) & int.MaxValue;
        return hash;
    }
}
