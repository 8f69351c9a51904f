using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.PlexTv;

/// <summary>Which servers a user may reach, where, and with which token (plex-facts §3.8 to §3.10).</summary>
internal sealed class ResourceAnswers(World world, Func<SimulatedServer, Uri> urlOf)
{
    private const long Seen = 1_767_225_600;

    /// <summary>The array of plex-facts §3.8: the servers, and one player, which a client has to tell apart by "provides".</summary>
    public Element List(SimulatedUser user, string token)
    {
        var list = new Element("resources").Add(new Element("resource").Set("name", "Living room").Set("product", "Plex for Android (TV)")
            .Set("productVersion", "10.0.0").Set("platform", "Android").Set("platformVersion", "14").Set("device", "TV")
            .Set("clientIdentifier", "player-1").Set("createdAt", "2022-01-01T00:00:00Z").Set("lastSeenAt", "2026-01-01T00:00:00Z")
            .Set("provides", "client,player").SetOrNull("ownerId", (long?)null).SetOrNull("sourceTitle", (string?)null)
            .SetOrNull("accessToken", (string?)null).Set("owned", true).Set("home", false).Set("presence", false).List("connections", []));
        return list.AddAll(ReachedBy(user).Select(server => Resource(user, server, token)));
    }

    /// <summary>The older /api/resources.</summary>
    public Element OldList(SimulatedUser user, string token)
    {
        var servers = ReachedBy(user).ToList();
        return new Element("MediaContainer").Set("size", servers.Count).AddAll(servers.Select(server => new Element("Device")
            .Set("name", server.Name).Set("product", "Plex Media Server").Set("productVersion", server.Version).Set("platform", "Linux")
                .Set("device", "PC")
            .Set("clientIdentifier", server.MachineIdentifier).Set("createdAt", 1_640_995_200).Set("lastSeenAt", Seen)
                .Set("provides", "server")
            .Set("owned", user.Id == server.OwnerId).Set("home", IsHome(user, server)).Set("accessToken", TokenFor(user, server, token))
            .Set("presence", server.Presence).AddAll(Connections(server).Select(connection => Address("Connection", connection)))));
    }

    /// <summary>
    /// /api/users (plex-facts §3.9): only admins share anything here, so others see nobody; an admin sees those of the Home
    /// and its friends.
    /// </summary>
    public Element Friends(SimulatedUser user)
    {
        var owned = world.Servers.Where(server => server.OwnerId == user.Id).ToList();
        var friends = world.Users.Where(other => other.Id != user.Id && user.IsAdmin && Knows(other)).ToList();
        return new Element("MediaContainer").Set("friendlyName", "myPlex").Set("size", friends.Count).Set("totalSize", friends.Count)
            .AddAll(friends.Select(friend => UserElements.Friend(friend)
                .AddAll(owned.Where(server => server.CanReach(friend.Id)).Select((server, at) => Share(friend, server, at)))));

        Element Share(SimulatedUser friend, SimulatedServer server, int at) =>
            new Element("Server").Set("id", ShareId(friend)).Set("serverId", at + 1).Set("machineIdentifier", server.MachineIdentifier)
                .Set("name", server.Name).Set("lastSeenAt", Seen)
                .Set("numLibraries", server.Libraries.Count(library => server.Sees(library, friend.Id)))
                .Set("allLibraries", false).Set("owned", true).Set("pending", false);

        bool Knows(SimulatedUser other) => other.HomeId == user.HomeId || owned.Exists(server => server.CanReach(other.Id));
    }

    /// <summary>The tokens of everybody the server is shared with; for its owner only (plex-facts §3.10, way C).</summary>
    public Element? SharedServers(SimulatedUser user, string machineIdentifier)
    {
        var server = world.Servers.FirstOrDefault(server => server.MachineIdentifier == machineIdentifier && server.OwnerId == user.Id);
        if (server is null) return null;
        var guests = world.Users.Where(other => other.Id != server.OwnerId && server.CanReach(other.Id)).ToList();
        return new Element("MediaContainer").Set("friendlyName", "myPlex").Set("machineIdentifier", machineIdentifier)
            .Set("size", guests.Count)
            .AddAll(guests.Select(guest => new Element("SharedServer")
                .Set("id", ShareId(guest)).Set("username", guest.Username ?? "").Set("email", guest.Email ?? "").Set("userID", guest.Id)
                .Set("accessToken", world.Account.SharedServersWithoutTokens ? null : server.TokenOf(guest)).Set("name", server.Name)
                .Set("acceptedAt", 1_600_000_000).Set("invitedAt", 1_600_000_000).Set("allowSync", false).Set("owned", false)
                    .Set("allLibraries", false)
                .AddAll(server.Libraries.Select((library, at) => new Element("Section")
                    .Set("id", at + 11).Set("key", library.Key).Set("title", library.Title)
                    .Set("type", library.Type).Set("shared", server.Sees(library, guest.Id))))));
    }

    private static long ShareId(SimulatedUser user) => user.Id + 70_000;

    private bool IsHome(SimulatedUser user, SimulatedServer server) =>
        user.InHome && user.Id != server.OwnerId && user.HomeId == world.User(server.OwnerId).HomeId;

    private IEnumerable<SimulatedServer> ReachedBy(SimulatedUser user) =>
        world.Servers.Where(server => server.CanReach(user.Id) && !world.Account.ResourcesOmitFor.Contains(user.Id));

    /// <summary>
    /// Whom plex.tv knows by a JWT gets that for a server of their own, though the server does not take it (plex-facts §3.5).
    /// </summary>
    private string? TokenFor(SimulatedUser user, SimulatedServer server, string token)
    {
        if (world.Account.WithholdsTokensFrom.Contains(user.Id)) return null;
        if (user.Id == server.OwnerId && world.IsJwt(token)) return token;
        return server.TokenOf(world.Account.ResourcesGiveOwnersToken ? server.OwnerId : user.Id);
    }

    private IEnumerable<SimulatedConnection> Connections(SimulatedServer server) =>
        [.. server.ExtraConnections, new SimulatedConnection(urlOf(server))];

    private Element Resource(SimulatedUser user, SimulatedServer server, string token)
    {
        var owned = user.Id == server.OwnerId;
        return new Element("resource").Set("name", server.Name).Set("product", "Plex Media Server").Set("productVersion", server.Version)
            .Set("platform", "Linux").Set("platformVersion", "6.1").Set("device", "PC").Set("clientIdentifier", server.MachineIdentifier)
            .Set("createdAt", "2022-01-01T00:00:00Z").Set("lastSeenAt", "2026-01-01T00:00:00Z").Set("provides", "server")
            .SetOrNull("ownerId", owned ? null : server.OwnerId)
                .SetOrNull("sourceTitle", owned ? null : world.User(server.OwnerId).Username)
            .Set("publicAddress", "203.0.113.5").SetOrNull("accessToken", TokenFor(user, server, token)).Set("owned", owned)
                .Set("home", IsHome(user, server))
            .Set("synced", false).Set("relay", true).Set("presence", server.Presence).Set("httpsRequired", false)
                .Set("publicAddressMatches", true)
            .Set("dnsRebindingProtection", false).Set("natLoopbackSupported", false)
            .List("connections", Connections(server).Select(connection => Address("connection", connection)
                .Set("relay", connection.Relay).Set("IPv6", connection.Uri.HostNameType == UriHostNameType.IPv6)));
    }

    private static Element Address(string name, SimulatedConnection connection) => new Element(name)
        .Set("protocol", connection.Uri.Scheme).Set("address", connection.Uri.Host).Set("port", connection.Uri.Port)
        .Set("uri", connection.Uri.GetLeftPart(UriPartial.Authority)).Set("local", connection.Local);
}
