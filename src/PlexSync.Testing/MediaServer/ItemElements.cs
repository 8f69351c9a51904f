using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>Items as one user sees them (plex-facts §4.2), at the size real ones have.</summary>
internal sealed class ItemElements(SimulatedServer server, long userId, Trimming trimming)
{
    private static readonly string[] Genres = ["Drama", "Comedy", "Adventure", "Mystery", "Documentary", "Family"];
    private static readonly string[] Countries = ["Norway", "Portugal", "Canada"];
    private static readonly string[] People = ["Ada Marsh", "Ben Okafor", "Cleo Lindqvist", "Dario Fonti", "Emi Sato", "Farid Nasser"];
    private static readonly string[] Phrases =
    [
        "A stranger arrives with a letter nobody expected", "and an old promise comes due", "while the harbour town prepares for winter",
        "Two sisters inherit a house that keeps its own hours", "and must decide what to tell their father", "before the last ferry leaves",
        "A retired surveyor is asked for one more map", "of a valley that is no longer there", "and finds his own name on it",
    ];

    private readonly NodeView _view = new(server, userId);

    public Element Build(Node node) => node.IsLeaf ? Leaf(node) : Directory(node);

    /// <summary>The primary guid of a leaf's show or artist.</summary>
    internal static string TopGuid(SimulatedItem leaf, string type) => leaf.ShowGuid ?? ParentGuid(leaf.ShowKey, type);

    /// <summary>That of its season or album: the same for every copy of a show that has a guid of its own.</summary>
    private static string MiddleGuid(SimulatedItem leaf, string type) =>
        ParentGuid(
            leaf.ShowGuid is null ? leaf.SeasonKey : string.Create(CultureInfo.InvariantCulture, $"{leaf.ShowGuid}/{leaf.Season}"), type);

    private static string ParentGuid(string? key, string type) => $"plex://{type}/{Pseudo(key, 24)}";

    private Element Leaf(Node node)
    {
        var item = node.First;
        var state = _view.State(item);
        var element = Start(node, item.Type == "track" ? "Track" : "Video", $"/library/metadata/{item.RatingKey}", item.PrimaryGuid);
        if (item.ShowKey is not null)
        {
            var (grand, parent) = item.Type == "track" ? ("artist", "album") : ("show", "season");
            element.Set("grandparentTitle", item.ShowTitle).Set("grandparentRatingKey", item.ShowKey)
                .Set("grandparentKey", $"/library/metadata/{item.ShowKey}").Set("grandparentGuid", TopGuid(item, grand))
                .Set("parentTitle", Catalogue.SeasonTitle(item)).Set("parentRatingKey", item.SeasonKey)
                .Set("parentKey", $"/library/metadata/{item.SeasonKey}").Set("parentGuid", MiddleGuid(item, parent))
                .Set("parentIndex", item.Season).Set("index", item.Episode);
        }
        element.Set("year", item.Year).Set("originallyAvailableAt", ReleaseDay(item)).Set("duration", item.DurationMs);
        AddState(element, state).Set("viewOffset", state.IsInProgress ? state.ViewOffset : null)
            .Set("addedAt", item.AddedAt).Set("updatedAt", item.AddedAt + 64);

        var withheld = item.Type == "episode" && !trimming.Details && server.Switches.WithholdsEpisodeGuids;
        if (!withheld) AddGuids(element, item.Guids);
        if (trimming.Keeps("Media")) element.Add(Media(item));
        AddNewFields(element, node);
        return Tags(element, item);
    }

    private Element Directory(Node node)
    {
        var first = node.First;
        var isTop = node.Type is "show" or "artist";
        var guid = isTop ? TopGuid(first, node.Type) : MiddleGuid(first, node.Type);
        var element = Start(node, "Directory", $"/library/metadata/{node.RatingKey}/children", guid);
        if (!isTop)
        {
            element.Set("parentRatingKey", first.ShowKey).Set("parentKey", $"/library/metadata/{first.ShowKey}")
                .Set("parentGuid", TopGuid(first, node.Type == "album" ? "artist" : "show")).Set("parentTitle", first.ShowTitle);
        }
        element.Set("index", isTop ? 1 : first.Season);
        if (node.Type == "season" && trimming.OfLibrary)
        {
            // A library's own list of seasons says no more (plex-facts §14.1).
            element.Set("parentYear", first.Year);
        }
        else
        {
            element.Set("year", first.Year).Set("leafCount", _view.LeafCount(node)).Set("viewedLeafCount", _view.ViewedLeafCount(node))
                .Set("childCount", isTop ? node.Leaves.Select(leaf => leaf.SeasonKey).Distinct().Count() : null);
        }
        AddState(element, _view.State(node)).Set("addedAt", first.AddedAt).Set("updatedAt", first.AddedAt + 64);
        if (isTop) AddGuids(element, first.ShowGuids);
        else if (node.Type == "season" && first.ShowGuids.Count > 0) AddGuids(element, SeasonGuids(guid));
        AddNewFields(element, node);
        return Tags(element, first);
    }

    private Element Start(Node node, string tag, string key, string guid)
    {
        var element = new Element("Metadata", tag, trimming.KeepsField).Set("ratingKey", node.RatingKey).Set("key", key).Set("guid", guid)
            .Set("type", node.Type).Set("title", node.Title);
        if (trimming.Details)
        {
            // In listings only the container says it (plex-facts §4.2).
            element.Set("librarySectionTitle", node.Library.Title)
                .Set("librarySectionID", long.TryParse(node.Library.Key, CultureInfo.InvariantCulture, out var section) ? section : null)
                .Set("librarySectionKey", $"/library/sections/{node.Library.Key}");
        }
        if (trimming.KeepsField("summary")) element.Set("summary", SummaryOf(node));
        return element.Set("tagline", Phrases[0]).Set("contentRating", "PG").Set("studio", "Northlight Pictures")
            .Set("thumb", $"/library/metadata/{node.RatingKey}/thumb/1579514152")
                .Set("art", $"/library/metadata/{node.RatingKey}/art/1579514152");
    }

    private void AddGuids(Element element, IReadOnlyList<string> guids)
    {
        if (trimming.Guids) element.AddAll(guids.Select(guid => new Element("Guid").Set("id", guid)));
    }

    /// <summary>A season has ids of its own, at two agents (plex-facts §14.1).</summary>
    private static IReadOnlyList<string> SeasonGuids(string guid)
    {
        var number = Hash(guid) % 10_000_000;
        return [string.Create(CultureInfo.InvariantCulture, $"tmdb://{number}"), string.Create(
            CultureInfo.InvariantCulture, $"tvdb://{number + 1}")];
    }

    /// <summary>What 1.43.4 sends besides (plex-facts §14.1).</summary>
    private void AddNewFields(Element element, Node node)
    {
        if (!server.Switches.SendsNewFields) return;
        var first = node.First;
        element.Set("slug", Slug(node.Title)).Set("contentRatingAge", 8).Set("librarySectionUUID", ServerAnswers.UuidOf(node.Library))
            .Set("nocache", true);
        if (node.Type is "season" or "episode") element.Set("parentSlug", Slug(first.ShowTitle)).Set("parentStudio", "Northlight Pictures");
        if (node.Type == "episode") element.Set("grandparentSlug", Slug(first.ShowTitle));
        if (trimming.Keeps("Image"))
        {
            foreach (var type in (string[])["coverPoster", "background"])
            {
                element.Add(new Element("Image").Set("alt", node.Title).Set("type", type)
                    .Set("url", $"/library/metadata/{node.RatingKey}/{(type == "background" ? "art" : "thumb")}/1579514152"));
            }
        }
        if (trimming.Keeps("UltraBlurColors"))
        {
            element.One(new Element("UltraBlurColors").Set("topLeft", "3a2d1f").Set("topRight", "51402a").Set("bottomRight", "1f1a14")
                .Set("bottomLeft", "2b241b"));
        }

        static string Slug(string? title) => (title ?? "").Replace(' ', '-').ToLowerInvariant();
    }

    private static Element AddState(Element element, ItemState state) => element.Set("viewCount", state.IsWatched ? state.ViewCount : null)
        .Set("lastViewedAt", state.LastViewedAt).Set("userRating", state.UserRating).Set("lastRatedAt", state.LastRatedAt);

    /// <summary>Among the phrases, opening, middle and end of a sentence stand at 0, 1 and 2 modulo 3.</summary>
    private static string SummaryOf(Node node)
    {
        var at = Hash(node.RatingKey);
        return $"{Phrases[at % 3 * 3]} {Phrases[at / 3 % 3 * 3 + 1]} {Phrases[at / 9 % 3 * 3 + 2]}. "
            + $"{Phrases[(at + 1) % 3 * 3]} {Phrases[at / 7 % 3 * 3 + 1]}.";
    }

    private Element Tags(Element element, SimulatedItem item)
    {
        var at = Hash(item.MadeUpFrom ?? item.RatingKey);
        Add("Genre", Genres, 2);
        Add("Country", Countries, 1);
        Add("Director", People, 1);
        Add("Writer", People, 2);
        Add("Role", People, 3);
        return element;

        void Add(string name, string[] tags, int count)
        {
            if (!trimming.Keeps(name)) return;
            for (var i = 0; i < count; i++)
            {
                var tag = new Element(name).Set("tag", tags[(at + i) % tags.Length]);
                if (name == "Role") tag.Set("role", $"Character {i + 1}")
                    .Set("thumb", $"https://metadata-static.plex.tv/people/{at % 1000 + i}.jpg");
                element.Add(tag);
            }
        }
    }

    /// <summary>
    /// The path on disk is for the owner only (plex-facts §4.2). Of an item that was not analysed the file is known, no more
    /// (plex-facts §14.1).
    /// </summary>
    private Element Media(SimulatedItem item)
    {
        var id = Hash(item.RatingKey) % 100_000;
        if (item.DurationMs is null)
        {
            return new Element("Media").Set("id", id)
                .Add(new Element("Part").Set("id", id).Set("key", $"/library/parts/{id}/1579478991/file.mkv")
                .Set("file", userId == server.OwnerId ? $"/media/{item.Title} ({item.Year}).mkv" : null).Set("size", 3_109_472_188));
        }
        var part = new Element("Part").Set("id", id).Set("key", $"/library/parts/{id}/1579478991/file.mkv").Set("duration", item.DurationMs)
            .Set("file", userId == server.OwnerId ? $"/media/{item.Title} ({item.Year}).mkv" : null).Set("size", 3_109_472_188)
                .Set("container", "mkv");
        return new Element("Media").Set("id", id).Set("duration", item.DurationMs).Set("bitrate", 8_178).Set("width", 1920)
            .Set("height", 1080)
            .Set("aspectRatio", 1.78).Set("audioChannels", 6).Set("audioCodec", "eac3").Set("videoCodec", "hevc")
                .Set("videoResolution", "1080")
            .Set("container", "mkv").Set("videoFrameRate", "24p").Add(part);
    }

    private static string ReleaseDay(SimulatedItem item)
    {
        var at = Hash(item.MadeUpFrom ?? item.RatingKey);
        return string.Create(CultureInfo.InvariantCulture, $"{item.Year:0000}-{at % 12 + 1:00}-{at % 28 + 1:00}");
    }

    private static string Pseudo(string? key, int length) => string.Create(length, Hash(key ?? ""), (text, seed) =>
    {
        for (var i = 0; i < text.Length; i++, seed = (int)((seed * 1_103_515_245L + 12_345) & int.MaxValue)) text[i] =
            "0123456789abcdef"[(seed >> 12) & 15];
    });

    /// <summary>Stable between runs, unlike string.GetHashCode.</summary>
    private static int Hash(string key)
    {
        var hash = 5381;
        foreach (var c in key) hash = ((hash * 33) ^ c) & int.MaxValue;
        return hash;
    }
}
