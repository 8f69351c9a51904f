using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>One Plex Media Server: who asks, whether they may, and which part answers (plex-facts §2).</summary>
internal sealed class ServerHost(SimulatedServer server) : Host
{
    private readonly Listings _listings = new(server);
    private readonly ServerAnswers _about = new(server);
    private readonly Writes _writes = new(server);
    private readonly HistoryAnswers _history = new(server);

    public override string Role => server.MachineIdentifier;

    public override long? UserOf(SimulatedRequest request) => server.UserOfToken(request.Token);

    public override Task WorkAsync(SimulatedRequest request, CancellationToken cancellationToken) =>
        request.IsWrite ? server.WorkAsync(cancellationToken) : Task.CompletedTask;

    public override Answer Answer(SimulatedRequest request)
    {
        if (Html.Gate(server.Switches.Gatekeeper) is { } refusal) return refusal;
        var answer = Spoil(Route(request), request);
        var isCompressed = answer.Stream is null && server.Switches.Compresses
            && request.Headers.GetValueOrDefault("Accept-Encoding", "").Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (isCompressed) answer = answer.Compressed();
        answer.Headers.Add(("X-Plex-Protocol", "1.0"));
        return answer;
    }

    private Answer Route(SimulatedRequest request)
    {
        if (server.Switches.Maintenance) return Html.Maintenance();
        if (request.Path == "/identity") return _about.Identity(request);
        if (server.Switches.HasLostSignIn) return Html.Error(401);

        // A JWT belongs to nobody here (plex-facts §3.5), so it ends as an unknown token.
        long? user = server.Switches.LetsEveryoneInAsOwner ? server.OwnerId : request.UserId;
        if (user is not { } userId) return Html.Error(401);

        var isOwner = userId == server.OwnerId;
        Answer OwnerOnly(Func<Answer> answer) => isOwner ? answer() : Html.Error(server.Switches.OwnerOnlyIsForbidden ? 403 : 401);

        if (request.IsWrite && server.Switches.TakeStarting()) return Html.StartingUp();
        lock (server.Gate)
        {
            return (request.Method, request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
            {
                ("GET", []) => _about.Root(request, userId),
                ("GET", ["library"]) => OwnerOnly(() => _about.Library(request)),
                ("GET", ["library", "sections"] or ["library", "sections", "all"]) => _about.Sections(request, userId),
                ("GET" or "HEAD", ["library", "sections", var key, "all"]) => Section(request, userId, key),
                ("GET", ["library", "sections", var key, "collections"]) => _listings.Collections(request, userId, key),
                ("GET", ["library", "sections", var key, "label"]) => _listings.Labels(request, userId, key),
                ("GET", ["library", "collections", var id, "children"]) => _listings.InCollection(request, userId, id),
                ("GET", ["library", "all"]) => _listings.Everything(request, userId),
                ("GET", ["library", "onDeck"]) => _listings.OnDeck(request, userId),
                ("GET", ["library", "metadata", var ids]) => _listings.Metadata(request, userId, ids),
                ("GET", ["library", "metadata", var id, "children" or "allLeaves" or "grandchildren"]) =>
                    _listings.Below(request, userId, id),
                ("GET" or "PUT", [":", "scrobble"]) => _writes.Scrobble(request, userId),
                ("GET" or "PUT", [":", "unscrobble"]) => _writes.Unscrobble(request, userId),
                ("GET" or "POST", [":", "timeline"]) => _writes.Timeline(request, userId),
                ("GET" or "PUT", [":", "rate"]) => _writes.Rate(request, userId),
                // 401 for everybody else whatever the switches say (plex-facts §6.4).
                ("GET" or "PUT", [":", "progress"]) => isOwner ? _writes.Progress(request, userId) : Html.Error(401),
                ("GET", [":", "prefs"]) => OwnerOnly(() => _about.Preferences(request)),
                // 403 for everybody else (plex-facts §14.2, PlexTraktSync).
                ("GET", ["status", "sessions"]) => isOwner ? _about.Sessions(request) : Html.Error(403),
                ("GET", ["status", "sessions", "history", "all"]) => _history.List(request, userId),
                ("GET", [":", "eventsource", "notifications"]) => EventAnswer.Listen(server, request, userId),
                ("GET", ["accounts"]) => OwnerOnly(() => _about.Accounts(request)),
                ("GET", ["media", "providers"]) => _about.Providers(request, userId),
                _ => Html.Error(404),
            };
        }
    }

    private Answer Section(SimulatedRequest request, long userId, string key) => server.Switches.KeepsPages && request.ChangePage is null
        ? server.KeptPages.GetOrAdd(userId, request, () => _listings.Section(request, userId, key))
        : _listings.Section(request, userId, key);
}
