using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>
/// Connects as the users that a <see cref="SyncJob"/> names: signs in, finds the server and the users, and proves each identity.
/// </summary>
/// <remarks>
/// Nothing is kept from one call to the next, so that names, shares and the token may change meanwhile. What a job says of libraries and
/// policies does not matter here.
/// </remarks>
public sealed class JobConnector
{
    private readonly PlexClient _plex;
    private readonly Func<CancellationToken, Task<string>> _readToken;
    private readonly IReadOnlyDictionary<string, string> _pins;

    /// <summary>A connector for the jobs of one account.</summary>
    /// <param name="plex">Sends the requests.</param>
    /// <param name="readToken">Gives the token of the account: called on each connection, as the token may have been replaced.</param>
    /// <param name="pins">
    /// The PINs of users who have one, by any name of theirs; none if null. One for the owner of a JWT goes by <c>id:</c> and the number. A
    /// name that nobody has is passed over.
    /// </param>
    public JobConnector(
        PlexClient plex, Func<CancellationToken, Task<string>> readToken, IReadOnlyDictionary<string, string>? pins = null)
    {
        ArgumentNullException.ThrowIfNull(plex);
        ArgumentNullException.ThrowIfNull(readToken);
        (_plex, _readToken, _pins) = (plex, readToken, pins ?? new Dictionary<string, string>());
    }

    /// <summary>Connects as all users of a job.</summary>
    /// <param name="job">The job. Its server is a name, a machine identifier, or an address that begins with its scheme.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>
    /// The users, identities proved. A target, or a user of a merge, with whom nothing is shared or whom the server does not let in is left
    /// out and named in <see cref="JobUsers.LeftOut"/>, as long as another target, or two users of the merge, are left; so is one whose PIN
    /// is not given, where the job has <see cref="SyncJob.ToAll"/>.
    /// </returns>
    /// <exception cref="PlexException">
    /// The job makes no sense (<see cref="SyncJob.Validate"/>), a name means nobody or several people, two names mean one user, a PIN is
    /// missing or wrong, an identity could not be proved, or plex.tv or the server cannot be asked.
    /// </exception>
    public async Task<JobUsers> ConnectAsync(SyncJob job, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Validate(_plex.Time);
        var address = FindAddress(job);
        var account = await SignInAsync(address, cancellationToken).ConfigureAwait(false);
        var server = address is null
            ? await _plex.ConnectAsync(
                await _plex.FindServerAsync(account, job.Server, cancellationToken).ConfigureAwait(false), account, cancellationToken)
                .ConfigureAwait(false)
            : await _plex.ConnectAsync(address, account, cancellationToken).ConfigureAwait(false);
        // Everybody is found before anybody's PIN is used.
        var home = new JobHome(_plex, account, new HomeUserSwitcher(_plex, account));
        var source = job.IsMerge ? null : await home.FindAsync(job.From, cancellationToken).ConfigureAwait(false);
        var others = await home.FindOthersAsync(job, source, cancellationToken).ConfigureAwait(false);
        var pins = await home.AssignAsync(_pins, cancellationToken).ConfigureAwait(false);
        await home.PrepareAsync([.. others, .. source is null ? [] : new[] { source }], pins, cancellationToken).ConfigureAwait(false);

        var members = new List<PlexServer>();
        var leftOut = new List<PlexException>();
        if (source is not null)
        {
            members.Add(await home.SwitchAsync(server, source, pins, cancellationToken).ConfigureAwait(false));
        }

        var least = job.IsMerge ? 2 : 1;
        foreach (var user in others)
        {
            try
            {
                var member = await home.SwitchAsync(server, user, pins, cancellationToken).ConfigureAwait(false);
                // Shows whether the server lets the user in, which nothing has asked for yet.
                await PlexConnections.RequireLibrariesAsync(member, cancellationToken).ConfigureAwait(false);
                members.Add(member);
            }
            catch (PlexException e) when (others.Count - leftOut.Count > least
                && (e.IsOfOneUser || (job.ToAll && e.Kind is PlexErrorKind.PinRequired)))
            {
                leftOut.Add(e);
            }
        }

        return new JobUsers(members[0], members[1..]) { LeftOut = leftOut };
    }

    /// <summary>The address of the job's server; null if it is named, or not even that.</summary>
    private static Uri? FindAddress(SyncJob job)
    {
        if (job.Server?.Contains("://", StringComparison.Ordinal) is not true)
        {
            return null;
        }

        return PlexAddress.TryParse(job.Server.Trim(), out var address)
            ? address
            // It is not repeated: it may hold a token.
            : throw new PlexException(
                PlexErrorKind.InvalidOption, "Server takes an http or https address without user name and query, such as http://nas:32400.")
            {
                Option = nameof(SyncJob.Server),
            };
    }

    /// <summary>Signs in. For a JWT, plex.tv may want the PIN of its owner, whom nothing but the id tells from namesakes before.</summary>
    private async Task<PlexAccount> SignInAsync(Uri? address, CancellationToken cancellationToken)
    {
        var token = await _readToken(cancellationToken).ConfigureAwait(false);
        try
        {
            return await OpenAsync(pin: null).ConfigureAwait(false);
        }
        catch (PlexException e) when (e is { Kind: PlexErrorKind.PinRequired, UserId: { } owner } && TryFindPin(owner, out _))
        {
            return await OpenAsync(TryFindPin(owner, out var pin) ? pin : null).ConfigureAwait(false);
        }

        Task<PlexAccount> OpenAsync(string? pin) => _plex.OpenAsync(token, pin, address, cancellationToken: cancellationToken);

        bool TryFindPin(UserId owner, [NotNullWhen(true)] out string? pin)
        {
            pin = _pins.FirstOrDefault(given => string.Equals(given.Key.Trim(), $"id:{owner}", StringComparison.OrdinalIgnoreCase)).Value;
            return pin is not null;
        }
    }
}

/// <summary>The people of an account, as a job names them.</summary>
internal sealed class JobHome(PlexClient plex, PlexAccount account, HomeUserSwitcher switcher)
{
    /// <summary>The user of that name; the owner of the token if there is none.</summary>
    public async Task<PlexUser> FindAsync(string? name, CancellationToken cancellationToken) =>
        name is null ? account.User : await switcher.FindAsync(name, cancellationToken).ConfigureAwait(false);

    /// <summary>The targets of a job, or the users of a merge.</summary>
    /// <param name="job">The job.</param>
    /// <param name="source">Whose state is copied; null for a merge.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task<IReadOnlyList<PlexUser>> FindOthersAsync(SyncJob job, PlexUser? source, CancellationToken cancellationToken)
    {
        var taken = new HashSet<UserId>();
        if (source is not null)
        {
            taken.Add(source.Id);
        }

        if (job.ToAll)
        {
            return await FindAllAsync(job, taken, cancellationToken).ConfigureAwait(false);
        }

        var users = new List<PlexUser>();
        foreach (var name in job.IsMerge ? job.Users : job.To)
        {
            var user = await switcher.FindAsync(name, cancellationToken).ConfigureAwait(false);
            users.Add(taken.Add(user.Id) ? user : throw new PlexException(
                PlexErrorKind.SameUser, $"The job '{job.Name}' names '{user.Title}' twice, or as source and as target.")
            {
                Subject = user.Title,
                UserId = user.Id,
            });
        }

        return users;
    }

    /// <summary>Finds out whose each PIN is: PINs name their users as jobs do.</summary>
    public async Task<IReadOnlyDictionary<UserId, string>> AssignAsync(
        IReadOnlyDictionary<string, string> pins, CancellationToken cancellationToken)
    {
        var assigned = new Dictionary<UserId, string>();
        foreach (var (name, pin) in pins)
        {
            try
            {
                var user = await switcher.FindAsync(name, cancellationToken).ConfigureAwait(false);
                if (!assigned.TryAdd(user.Id, pin) && assigned[user.Id] != pin)
                {
                    throw new PlexException(PlexErrorKind.SameUser, $"There are two PINs for '{user.Title}'.")
                    {
                        Subject = user.Title,
                        UserId = user.Id,
                    };
                }
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.UserNotFound or PlexErrorKind.FriendsUnknown)
            {
                // Nobody's: whoever lacks a PIN is named when it is needed.
            }
        }

        return assigned;
    }

    /// <summary>Asks plex.tv at once for what switching to each of them will need; failures are told when it is their turn.</summary>
    public Task PrepareAsync(
        IEnumerable<PlexUser> users, IReadOnlyDictionary<UserId, string> pins, CancellationToken cancellationToken) =>
        Task.WhenAll(users.Select(user => switcher.PrepareAsync(user, pins.GetValueOrDefault(user.Id), cancellationToken)));

    /// <summary>The server as that user, identity proved.</summary>
    public Task<PlexServer> SwitchAsync(
        PlexServer server, PlexUser user, IReadOnlyDictionary<UserId, string> pins, CancellationToken cancellationToken) =>
        switcher.SwitchAsync(
            server, user, user is HomeUser { HasPin: false } ? null : pins.GetValueOrDefault(user.Id), cancellationToken);

    private async Task<IReadOnlyList<PlexUser>> FindAllAsync(SyncJob job, HashSet<UserId> taken, CancellationToken cancellationToken)
    {
        var members = await plex.GetHomeUsersAsync(account, cancellationToken).ConfigureAwait(false);
        foreach (var name in job.Except)
        {
            var user = await switcher.FindAsync(name, cancellationToken).ConfigureAwait(false);
            // Somebody who would not be meant anyway is a mistake: another was to be left out.
            taken.Add(members.Any(member => member.Id == user.Id) ? user.Id : throw OptionFailure.Invalid(nameof(job.Except), user.Title));
        }

        var users = members.Where(member => !taken.Contains(member.Id)).ToList<PlexUser>();
        return users.Count > 0 ? users : throw OptionFailure.Invalid(nameof(job.ToAll), value: null);
    }
}
