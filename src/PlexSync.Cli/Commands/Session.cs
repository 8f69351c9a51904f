using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>A signed-in account and, on demand, its server and the users there.</summary>
internal sealed class Session : IDisposable
{
    private const int MaxPinRepetitions = 2;

    private readonly CommandContext _context;
    private readonly HttpClient? _http;
    private Given? _server;
    private readonly AcrossOptions _across;
    private readonly HomeUserSwitcher _switcher;
    private Dictionary<UserId, string>? _pins;
    private Session? _elsewhere;
    private bool _hasLearned;

    private Session(
        CommandContext context, HttpClient? http, Given? server, AcrossOptions across, PlexClient plex, PlexAccount account)
    {
        _context = context;
        _http = http;
        _server = server;
        _across = across;
        Plex = plex;
        Account = account;
        _switcher = new HomeUserSwitcher(plex, account);
    }

    public PlexClient Plex { get; }

    public PlexAccount Account { get; }

    /// <summary>The PINs that were asked for here, and are right.</summary>
    public Dictionary<UserId, string> AskedPins { get; } = [];

    /// <summary>Signs in with the token that is configured.</summary>
    /// <param name="context">What the command works with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="across">The other server, where there can be one.</param>
    /// <param name="isAhead">The server and the users will be needed: they are asked about at the same time.</param>
    public static Task<Session> SignInAsync(
        CommandContext context, CancellationToken cancellationToken, AcrossOptions? across = null, bool isAhead = false)
    {
        var token = Credentials.Find(context.Settings, context.Console.Environment).Token;
        if (Credentials.FindExposed(context.Settings, context.Console.Environment) is { } exposed)
        {
            context.Messages.Warn(context.Texts.Format("Credentials_Exposed", exposed));
        }

        return OpenAsync(
            context, plex => SignInAsync(context, plex, token, cancellationToken, isAhead: isAhead), across);
    }

    /// <summary>Signs in. For a JWT, plex.tv may want the PIN of its owner: the one that was given, or that is asked for here.</summary>
    public static async Task<PlexAccount> SignInAsync(
        CommandContext context,
        PlexClient plex,
        string token,
        CancellationToken cancellationToken,
        bool mayAsk = true,
        bool isAhead = false)
    {
        try
        {
            return await SignInAsync(null);
        }
        catch (PlexException e) when (e is { Kind: PlexErrorKind.PinRequired, UserId: { } owner })
        {
            var pin = Pins.FindOfOwner(context, owner);
            if (pin is null && mayAsk && context.CanAsk)
            {
                pin = await context.Messages.AskSecretAsync(context.Texts.Format("Pin_Prompt", e.Subject), cancellationToken);
            }

            if (pin is null)
            {
                throw;
            }

            return await SignInAsync(pin);
        }

        Task<PlexAccount> SignInAsync(string? pin) => !isAhead ? plex.SignInAsync(token, pin, cancellationToken)
            : context.Common.Server is { } server && ServerAddress.Is(server) && !ServerAddress.MayBeName(server)
            ? plex.OpenAsync(token, pin, ServerAddress.Parse(server), cancellationToken: cancellationToken)
            : plex.OpenAsync(
                token, pin, lastAddress: context.Names.AddressOf(context.Common.Server?.Value), cancellationToken: cancellationToken);
    }

    /// <summary>As whoever signs in.</summary>
    public static async Task<Session> OpenAsync(
        CommandContext context, Func<PlexClient, Task<PlexAccount>> signIn, AcrossOptions? across = null)
    {
        var options = context.ClientOptions(context.Settings.Folders.GetClientIdentifier());
        var http = context.Console.Http ?? CreateHttpClient();
        try
        {
            var plex = new PlexClient(http, options, context.Messages, context.Console.Time);
            return new Session(context, http, context.Common.Server, across ?? new(), plex, await signIn(plex));
        }
        catch
        {
            Dispose(context, http);
            throw;
        }
    }

    /// <summary>Each attempt has its own timeout.</summary>
    public static HttpClient CreateHttpClient() => new(PlexClient.CreateHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Connects to this server from now on.</summary>
    public void Use(Given server) => _server = server;

    /// <summary>The account that the targets are reached with, where they are on another server: another one, or the same there.</summary>
    public async Task<Session> ElsewhereAsync(CancellationToken cancellationToken)
    {
        if (!_across.IsGiven)
        {
            return this;
        }

        if (_elsewhere is null)
        {
            var account = _across.ToTokenFile is { } file
                ? await SignInAsync(_context, Plex, Credentials.ReadToken(file.Value), cancellationToken)
                : Account;
            _elsewhere = new Session(_context, http: null, _across.ToServer, _across, Plex, account) { _elsewhere = this };
        }

        return _elsewhere;
    }

    /// <summary>The server that was asked for by address or name; else the one given here, or the only one.</summary>
    public async Task<PlexServer> ConnectAsync(MachineIdentifier? otherwise, CancellationToken cancellationToken)
    {
        PlexServer connected;
        if (_server is { } server && await IsAddressAsync(server, cancellationToken))
        {
            var address = ServerAddress.Parse(server);
            if (ServerAddress.LacksScheme(server))
            {
                _context.Messages.Note(
                    _context.Texts.Format("Url_WithoutScheme", server.Origin, address.GetLeftPart(UriPartial.Authority)));
            }

            connected = await Plex.ConnectAsync(address, Account, cancellationToken);
        }
        else
        {
            var name = _server?.Value;
            if (name is null && otherwise is { } machine
                && (await Plex.GetServersAsync(Account, cancellationToken)).Any(known => known.MachineIdentifier == machine))
            {
                name = machine.ToString();
            }

            connected = await Plex.ConnectAsync(await Plex.FindServerAsync(Account, name, cancellationToken), Account, cancellationToken);
            if (name == _server?.Value)
            {
                _context.Names.Add(name, connected.Address);
            }
        }

        _context.Names.Add(NameCache.Servers, [connected.Name]);
        if (!connected.IsPlayedThresholdKnown)
        {
            _context.Messages.Note(_context.Texts.Format("Threshold_Unknown", connected.Name));
        }

        return connected;
    }

    private async Task<bool> IsAddressAsync(Given server, CancellationToken cancellationToken) => ServerAddress.Is(server)
        && (!ServerAddress.MayBeName(server) || ServerAddress.Is(server, await Plex.GetServersAsync(Account, cancellationToken)));

    /// <inheritdoc cref="ConnectAsync(MachineIdentifier?, CancellationToken)"/>
    public Task<PlexServer> ConnectAsync(CancellationToken cancellationToken) => ConnectAsync(otherwise: null, cancellationToken);

    /// <summary>The user of that name; the token's owner where there is none.</summary>
    public async Task<PlexUser> FindAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            return Account.User;
        }

        // Whether or not the name is among them: the next one may be completed.
        _ = await ListAsync(cancellationToken);
        return await _switcher.FindAsync(name, cancellationToken);
    }

    /// <summary>Finds users by their names, none of them twice, before anybody's PIN is asked for.</summary>
    public async Task<List<PlexUser>> FindAsync(
        IEnumerable<string> names, HashSet<UserId> taken, string sentence, CancellationToken cancellationToken)
    {
        var users = new List<PlexUser>();
        foreach (var name in names)
        {
            var user = await FindAsync(name, cancellationToken);
            users.Add(taken.Add(user.Id) ? user : throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), sentence, user.Title));
        }

        return users;
    }

    /// <summary>Everybody who can be named; says so, once, where plex.tv does not tell who the friends are.</summary>
    public async Task<IReadOnlyList<PlexUser>> ListAsync(CancellationToken cancellationToken)
    {
        var users = await _switcher.ListAsync(cancellationToken);
        if (!_hasLearned)
        {
            Learn(users.Select(static user => user.Title));
            _context.Texts.Users.Add(users);
            _hasLearned = true;
            if (_switcher.FriendsError is not null)
            {
                _context.Messages.Warn(_context.Texts["Friends_Unknown"]);
            }
        }

        return users;
    }

    /// <summary>Connects, and meanwhile asks plex.tv for what switching to these users will need.</summary>
    /// <param name="names">The names; null for everybody of the Home.</param>
    /// <param name="except">The names of those who are not meant.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PlexServer> ConnectAsync(
        IReadOnlyList<string>? names, IReadOnlyList<string> except, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var preparing = PrepareAsync(names, except, stop.Token);
        try
        {
            return await ConnectAsync(cancellationToken);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            await preparing;
        }
    }

    /// <summary>Says nothing and asks nobody: what goes wrong is told when it is their turn.</summary>
    private async Task PrepareAsync(IReadOnlyList<string>? names, IReadOnlyList<string> except, CancellationToken cancellationToken)
    {
        try
        {
            var users = await _switcher.ListAsync(cancellationToken);
            users = names is null ? users : await FindAllAsync(names);
            users = [.. users.ExceptBy((await FindAllAsync(except)).Select(static user => user.Id), static user => user.Id)];
            var pins = new Dictionary<UserId, string>();
            await Pins.AssignAsync(_context, [FindAsync], pins, static _ => { });
            await PrepareAsync(users, pins, cancellationToken);
        }
        catch (Exception e) when (e is PlexException or CliException or OperationCanceledException)
        {
            // The same comes up again.
        }

        Task<PlexUser> FindAsync(string name) => _switcher.FindAsync(name, cancellationToken);

        async Task<IReadOnlyList<PlexUser>> FindAllAsync(IReadOnlyList<string> all) => await Task.WhenAll(all.Select(FindAsync));
    }

    private Task PrepareAsync(IEnumerable<PlexUser> users, Dictionary<UserId, string> pins, CancellationToken cancellationToken) =>
        Task.WhenAll(users.Select(user => _switcher.PrepareAsync(user, pins.GetValueOrDefault(user.Id), cancellationToken)));

    /// <summary>The server as that user, identity proved.</summary>
    public async Task<PlexServer> SwitchAsync(PlexServer server, PlexUser user, CancellationToken cancellationToken)
    {
        var pins = await AssignPinsAsync(cancellationToken);
        var pin = pins.GetValueOrDefault(user.Id);
        if (user.Id == Account.User.Id)
        {
            // Nobody switches to the owner of the token; the PIN may have been needed to sign in.
            return await _switcher.SwitchAsync(server, user, pin: null, cancellationToken);
        }

        var needsPin = user is HomeUser { HasPin: true };
        if (pin is not null && !needsPin)
        {
            _context.Messages.Warn(_context.Texts.Format("Pin_NotNeeded", _context.Texts.Users.Of(user)));
            pin = null;
        }

        return IsToBeAsked(user, pin)
            ? await AskPinAsync(server, user, cancellationToken)
            : await _switcher.SwitchAsync(server, user, pin, cancellationToken);
    }

    private bool IsToBeAsked(PlexUser user, string? pin) => pin is null && user is HomeUser { HasPin: true } && _context.CanAsk;

    private async Task<Dictionary<UserId, string>> AssignPinsAsync(CancellationToken cancellationToken)
    {
        if (_pins is null)
        {
            var pins = new Dictionary<UserId, string>();
            Session[] accounts = _elsewhere is { } other && other.Account.User.Id != Account.User.Id ? [this, other] : [this];
            var finders = accounts.Select(account => (Func<string, Task<PlexUser>>)(name => account.FindAsync(name, cancellationToken)));
            await Pins.AssignAsync(_context, [.. finders], pins, _context.Messages.Warn);
            _pins = pins;
            if (_elsewhere is not null)
            {
                _elsewhere._pins = pins;
            }
        }

        return _pins;
    }

    /// <summary>Asks for the PIN, and again where it is wrong: that happens to fingers.</summary>
    private async Task<PlexServer> AskPinAsync(PlexServer server, PlexUser user, CancellationToken cancellationToken)
    {
        for (var left = MaxPinRepetitions; ; left--)
        {
            var pin = await _context.Messages.AskSecretAsync(
                _context.Texts.Format("Pin_Prompt", _context.Texts.Users.Of(user)), cancellationToken);
            try
            {
                var switched = await _switcher.SwitchAsync(server, user, pin, cancellationToken);
                AskedPins[user.Id] = pin!;
                return switched;
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.PinRejected && left > 0)
            {
                _context.Messages.Say(Failure.Describe(e, _context.Texts));
            }
        }
    }

    /// <summary>The server as each of several users, but for those who cannot be served (<see cref="ConnectEachAsync"/>).</summary>
    public async Task<List<PlexServer>> SwitchAllAsync(
        PlexServer server,
        IReadOnlyList<PlexUser> users,
        SyncOutcome outcome,
        int least,
        bool isAll,
        CancellationToken cancellationToken)
    {
        var pins = await AssignPinsAsync(cancellationToken);
        await PrepareAsync(users, pins, cancellationToken);
        var served = await ConnectEachAsync(
            _context,
            users,
            static user => new UserReference(user.Id, user.Title),
            (user, either) => SwitchAsync(server, user, either),
            user => IsToBeAsked(user, pins.GetValueOrDefault(user.Id)),
            outcome,
            least,
            isAll,
            cancellationToken);
        return served.ConvertAll(static one => one.Server);
    }

    /// <summary>
    /// Connects as each of several users, all at once but for those who <paramref name="waits"/>. One who has nothing there, or whom the
    /// server refuses, is left out and named; so is one whose PIN was not given, where everybody is meant and nobody was named. Whatever
    /// else goes wrong stops all, before anything is written.
    /// </summary>
    public static async Task<List<(T One, PlexServer Server)>> ConnectEachAsync<T>(
        CommandContext context,
        IReadOnlyList<T> all,
        Func<T, UserReference> who,
        Func<T, CancellationToken, Task<PlexServer>> connect,
        Func<T, bool> waits,
        SyncOutcome outcome,
        int least,
        bool isAll,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connections = all
            .Select(one => new Lazy<Task<(PlexServer Server, bool HasLibraries)>>(() => ConnectAsync(one))).ToList();
        var begun = connections.Where((_, at) => !waits(all[at])).Select(static connection => connection.Value).ToList();
        var served = new List<(T, PlexServer)>();
        try
        {
            for (var at = 0; at < all.Count; at++)
            {
                var one = all[at];
                var canSpare = CanSpare();
                try
                {
                    var (server, hasLibraries) = await connections[at].Value;
                    if (canSpare && !hasLibraries)
                    {
                        var user = context.Texts.Users.Of(who(one));
                        var sentence = $"{context.Texts.Format("Error_NotShared", user)} {context.Texts["Remedy_NotShared"]}";
                        LeaveOut(who(one), new Failure(Failure.NameOf(PlexErrorKind.NotShared), sentence, ExitCode.Rejected));
                        continue;
                    }

                    served.Add((one, server));
                }
                catch (PlexException e) when (canSpare && (e.IsOfOneUser || (isAll && e.Kind is PlexErrorKind.PinRequired)))
                {
                    LeaveOut(who(one), Failure.Of(e, context.Texts));
                }
            }
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)Task.WhenAll(begun)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return served;

        // Where nobody else would be left, the failure is the run's.
        bool CanSpare() => all.Count - outcome.LeftOut.Count > least;

        async Task<(PlexServer Server, bool HasLibraries)> ConnectAsync(T one)
        {
            var canSpare = CanSpare();
            var server = await connect(one, stop.Token);
            // Whether the server takes the token, and has anything for it, shows here at the latest.
            return (server, !canSpare || (await server.GetLibrariesAsync(stop.Token)).Count > 0);
        }

        void LeaveOut(UserReference user, Failure failure)
        {
            outcome.LeftOut.Add(new LeftOutMember(user, failure));
            context.Messages.Warn(context.Texts.Format("Member_LeftOut", context.Texts.Users.Of(user), failure.Message));
        }
    }

    public void Dispose() => Dispose(_context, _http);

    /// <summary>A client that others use too is not the session's to dispose of.</summary>
    private static void Dispose(CommandContext context, HttpClient? http)
    {
        if (http != context.Console.Http)
        {
            http?.Dispose();
        }
    }

    /// <summary>Everybody there is; beside the first account, those of another one.</summary>
    private void Learn(IEnumerable<string> titles)
    {
        if (_http is null)
        {
            _context.Names.Add(NameCache.Users, titles);
        }
        else
        {
            _context.Names.Replace(NameCache.Users, titles);
        }
    }
}
