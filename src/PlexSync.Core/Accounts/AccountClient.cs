namespace PlexSync;

/// <summary>The requests to plex.tv.</summary>
internal sealed class AccountClient(PlexTransport transport, Uri host)
{
    private const int LongestLegacyToken = 100;

    public async Task<DateTimeOffset?> GetTimeAsync(CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/ping");
        try
        {
            var headers = await transport.SendAsync(
                request,
                async (response, token) =>
                {
                    // Any JSON will do: a web page is some portal speaking.
                    await PlexTransport.ReadJsonAsync(request, response, PlexJsonContext.Default.AccountErrors, token).ConfigureAwait(false);
                    return response.Headers;
                },
                cancellationToken).ConfigureAwait(false);
            return headers.Date;
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken)
        {
            // Whether a ping needs a token is not documented (sheet §3.2); that one is asked for is an answer too.
            return e.AnsweredAt;
        }
    }

    /// <summary>
    /// Asks whose token it is. A JWT, which servers refuse, is exchanged for an opaque token by switching to oneself (sheet §14.3); that one is
    /// used and never shown.
    /// </summary>
    public async Task<PlexAccount> SignInAsync(string token, string? pin, CancellationToken cancellationToken)
    {
        if (token.StartsWith("claim-", StringComparison.Ordinal))
        {
            throw new PlexException(PlexErrorKind.UnusableToken, "This is a code that claims a server, not a token.") { Subject = "claim-…" };
        }

        RefuseImpossible(token);
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/user") { Token = token };
        var user = (await transport.SendAsync(request, PlexJsonContext.Default.WireUser, cancellationToken).ConfigureAwait(false)).ToUser(request.Redacted);
        if (!IsJwt(token))
        {
            return new PlexAccount(user, token);
        }

        var self = new HomeUser { Id = user.Id, Uuid = user.Uuid, Title = user.Title };
        var opaque = await SwitchAsync(new PlexAccount(user, token), self, pin, cancellationToken).ConfigureAwait(false);
        RefuseUnusable(opaque);
        var exchanged = new PlexRequest(HttpMethod.Get, host, "/api/v2/user") { Token = opaque };
        var holder = (await transport.SendAsync(exchanged, PlexJsonContext.Default.WireUser, cancellationToken).ConfigureAwait(false)).ToUser(exchanged.Redacted);
        return holder.Id == user.Id
            ? new PlexAccount(user, opaque, given: token)
            : throw new PlexException(PlexErrorKind.IdentityNotProved, $"plex.tv exchanged the token of '{user.Title}' for one of '{holder.Title}'.") { Subject = user.Title };
    }

    public async Task<IReadOnlyList<HomeUser>> GetHomeUsersAsync(PlexAccount account, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/home/users") { Token = account.Token };
        try
        {
            var home = await transport.SendAsync(request, PlexJsonContext.Default.WireHome, cancellationToken).ConfigureAwait(false);
            return (home.Users ?? throw WireError.Missing(request.Redacted, "users")).Select(user => user.ToHomeUser(request.Redacted)).ToList();
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound)
        {
            // No Home at all (sheet §3.6).
            return [];
        }
    }

    /// <summary>The people this account shares with, Home users among them.</summary>
    public async Task<IReadOnlyList<PlexUser>> GetSharedUsersAsync(PlexAccount account, CancellationToken cancellationToken)
    {
        var (rows, path) = await GetXmlAsync(account, "/api/users", cancellationToken).ConfigureAwait(false);
        return SharedUsers.ParseUsers(rows, path);
    }

    public async Task<IReadOnlyList<ServerResource>> GetServersAsync(PlexAccount account, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, "/api/v2/resources")
        {
            Query = "includeHttps=1&includeRelay=1&includeIPv6=1",
            Token = account.Token,
        };
        var resources = await transport.SendAsync(request, PlexJsonContext.Default.WireListWireResource, cancellationToken).ConfigureAwait(false);
        return resources.Where(static resource => resource.IsServer).Select(resource => resource.ToResource(request.Redacted)).ToList();
    }

    /// <summary>Mints an account token of a Home user. Whose it is must be proved by asking with it.</summary>
    public async Task<string> SwitchAsync(PlexAccount account, HomeUser user, string? pin, CancellationToken cancellationToken)
    {
        var id = OpaqueKey.IsValid(user.Uuid) ? user.Uuid : user.Id.ToString();
        var request = new PlexRequest(HttpMethod.Post, host, $"/api/v2/home/users/{id}/switch") { Token = account.Token, Pin = pin };
        try
        {
            var switched = await transport.SendAsync(request, PlexJsonContext.Default.WireUser, cancellationToken).ConfigureAwait(false);
            return switched.AuthToken is { Length: > 0 } token ? token : throw WireError.Missing(request.Redacted, "authToken");
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.PinRejected)
        {
            throw new PlexException(
                pin is null ? PlexErrorKind.PinRequired : PlexErrorKind.PinRejected,
                pin is null ? $"'{user.Title}' is protected by a PIN, and none was given." : $"plex.tv refused the PIN given for '{user.Title}'.",
                e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = user.Title,
            };
        }
    }

    public async Task<string?> GetSharedServerTokenAsync(
        PlexAccount account, MachineIdentifier machine, PlexUser user, CancellationToken cancellationToken)
    {
        try
        {
            var (rows, path) = await GetXmlAsync(account, $"/api/servers/{machine}/shared_servers", cancellationToken).ConfigureAwait(false);
            return SharedUsers.ParseToken(rows, user.Id, path);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.Forbidden or PlexErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>Refuses what no server takes: a JWT, which has two dots or is far longer than any legacy token (sheet §3.5).</summary>
    public static void RefuseUnusable(string token)
    {
        if (IsJwt(token))
        {
            throw new PlexException(PlexErrorKind.UnusableToken, "The token is a JWT, which Plex Media Server does not accept.");
        }

        RefuseImpossible(token);
    }

    private static bool IsJwt(string token) => token.AsSpan().Count('.') == 2 || token.Length > LongestLegacyToken;

    private static void RefuseImpossible(string token)
    {
        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new PlexException(PlexErrorKind.InvalidToken, "The token holds characters that no Plex token has.");
        }
    }

    private async Task<(List<XmlRow> Rows, string Path)> GetXmlAsync(PlexAccount account, string path, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, path) { Token = account.Token };
        var rows = await transport.SendAsync(
            request,
            async (response, token) =>
            {
                var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                await using (body.ConfigureAwait(false))
                {
                    return await SharedUsers.ReadAsync(new BoundedStream(body, request.MaxLength), request.Redacted, token).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return (rows, request.Redacted);
    }
}
