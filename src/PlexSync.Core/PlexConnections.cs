namespace PlexSync;

/// <summary>
/// Connects to any server as any user, as saved plans and recorded runs name them, by the accounts that know them.
/// </summary>
/// <remarks>
/// What was read or connected to once is kept, and what failed is not tried again: make a new one for a new run. Not for several threads at
/// once.
/// </remarks>
public sealed class PlexConnections
{
    private readonly PlexClient _plex;
    private readonly IReadOnlyList<PlexAccess> _accesses;
    private readonly Func<PlexUser, PlexException?, CancellationToken, Task<string?>>? _askPin;
    private readonly Dictionary<PlexAccount, HomeUserSwitcher> _switchers;
    private readonly Dictionary<PlexAccess, Task<PlexServer>> _byAddress = [];
    private readonly Dictionary<PlexAccount, Task<IReadOnlyList<ServerResource>>> _lists = [];
    private readonly Dictionary<(PlexAccount, MachineIdentifier), Task<PlexServer>> _byList = [];

    /// <summary>Connections by one account, or by several.</summary>
    /// <param name="plex">Sends the requests.</param>
    /// <param name="accesses">The accounts, in the order in which they are tried; one account may be there with several addresses.</param>
    /// <param name="askPin">
    /// Gives the PIN of a user who has one; null if there are none to give. It is asked again if plex.tv refused the PIN, with the refusal.
    /// Where it gives null, connecting fails with <see cref="PlexErrorKind.PinRequired"/> or the refusal.
    /// </param>
    public PlexConnections(
        PlexClient plex,
        IEnumerable<PlexAccess> accesses,
        Func<PlexUser, PlexException?, CancellationToken, Task<string?>>? askPin = null)
    {
        ArgumentNullException.ThrowIfNull(plex);
        ArgumentNullException.ThrowIfNull(accesses);
        _plex = plex;
        _accesses = [.. accesses];
        _askPin = askPin;
        _switchers = _accesses.Select(static access => access.Account).Distinct()
            .ToDictionary(static account => account, account => new HomeUserSwitcher(plex, account));
    }

    /// <summary>Connects to a server as one of its users.</summary>
    /// <param name="user">The server and the user, as <c>SyncPlan.TargetUser</c> and <c>SyncRun.TargetUser</c> name them.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>That server and no other, as that user, identity proved.</returns>
    /// <exception cref="PlexException">
    /// No account knows the server (<see cref="PlexErrorKind.ServerNotFound"/>) or the user (<see cref="PlexErrorKind.UserNotFound"/>); the
    /// PIN is missing or wrong; nothing is shared with the user; the identity could not be proved; or the server cannot be reached.
    /// </exception>
    public async Task<PlexServer> ConnectAsync(ServerUser user, CancellationToken cancellationToken = default)
    {
        PlexException? failure = null;
        var tried = new HashSet<PlexAccount>();
        // Addresses that were given come before those that plex.tv lists, and the user's own account before one that has to switch.
        foreach (var find in new[] { FindByAddressAsync, FindInListAsync })
        {
            foreach (var access in _accesses.OrderByDescending(access => access.Account.User.Id == user.User))
            {
                try
                {
                    if (!tried.Contains(access.Account)
                        && await find(access, user.Server, cancellationToken).ConfigureAwait(false) is { } server)
                    {
                        tried.Add(access.Account);
                        return await SwitchAsync(access.Account, server, user.User, cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (PlexException e) when (e.Kind is not (PlexErrorKind.PinRequired or PlexErrorKind.PinRejected))
                {
                    // Another account may know the user, or lead to the server.
                    failure = failure is null or { Kind: PlexErrorKind.UserNotFound or PlexErrorKind.NotShared } ? e : failure;
                }
            }
        }

        throw failure ?? new PlexException(PlexErrorKind.ServerNotFound, $"None of the accounts knows the server {user.Server}.")
        {
            Subject = $"{user.Server}",
        };
    }

    /// <summary>
    /// Connects as each of several users. One with whom nothing is shared, or whom the server does not let in, is left out
    /// (<see cref="PlexException.IsOfOneUser"/>), as long as another is left; any other failure is everybody's.
    /// </summary>
    /// <param name="users">The users.</param>
    /// <param name="mayLackPins">
    /// A user whose PIN is not given is left out, too (default false), as where everybody is meant and nobody was named.
    /// </param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Each user, in the order given, connected or with the reason why not.</returns>
    /// <exception cref="PlexException">As for <see cref="ConnectAsync"/>.</exception>
    public async Task<IReadOnlyList<PlexMember>> ConnectEachAsync(
        IReadOnlyList<ServerUser> users, bool mayLackPins = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        var members = new List<PlexMember>();
        var left = users.Count;
        foreach (var user in users)
        {
            try
            {
                var server = await ConnectAsync(user, cancellationToken).ConfigureAwait(false);
                // Shows whether the server lets the user in, which nothing has asked for yet.
                await RequireLibrariesAsync(server, cancellationToken).ConfigureAwait(false);
                members.Add(new PlexMember(user, server, Failure: null));
            }
            catch (PlexException e) when (left > 1 && (e.IsOfOneUser || (mayLackPins && e.Kind is PlexErrorKind.PinRequired)))
            {
                left--;
                members.Add(new PlexMember(user, Server: null, e));
            }
        }

        return members;
    }

    /// <summary>Refuses a user whom the server shows no library.</summary>
    internal static async Task RequireLibrariesAsync(PlexServer server, CancellationToken cancellationToken)
    {
        if ((await server.GetLibrariesAsync(cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            throw new PlexException(PlexErrorKind.NotShared, $"No library of '{server.Name}' is shared with '{server.User.Title}'.")
            {
                Subject = server.User.Title,
                UserId = server.User.Id,
            };
        }
    }

    private async Task<PlexServer?> FindByAddressAsync(PlexAccess access, MachineIdentifier machine, CancellationToken cancellationToken)
    {
        if (access.Address is not { } address)
        {
            return null;
        }

        var server = await GetAsync(_byAddress, access, () => _plex.ConnectAsync(address, access.Account, cancellationToken))
            .ConfigureAwait(false);
        return server.MachineIdentifier == machine ? server : null;
    }

    private async Task<PlexServer?> FindInListAsync(PlexAccess access, MachineIdentifier machine, CancellationToken cancellationToken)
    {
        var account = access.Account;
        var servers = await GetAsync(_lists, account, () => _plex.GetServersAsync(account, cancellationToken)).ConfigureAwait(false);
        return servers.FirstOrDefault(listed => listed.MachineIdentifier == machine) is { } server
            ? await GetAsync(_byList, (account, machine), () => _plex.ConnectAsync(server, account, cancellationToken))
                .ConfigureAwait(false)
            : null;
    }

    private static Task<T> GetAsync<TKey, T>(Dictionary<TKey, Task<T>> known, TKey key, Func<Task<T>> ask)
        where TKey : notnull
    {
        if (!known.TryGetValue(key, out var answer))
        {
            known.Add(key, answer = ask());
        }

        return answer;
    }

    private async Task<PlexServer> SwitchAsync(PlexAccount account, PlexServer server, UserId id, CancellationToken cancellationToken)
    {
        if (id == account.User.Id)
        {
            return server;
        }

        var switcher = _switchers[account];
        var user = await switcher.FindAsync($"id:{id}", cancellationToken).ConfigureAwait(false);
        for (PlexException? rejected = null; ;)
        {
            var pin = _askPin is not null && user is HomeUser { HasPin: true }
                ? await _askPin(user, rejected, cancellationToken).ConfigureAwait(false)
                : null;
            if (pin is null && rejected is not null)
            {
                throw rejected;
            }

            try
            {
                return await switcher.SwitchAsync(server, user, pin, cancellationToken).ConfigureAwait(false);
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.PinRejected && pin is not null)
            {
                rejected = e;
            }
        }
    }
}

/// <summary>An account, and where it is to be used.</summary>
/// <param name="Account">The account.</param>
/// <param name="Address">The address of one of its servers; null (default) to take the addresses that plex.tv lists.</param>
public sealed record PlexAccess(PlexAccount Account, Uri? Address = null);

/// <summary>One of several users, connected or left out.</summary>
/// <param name="User">Which user of which server.</param>
/// <param name="Server">The server as the user; null where the user is left out.</param>
/// <param name="Failure">Why the user is left out; null where connected.</param>
public sealed record PlexMember(ServerUser User, PlexServer? Server, PlexException? Failure)
{
    /// <summary>The user, and what became of the connection.</summary>
    public override string ToString() => Server is not null ? $"{Server}" : $"{User}: {Failure?.Kind}";
}
