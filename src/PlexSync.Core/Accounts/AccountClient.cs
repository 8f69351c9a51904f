using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>The requests to plex.tv.</summary>
/// <param name="transport">Sends them.</param>
/// <param name="host">plex.tv.</param>
/// <param name="members">Bounds how many are under way for members of a Home.</param>
/// <param name="logger">Told of rows that cannot be used.</param>
internal sealed partial class AccountClient(PlexTransport transport, Uri host, SemaphoreSlim members, ILogger logger)
{
    /// <summary>plex.tv may take more switches at once for an attack.</summary>
    public const int MostForMembers = 4;

    private const int LongestLegacyToken = 100;

    public async Task<DateTimeOffset?> GetTimeAsync(CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/ping");
        try
        {
            // Any JSON is enough: a web page comes from a portal in between.
            var json = new JsonAnswer<AccountErrors>(transport.Unclean, request, ErrorJsonContext.Default.AccountErrors);
            return await transport.SendAsync(
                request,
                async (response, token) =>
                {
                    await json.ReadAsync(response, token).ConfigureAwait(false);
                    return ServerClock.DateOf(response);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken)
        {
            // Whether a ping needs a token is not documented (plex-facts §3.2); that one is asked for is an answer too.
            return e.AnsweredAt;
        }
    }

    /// <summary>
    /// Asks whose token it is. A JWT, which servers refuse, is exchanged for an opaque token by switching to oneself (plex-facts §14.3);
    /// that one is used and never shown.
    /// </summary>
    public async Task<PlexAccount> SignInAsync(string token, string? pin, CancellationToken cancellationToken)
    {
        if (IsClaim(token))
        {
            throw new PlexException(PlexErrorKind.UnusableToken, "This is a code that claims a server, not a token.")
            {
                Subject = "claim-…",
            };
        }

        var user = await IdentifyAsync(token, cancellationToken).ConfigureAwait(false);
        if (!IsJwt(token))
        {
            return new PlexAccount(user, token);
        }

        var self = new HomeUser { Id = user.Id, Uuid = user.Uuid, Title = user.Title };
        var opaque = await SwitchAsync(new PlexAccount(user, token), self, pin, cancellationToken).ConfigureAwait(false);
        RefuseUnusable(opaque);
        var holder = await IdentifyAsync(opaque, cancellationToken).ConfigureAwait(false);
        return holder.Id == user.Id
            ? new PlexAccount(user, opaque, given: token)
            : throw new PlexException(
                PlexErrorKind.IdentityNotProved, $"plex.tv exchanged the token of '{user.Title}' for one of '{holder.Title}'.")
            {
                Subject = user.Title,
                UserId = user.Id,
            };
    }

    /// <summary>Asks whose token it is, be it one that servers take or a JWT.</summary>
    public async Task<PlexUser> IdentifyAsync(string token, CancellationToken cancellationToken)
    {
        RefuseImpossible(token);
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/user") { Token = token };
        var user = await transport.SendAsync(request, AccountJsonContext.Default.WireUser, cancellationToken).ConfigureAwait(false);
        return user.ToUser(request.Redacted);
    }

    /// <summary>The members of the Home.</summary>
    public Task<UserList<HomeUser>> GetHomeUsersAsync(PlexAccount account, CancellationToken cancellationToken) =>
        GetAsync(account.Ahead?.Home, () => ReadHomeUsersAsync(account.Token, cancellationToken), cancellationToken);

    /// <summary>The people this account shares with, Home users among them.</summary>
    public Task<UserList<PlexUser>> GetSharedUsersAsync(PlexAccount account, CancellationToken cancellationToken) =>
        GetAsync(account.Ahead?.Shared, () => ReadSharedUsersAsync(account.Token, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<ServerResource>> GetServersAsync(PlexAccount account, CancellationToken cancellationToken) =>
        GetAsync(account.Ahead?.Servers, () => ReadServersAsync(account.Token, cancellationToken), cancellationToken);

    /// <summary>Asks for all three of them now, for the account of that token.</summary>
    public ReadAhead Begin(string token, TimeProvider time, CancellationToken cancellationToken) => new(
        new(time, ReadServersAsync(token, cancellationToken)),
        new(time, ReadHomeUsersAsync(token, cancellationToken)),
        new(time, ReadSharedUsersAsync(token, cancellationToken)));

    private async Task<UserList<HomeUser>> ReadHomeUsersAsync(string token, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/home/users") { Token = token };
        try
        {
            var home = await transport.SendAsync(request, AccountJsonContext.Default.WireHome, cancellationToken).ConfigureAwait(false);
            var users = home.Users ?? throw WireError.Missing(request.Redacted, "users");
            var unidentified = new List<string>();
            foreach (var user in users.Where(static user => !user.IsIdentified))
            {
                Log.PassedOver(logger, user.Title, request.Redacted, "id");
                unidentified.AddRange(NamesOf(user.FriendlyName, user.Title, user.Username, user.Email));
            }

            return new(
                users.Where(static user => user.IsIdentified).Select(user => user.ToHomeUser(request.Redacted)).ToList(), unidentified);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // No Home at all (plex-facts §3.6).
            return new([], []);
        }
    }

    private async Task<UserList<PlexUser>> ReadSharedUsersAsync(string token, CancellationToken cancellationToken)
    {
        var (rows, path) = await GetXmlAsync(token, "/api/users", cancellationToken).ConfigureAwait(false);
        var unidentified = new List<string>();
        foreach (var user in SharedUsers.UnidentifiedUsers(rows))
        {
            Log.PassedOver(logger, user.Title, path, "id");
            unidentified.AddRange(NamesOf(user.Title, user.Username, user.Email));
        }

        return new(SharedUsers.ParseUsers(rows), unidentified);
    }

    /// <summary>The servers that plex.tv lists for a token.</summary>
    public async Task<IReadOnlyList<ServerResource>> ReadServersAsync(string token, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/resources")
        {
            Query = "includeHttps=1&includeRelay=1&includeIPv6=1",
            Token = token,
        };
        var resources = await transport.SendAsync(request, AccountJsonContext.Default.WireListWireResource, cancellationToken)
            .ConfigureAwait(false);
        var servers = new List<ServerResource>();
        foreach (var resource in resources.Where(static resource => resource.IsServer))
        {
            if (resource.ToResource() is { } server)
            {
                servers.Add(server);
            }
            else
            {
                Log.PassedOver(logger, resource.Name, request.Redacted, "clientIdentifier");
            }
        }

        return servers;
    }

    /// <summary>Sends a request for a member of a Home, once there are few enough others.</summary>
    public async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        await members.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            members.Release();
        }
    }

    /// <summary>Mints an account token of a Home user. Ask plex.tv with it, to prove whose token it is.</summary>
    public async Task<string> SwitchAsync(PlexAccount account, HomeUser user, string? pin, CancellationToken cancellationToken)
    {
        var id = OpaqueKey.IsValid(user.Uuid) ? user.Uuid : user.Id.ToString();
        var request = new PlexRequest(HttpMethod.Post, host, $"/api/v2/home/users/{id}/switch") { Token = account.Token, Pin = pin };
        try
        {
            var switched = await transport.SendAsync(request, AccountJsonContext.Default.WireUser, cancellationToken).ConfigureAwait(false);
            return switched.AuthToken is { Length: > 0 } token ? token : throw WireError.Missing(request.Redacted, "authToken");
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.PinRejected)
        {
            throw new PlexException(
                pin is null ? PlexErrorKind.PinRequired : PlexErrorKind.PinRejected,
                pin is null ? $"'{user.Title}' is protected by a PIN, and none was given."
                    : $"plex.tv refused the PIN given for '{user.Title}'.",
                e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = user.Title,
                UserId = user.Id,
            };
        }
    }

    public async Task<string?> GetSharedServerTokenAsync(
        PlexAccount account, MachineIdentifier machine, PlexUser user, CancellationToken cancellationToken)
    {
        try
        {
            var (rows, path) = await GetXmlAsync(account.Token, $"/api/servers/{machine}/shared_servers", cancellationToken)
                .ConfigureAwait(false);
            return SharedUsers.ParseToken(rows, user.Id) is { } token ? token
                : SharedUsers.IsListed(rows, user.Id) ? throw Withheld(user)
                : null;
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.Forbidden or PlexErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Something is shared with the user, but plex.tv leaves out the token for it (plex-facts §3.8, §3.10).</summary>
    public static PlexException Withheld(PlexUser user) =>
        new(PlexErrorKind.AccessWithheld, $"Something is shared with '{user.Title}', but plex.tv withholds the token for it.")
        {
            Subject = user.Title,
            UserId = user.Id,
        };

    /// <summary>Refuses what no server takes: a JWT, which has two dots or is far longer than any legacy token (plex-facts §3.5).</summary>
    public static void RefuseUnusable(string token)
    {
        if (IsJwt(token))
        {
            throw new PlexException(PlexErrorKind.UnusableToken, "The token is a JWT, which Plex Media Server does not accept.");
        }

        RefuseImpossible(token);
    }

    /// <summary>A token that is sent as it is: no JWT, which is exchanged first, and nothing that is refused unsent.</summary>
    public static bool IsSentAsIs(string token) =>
        !IsClaim(token) && !IsJwt(token) && !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsClaim(string token) => token.StartsWith("claim-", StringComparison.Ordinal);

    private static bool IsJwt(string token) => token.AsSpan().Count('.') == 2 || token.Length > LongestLegacyToken;

    /// <summary>Refuses what cannot be sent as a token.</summary>
    public static void RefuseImpossible(string token)
    {
        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new PlexException(PlexErrorKind.InvalidToken, "The token holds characters that no Plex token has.");
        }
    }

    private static Task<T> GetAsync<T>(EarlyAnswer<T>? early, Func<Task<T>> ask, CancellationToken cancellationToken) =>
        early is null ? ask() : early.GetAsync(ask, cancellationToken);

    private static IEnumerable<string> NamesOf(params string?[] names) => names.OfType<string>().Where(static name => name.Length > 0);

    private async Task<(List<XmlRow> Rows, string Path)> GetXmlAsync(string token, string path, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, path) { Token = token };
        string? failure = null;
        var rows = await transport.SendAsync(
            request,
            async (response, either) =>
            {
                var body = await response.Content.ReadAsStreamAsync(either).ConfigureAwait(false);
                await using (body.ConfigureAwait(false))
                {
                    try
                    {
                        var bounded = new BoundedStream(body, request.MaxLength);
                        return await SharedUsers.ReadAsync(request, bounded, either).ConfigureAwait(false);
                    }
                    catch (PlexException e) when (e.InnerException?.Message is { } why && why != failure)
                    {
                        failure = why;
                        throw;
                    }
                    catch (PlexException e)
                    {
                        throw e.Final();
                    }
                }
            },
            cancellationToken).ConfigureAwait(false);
        return (rows, request.Redacted);
    }

    private static partial class Log
    {
        [LoggerMessage(1103, LogLevel.Warning, "'{Name}' is passed over: {Path} lists it without a usable '{Field}'")]
        public static partial void PassedOver(ILogger logger, string? name, string path, string field);
    }
}
