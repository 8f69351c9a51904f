using System.Globalization;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.PlexTv;

/// <summary>plex.tv: who is who, and which token opens which server (plex-facts §3).</summary>
internal sealed class AccountHost(World world, Func<SimulatedServer, Uri> urlOf) : Host
{
    private readonly ResourceAnswers _resources = new(world, urlOf);

    public override string Role => PlexTv;

    public override long? UserOf(SimulatedRequest request) => world.UserOfAccountToken(request.Token)?.Id;

    public override Answer Answer(SimulatedRequest request) => Spoil(Route(request), request);

    private Answer Route(SimulatedRequest request)
    {
        if (string.IsNullOrEmpty(request.ClientIdentifier)) return Errors.ClientIdentifierMissing(request);
        if (world.Account.TakeRefusal()) return Errors.RateLimited(request, world.Account.RetryAfter);

        var path = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (request.Method, path)
        {
            case ("GET", ["api", "v2", "ping"]):
                return request.WantsJson
                    ? Hosting.Answer.Text(200, "application/json", """{"pong":true}""")
                    : Hosting.Answer.Text(200, "application/xml", "<pong>1</pong>");
            case ("POST", ["api", "v2", "pins"]):
                var strong = request.FormOrQuery("strong") is "true" or "1";
                return LinkAnswer(
                    request, world.NewLink(request.ClientIdentifier, request.HeaderOrQuery("X-Plex-Product") ?? "", strong), 201);
            case ("GET", ["api", "v2", "pins", var id]):
                var link = long.TryParse(id, CultureInfo.InvariantCulture, out var number)
                    ? world.Link(number, request.ClientIdentifier) : null;
                return link is null ? Errors.LinkCodeNotFound(request) : LinkAnswer(request, link, 200);
        }

        if (world.IsExpiredJwt(request.Token)) return Errors.TokenExpired(request);
        if (world.UserOfAccountToken(request.Token) is not { } user) return Errors.Unauthorized(request);
        return (request.Method, path) switch
        {
            ("GET", ["api", "v2", "user"]) => Hosting.Answer.Of(UserElements.Account(user, world, request.Token!), request),
            ("GET", ["users", "account"]) => Hosting.Answer.Xml(UserElements.Account(user, world, request.Token!, old: true)),
            ("PUT", ["api", "v2", "pins", "link"]) => world.Approve(request.FormOrQuery("code") ?? "", user)
                ? Hosting.Answer.Empty(204)
                : Errors.LinkCodeNotFound(request),
            ("GET", ["api", "v2", "home", "users"]) => user.IsManaged ? Errors.NotForManagedUsers(request) : Home(request, user),
            ("GET", ["api", "home", "users"]) => user.IsManaged ? Errors.NotForManagedUsers(request) : OldHome(user),
            ("POST", ["api", "v2", "home", "users", var id, "switch"]) => Switch(request, user, id, 201),
            ("POST", ["api", "home", "users", var id, "switch"]) => Switch(request, user, id, 200),
            ("GET", ["api", "v2", "resources"]) => Hosting.Answer.Of(_resources.List(user, request.Token!), request),
            ("GET", ["api", "resources"]) => Hosting.Answer.Xml(_resources.OldList(user, request.Token!)),
            ("GET", ["api", "users"]) when world.Account.FriendsAreGone => Errors.Gone(),
            ("GET", ["api", "servers", _, "shared_servers"]) when world.Account.SharedServersAreGone => Errors.Gone(),
            ("GET", ["api", "users"]) => Hosting.Answer.Xml(_resources.Friends(user)),
            ("GET", ["api", "servers", var machine, "shared_servers"]) => _resources.SharedServers(user, machine) is { } shared
                ? Hosting.Answer.Xml(shared)
                : Errors.NotFound(request),
            _ => Errors.NotFound(request),
        };
    }

    private IEnumerable<SimulatedUser> HomeOf(SimulatedUser user) => user.InHome ? world.Home(user.HomeId) : [user];

    private Answer Home(SimulatedRequest request, SimulatedUser user)
    {
        var home = new Element("home").Set("id", user.HomeId).Set("name", "Home").Set("guestUserID", 0).Set("guestUserUUID", "")
            .Set("guestEnabled", false)
            .Set("subscription", true).List("users", HomeOf(user).Select(UserElements.HomeMember));
        return Hosting.Answer.Of(home, request);
    }

    private Answer OldHome(SimulatedUser user)
    {
        var members = HomeOf(user).ToList();
        return Hosting.Answer.Xml(new Element("MediaContainer").Set("friendlyName", "myPlex").Set(
            "identifier", "com.plexapp.plugins.myplex")
            .Set("totalSize", members.Count).Set("size", members.Count).AddAll(members.Select(UserElements.OldHomeMember)));
    }

    /// <summary>
    /// Any member of the Home may switch, given the PIN of the one switched to; id and uuid are both accepted (plex-facts §3.7).
    /// </summary>
    private Answer Switch(SimulatedRequest request, SimulatedUser by, string id, int status)
    {
        var user = HomeOf(by)
            .FirstOrDefault(user => user.InHome && (user.Uuid == id || user.Id.ToString(CultureInfo.InvariantCulture) == id));
        if (user is null) return Errors.NotFound(request);

        var pin = request.FormOrQuery("pin");
        var refused = user.Pin is not null && (string.IsNullOrEmpty(pin) ? !world.Account.PinNotEnforcedWhenMissing : pin != user.Pin);
        if (refused) return Errors.PinRequired(request);

        var holder = world.Account.SwitchReturnsWrongUser ? world.Users.First(other => other.Id != user.Id) : user;
        var old = !request.Path.StartsWith("/api/v2/", StringComparison.Ordinal);
        var account = UserElements.Account(user, world, world.IssueAccountToken(holder), old);
        return old ? Hosting.Answer.Xml(account, status) : Hosting.Answer.Of(account, request, status);
    }

    private static Answer LinkAnswer(SimulatedRequest request, SimulatedLink link, int status)
    {
        var pin = new Element("pin").Set("id", link.Id).Set("code", link.Code).Set("product", link.Product).Set("trusted", false)
            .Set("clientIdentifier", link.ClientIdentifier).Set("expiresIn", (long)SimulatedLink.Life.TotalSeconds)
            .Set("createdAt", Iso(link.CreatedAt)).Set("expiresAt", Iso(link.CreatedAt + SimulatedLink.Life))
                .SetOrNull("authToken", link.AuthToken);
        pin = link.AuthToken is null ? pin.SetOrNull("newRegistration", (string?)null) : pin.Set("newRegistration", false);
        pin.One(
            new Element("location").Set("code", "GB").Set("european_union_member", false).Set("country", "United Kingdom")
                .Set("city", "London"));
        return Hosting.Answer.Of(pin, request, status);
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
