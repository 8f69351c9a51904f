using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Makes a server answer as another user, and proves that it does before anybody can write.</summary>
/// <remarks>
/// Reads the list of users once: make a new one for a new run. Users of one switcher never share a token.
/// </remarks>
/// <example>
/// <code>
/// var switcher = new HomeUserSwitcher(plex, owner);
/// PlexServer asKid = await switcher.SwitchAsync(server, "Kid");
/// PlexServer asTeen = await switcher.SwitchAsync(server, "Teen", pin: "4321");
/// </code>
/// </example>
public sealed partial class HomeUserSwitcher
{
    private readonly PlexClient _plex;
    private readonly PlexAccount _owner;
    private readonly ILogger _logger;
    private readonly Dictionary<string, UserId> _tokens = [];
    private readonly Dictionary<UserId, (string? Pin, EarlyAnswer<Membership> Answer)> _prepared = [];
    private UserDirectory? _directory;

    /// <summary>A switcher that acts with <paramref name="owner"/>'s account: the admin of the Home.</summary>
    public HomeUserSwitcher(PlexClient plex, PlexAccount owner)
    {
        ArgumentNullException.ThrowIfNull(plex);
        ArgumentNullException.ThrowIfNull(owner);
        _plex = plex;
        _owner = owner;
        _logger = plex.CreateLogger<HomeUserSwitcher>();
        _tokens[owner.Token] = owner.User.Id;
    }

    /// <summary>
    /// Finds a user of the Home or a friend by any name: id, uuid, e-mail, user name, title, or the name that Plex shows.
    /// </summary>
    /// <param name="user">
    /// The name, in any capitals and Unicode form; a prefix <c>id:</c>, <c>uuid:</c>, <c>email:</c>, <c>username:</c> or <c>title:</c> asks
    /// for just that.
    /// </param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <remarks>
    /// A name that several people answer to, whatever name of theirs it is, is ambiguous; but for one who alone is hit to the letter by the
    /// id or by the name that Plex shows. Where plex.tv does not tell who the friends are, only ids and exact names within the Home are
    /// taken.
    /// </remarks>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.UserNotFound"/>, <see cref="PlexErrorKind.UserAmbiguous"/>, <see cref="PlexErrorKind.FriendsUnknown"/>, or
    /// plex.tv failed.
    /// </exception>
    public async Task<PlexUser> FindAsync(string user, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        return (await GetDirectoryAsync(cancellationToken).ConfigureAwait(false)).Find(user);
    }

    /// <summary>Why the friends are not known, once users were listed or looked for; null if they are.</summary>
    public PlexException? FriendsError => _directory?.FriendsError;

    /// <summary>Everybody who can be found: the members of the Home, the token's owner, and friends.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="PlexException">plex.tv failed.</exception>
    public async Task<IReadOnlyList<PlexUser>> ListAsync(CancellationToken cancellationToken = default) =>
        (await GetDirectoryAsync(cancellationToken).ConfigureAwait(false)).Users;

    /// <summary>
    /// Asks plex.tv for what <see cref="SwitchAsync(PlexServer, PlexUser, string?, CancellationToken)"/> will need for a member of the Home,
    /// so that this need not wait for the server to be connected. At most four requests are under way at once.
    /// </summary>
    /// <param name="user">The user; nothing is asked for the owner and for friends.</param>
    /// <param name="pin">Their PIN; nothing is asked where it is missing.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>
    /// Ends when plex.tv has answered. Never fails: the switch with the same PIN within a minute tells what went wrong.
    /// </returns>
    public async Task PrepareAsync(PlexUser user, string? pin = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (user.Id == _owner.User.Id || user is not HomeUser member || (member.HasPin && pin is null))
        {
            return;
        }

        pin = member.HasPin ? pin : null;
        EarlyAnswer<Membership> answer;
        lock (_prepared)
        {
            if (!_prepared.TryGetValue(user.Id, out var known) || known.Pin != pin)
            {
                _prepared[user.Id] = known = (pin, new(_plex.Time, JoinAsync(member, pin, cancellationToken)));
            }

            answer = known.Answer;
        }

        await ((Task)answer.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Finds a user and makes <paramref name="server"/> answer as them.</summary>
    /// <inheritdoc cref="SwitchAsync(PlexServer, PlexUser, string?, CancellationToken)"/>
    public async Task<PlexServer> SwitchAsync(
        PlexServer server, string user, string? pin = null, CancellationToken cancellationToken = default) =>
        await SwitchAsync(server, await FindAsync(user, cancellationToken).ConfigureAwait(false), pin, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Makes <paramref name="server"/> answer as another user.</summary>
    /// <param name="server">
    /// The server, connected as the owner of this switcher's account; returned as it is when the owner is asked for.
    /// </param>
    /// <param name="user">The user to become.</param>
    /// <param name="pin">Their PIN; not sent where the user has none.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The same server as that user, identity proved (<see cref="PlexServer.Identity"/>).</returns>
    /// <exception cref="PlexException">
    /// The PIN is missing or wrong, nothing is shared with the user, or it could not be proved that the server sees that user
    /// (<see cref="PlexErrorKind.IdentityNotProved"/>). There is no way on with the owner's token.
    /// </exception>
    public async Task<PlexServer> SwitchAsync(
        PlexServer server, PlexUser user, string? pin = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(user);
        if (server.User.Id != _owner.User.Id)
        {
            throw new ArgumentException("The server must be connected as the owner of this switcher's account.", nameof(server));
        }

        if (user.Id == _owner.User.Id)
        {
            return server;
        }

        // Goes by plex.tv's list and not by the type of the argument: a member of the Home who is taken for a friend would get around the
        // PIN.
        var listed = (await GetDirectoryAsync(cancellationToken).ConfigureAwait(false)).Find($"id:{user.Id}");
        var switched = await SwitchToAsync(server, listed, pin, cancellationToken).ConfigureAwait(false);
        if (switched.SharesTokenWith(server))
        {
            throw NotProved(listed, $"plex.tv gave the same token of '{server.Name}' for '{listed.Title}' as for '{server.User.Title}'.");
        }

        await switched.ProveNotOwnerAsync(cancellationToken).ConfigureAwait(false);
        Log.Switched(_logger, user.Title, user.Id, server.Name, switched.Identity);
        return switched;
    }

    private async Task<PlexServer> SwitchToAsync(PlexServer server, PlexUser listed, string? pin, CancellationToken cancellationToken) =>
        listed switch
        {
            HomeUser member => await SwitchMemberAsync(server, member, pin, cancellationToken).ConfigureAwait(false),
            { IsHomeMember: true } => throw NotProved(listed, $"'{listed.Title}' is in the Home, but plex.tv does not list its members."),
            _ => await UseSharedTokenAsync(server, listed, cancellationToken).ConfigureAwait(false),
        };

    private async Task<UserDirectory> GetDirectoryAsync(CancellationToken cancellationToken) =>
        _directory ??= await _plex.GetDirectoryAsync(_owner, cancellationToken).ConfigureAwait(false);

    private async Task<PlexServer> SwitchMemberAsync(PlexServer server, HomeUser user, string? pin, CancellationToken cancellationToken)
    {
        var (accountToken, resources) = await GetMembershipAsync(user, PinFor(user, pin), cancellationToken).ConfigureAwait(false);
        RequireOwnToken(user, accountToken);
        var token = TokenFor(server, user, resources);
        // Some versions hand the account token itself out as the server's; two names for one user's token are no doubt.
        if (token != accountToken)
        {
            RequireOwnToken(user, token);
        }

        return server.As(user, token, IdentityProof.Proved);
    }

    /// <summary>The PIN to send: null where the user has none.</summary>
    private string? PinFor(HomeUser user, string? pin)
    {
        if (user.HasPin && pin is null)
        {
            // plex.tv sometimes switches to a protected user without the PIN (plex-facts §3.7). We always ask for it.
            throw new PlexException(PlexErrorKind.PinRequired, $"'{user.Title}' is protected by a PIN, and none was given.")
            {
                Subject = user.Title,
                UserId = user.Id,
            };
        }

        if (!user.HasPin && pin is not null)
        {
            Log.PinNotNeeded(_logger, user.Title);
            return null;
        }

        return pin;
    }

    /// <summary>What was prepared with that PIN, which counts once; else what plex.tv says now.</summary>
    private Task<Membership> GetMembershipAsync(HomeUser user, string? pin, CancellationToken cancellationToken)
    {
        bool isPrepared;
        (string? Pin, EarlyAnswer<Membership> Answer) known;
        lock (_prepared)
        {
            isPrepared = _prepared.Remove(user.Id, out known) && known.Pin == pin;
        }

        return isPrepared ? known.Answer.GetAsync(AskAsync, cancellationToken) : AskAsync();

        Task<Membership> AskAsync() => JoinAsync(user, pin, cancellationToken);
    }

    /// <summary>Becomes a member at plex.tv, which must confirm whose token it minted.</summary>
    private async Task<Membership> JoinAsync(HomeUser user, string? pin, CancellationToken cancellationToken)
    {
        var token = await _plex.Accounts.LimitAsync(
            either => _plex.Accounts.SwitchAsync(_owner, user, pin, either), cancellationToken).ConfigureAwait(false);
        try
        {
            // This token is only used at plex.tv, which takes a JWT, too: to exchange it would need the PIN again.
            AccountClient.RefuseImpossible(token);
            var (_, servers) = await Together.RunAsync(
                IdentifyAsync,
                either => _plex.Accounts.LimitAsync(limited => _plex.Accounts.ReadServersAsync(token, limited), either),
                cancellationToken).ConfigureAwait(false);
            return new(token, servers);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden)
        {
            // The refused token is not the caller's, with which it was minted just now.
            throw NotProved(user, $"plex.tv refuses the token that it minted for '{user.Title}': {e.Message}", e);
        }

        async Task<PlexUser> IdentifyAsync(CancellationToken either)
        {
            var holder = await _plex.Accounts.LimitAsync(limited => _plex.Accounts.IdentifyAsync(token, limited), either)
                .ConfigureAwait(false);
            return holder.Id == user.Id && (holder.Uuid.Length == 0 || user.Uuid.Length == 0 || holder.Uuid == user.Uuid) ? holder
                : throw NotProved(user, $"plex.tv says that the token minted for '{user.Title}' belongs to '{holder.Title}'.");
        }
    }

    /// <summary>The token that plex.tv lists for the user on the server.</summary>
    private string TokenFor(PlexServer server, HomeUser user, IReadOnlyList<ServerResource> resources)
    {
        var resource = resources.FirstOrDefault(resource => resource.MachineIdentifier == server.MachineIdentifier);
        if (resource is null)
        {
            throw new PlexException(PlexErrorKind.NotShared, $"Nothing on '{server.Name}' is shared with '{user.Title}'.")
            {
                Subject = user.Title,
                UserId = user.Id,
            };
        }

        if (resource.AccessToken is not { } token)
        {
            throw AccountClient.Withheld(user);
        }

        if (resource.IsOwned)
        {
            throw NotProved(
                user, $"plex.tv says that '{user.Title}' owns '{server.Name}', which the account '{_owner.User.Title}' acts for.");
        }

        AccountClient.RefuseUnusable(token);
        return token;
    }

    private async Task<PlexServer> UseSharedTokenAsync(PlexServer server, PlexUser user, CancellationToken cancellationToken)
    {
        var token = await _plex.Accounts.GetSharedServerTokenAsync(_owner, server.MachineIdentifier, user, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new PlexException(
                PlexErrorKind.NotShared,
                $"plex.tv lists nothing on '{server.Name}' that is shared with '{user.Title}'.")
            {
                Subject = user.Title,
                UserId = user.Id,
            };
        AccountClient.RefuseUnusable(token);
        RequireOwnToken(user, token);
        return server.As(user, token, IdentityProof.Declared);
    }

    /// <summary>Refuses a token that another user has, too: for one of the two it would be somebody else's.</summary>
    private void RequireOwnToken(PlexUser user, string token)
    {
        lock (_tokens)
        {
            if (!_tokens.TryAdd(token, user.Id) && _tokens[token] != user.Id)
            {
                throw NotProved(user, $"plex.tv gave the same token for '{user.Title}' and for another user.");
            }
        }
    }

    private static PlexException NotProved(PlexUser user, string message, Exception? inner = null) =>
        new(PlexErrorKind.IdentityNotProved, message, inner) { Subject = user.Title, UserId = user.Id };

    /// <summary>What a member is at plex.tv. Not printed: it holds tokens.</summary>
    private sealed class Membership(string token, IReadOnlyList<ServerResource> servers)
    {
        public void Deconstruct(out string accountToken, out IReadOnlyList<ServerResource> resources) =>
            (accountToken, resources) = (token, servers);
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Information, "Acting as '{User}' ({Id}) on '{Server}': identity {Identity}")]
        public static partial void Switched(ILogger logger, string user, UserId id, string server, IdentityProof identity);

        [LoggerMessage(2001, LogLevel.Warning, "'{User}' has no PIN; the one given is not sent")]
        public static partial void PinNotNeeded(ILogger logger, string user);
    }
}
