using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>What a server says of itself: identity, sections, preferences, accounts, sessions.</summary>
internal sealed class ServerAnswers(SimulatedServer server)
{
    /// <summary>Anonymous, and right even with a bad token (plex-facts §2.1).</summary>
    public Answer Identity(SimulatedRequest request) =>
        Send(new Element("MediaContainer").Set("size", 0).Set("claimed", !server.Switches.HasLostSignIn)
        .Set("machineIdentifier", server.MachineIdentifier).Set("version", server.Version), request);

    /// <summary>The server itself; the user name is the owner's, for every user who asks (plex-facts §2.2).</summary>
    public Answer Root(SimulatedRequest request, long userId)
    {
        var isOwner = userId == server.OwnerId;
        Element[] directories = [Directory("library", "library"), Directory("identity", "identity")];
        return Send(new Element("MediaContainer").Set("size", directories.Length)
            .Set("allowMediaDeletion", isOwner).Set("allowSharing", isOwner).Set("allowSync", true)
            .Set("eventStream", true).Set("friendlyName", server.Name).Set("machineIdentifier", server.MachineIdentifier)
            .Set("multiuser", true)
            .Set("myPlex", true).Set("myPlexMappingState", "mapped").Set("myPlexSigninState", "ok").Set("myPlexSubscription", true)
            .Set("myPlexUsername", server.World.User(server.OwnerId).Username ?? "").Set("platform", "Linux").Set("platformVersion", "6.1")
            .Set("transcoderActiveVideoSessions", 0).Set("updatedAt", 1_700_000_000).Set("version", server.Version)
                .AddAll(directories), request);

        static Element Directory(string key, string title) => new Element("Directory").Set("count", 1).Set("key", key).Set("title", title);
    }

    public Answer Library(SimulatedRequest request) =>
        Send(new Element("MediaContainer").Set("size", 1).Set("allowSync", false).Set("content", "secondary")
        .Set("identifier", "com.plexapp.plugins.library").Set("title1", "Plex Library")
        .Add(new Element("Directory").Set("key", "sections").Set("title", "Library Sections")), request);

    /// <summary>The libraries; one that is not shared with the user is absent (plex-facts §4.1).</summary>
    public Answer Sections(SimulatedRequest request, long userId)
    {
        var sections = server.Libraries.Where(library => server.Sees(library, userId)).Select((library, at) => Section(library, at + 1))
            .ToList();
        return Send(
            new Element("MediaContainer").Set("size", sections.Count).Set("allowSync", false).Set("title1", "Plex Library")
                .AddAll(sections),
            request);
    }

    public Answer Preferences(SimulatedRequest request) => Send(new Element("MediaContainer").Set("size", 2)
        .Add(new Element("Setting").Set("id", "FriendlyName").Set("label", "Friendly name").Set("summary", "").Set("type", "text")
            .Set("default", "").Set("value", server.Name).Set("hidden", false).Set("advanced", false).Set("group", "general"))
        .Add(new Element("Setting").Set("id", "LibraryVideoPlayedThreshold").Set("label", "Video played threshold").Set("summary", "")
            .Set("type", "int").Set("default", 90).Set("value", server.Switches.PlayedThresholdPercent)
            .Set("hidden", false).Set("advanced", true).Set("group", "library")), request);

    /// <summary>Id 0 is local, 1 the owner, the others as at plex.tv (plex-facts §7).</summary>
    public Answer Accounts(SimulatedRequest request)
    {
        var guests = server.World.Users.Where(user => user.Id != server.OwnerId && server.CanReach(user.Id))
            .Select(user => (user.Id, user.Title));
        List<Element> accounts =
            [.. guests.Prepend((1, server.World.User(server.OwnerId).Title)).Prepend((0, "")).Select(account => new Element("Account")
            .Set("id", account.Item1).Set("key", string.Create(CultureInfo.InvariantCulture, $"/accounts/{account.Item1}"))
                .Set("name", account.Item2)
            .Set("defaultAudioLanguage", "en").Set("autoSelectAudio", true).Set("subtitleMode", 0).Set("thumb", ""))];
        return Send(
            new Element("MediaContainer").Set("size", accounts.Count).Set("identifier", "com.plexapp.system.accounts").AddAll(accounts),
            request);
    }

    /// <summary>What everybody plays; User.id is "1" for the owner (plex-facts §8.1).</summary>
    public Answer Sessions(SimulatedRequest request)
    {
        List<SimulatedSession> sessions = [.. server.Sessions.Where(session => server.Catalogue.Find(session.RatingKey) is not null)];
        var container = new Element("MediaContainer").Set("size", sessions.Count);
        foreach (var session in sessions)
        {
            var id = session.UserId == server.OwnerId ? 1 : session.UserId;
            var element = new ItemElements(server, session.UserId, Trimming.None).Build(server.Catalogue.Find(session.RatingKey)!);
            container.Add(element.Replace("viewOffset", session.Position).Set("sessionKey", session.Key)
                .One(
                    new Element("User").Set("id", id.ToString(CultureInfo.InvariantCulture))
                        .Set("title", server.World.User(session.UserId).Title).Set("thumb", ""))
                .One(
                    new Element("Player").Set("machineIdentifier", session.ClientIdentifier).Set("state", session.State).Set("local", true)
                        .Set("product", "Plex Web"))
                .One(new Element("Session").Set("id", $"session-{session.Number}").Set("bandwidth", 20_000).Set("location", "lan")));
        }
        return Send(container, request);
    }

    public Answer Providers(SimulatedRequest request, long userId)
    {
        var content = new Element("Feature").Set("key", "/library/sections").Set("type", "content")
            .AddAll(
                server.Libraries.Where(library => server.Sees(library, userId))
                    .Select((library, at) => Section(library, at + 1).Set("id", library.Key)));
        return Send(new Element("MediaContainer").Set("size", 1).Set("friendlyName", server.Name).Set(
            "machineIdentifier", server.MachineIdentifier)
            .Set("myPlex", true).Set("version", server.Version)
            .Add(new Element("MediaProvider").Set("identifier", "com.plexapp.plugins.library").Set("title", "Library").Set(
                "types", "video,audio,photo")
                .Set("protocols", "stream,download").Add(content)
                    .Add(new Element("Feature").Set("key", "/:/timeline").Set("scrobbleKey", "/:/scrobble")
                .Set("unscrobbleKey", "/:/unscrobble").Set("type", "timeline"))), request);
    }

    private static Element Section(SimulatedLibrary library, int id) => new Element("Directory").Set("allowSync", true)
        .Set("art", $"/:/resources/{library.Type}-fanart.jpg").Set("filters", true).Set("refreshing", false)
            .Set("thumb", $"/:/resources/{library.Type}.png")
        .Set("key", library.Key).Set("type", library.Type).Set("title", library.Title).Set("agent", library.Agent)
            .Set("scanner", "Plex Scanner")
        .Set("language", "en-US").Set("uuid", UuidOf(library)).Set("updatedAt", 1_690_000_000).Set("createdAt", 1_600_000_000)
            .Set("scannedAt", 1_690_000_000)
        .Set("content", true).Set("directory", true).Set("contentChangedAt", 123_456).Set("hidden", 0)
        .Add(new Element("Location").Set("id", id).Set("path", $"/media/{library.Title}"));

    internal static string UuidOf(SimulatedLibrary library) => $"cebcb7e3-5031-436b-906a-{library.Key.PadLeft(12, '0')}";

    private Answer Send(Element root, SimulatedRequest request) => Answer.Of(root, request, drift: server.Switches.DriftingTypes);
}
