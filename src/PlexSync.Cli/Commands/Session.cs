using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>A signed-in account and, on demand, its server and the users there.</summary>
internal sealed class Session : IDisposable
{
    private const int MaxPinRepetitions = 2;

    private readonly Run _run;
    private readonly HttpClient? _http;
    private readonly Setting _server;
    private readonly HomeUserSwitcher _switcher;
    private Dictionary<string, string>? _pins;
    private Session? _elsewhere;
    private bool _hasLearned;

    private Session(Run run, HttpClient? http, Setting server, PlexClient plex, PlexAccount account)
    {
        _run = run;
        _http = http;
        _server = server;
        Plex = plex;
        Account = account;
        _switcher = new HomeUserSwitcher(plex, account);
    }

    public PlexClient Plex { get; }

    public PlexAccount Account { get; }

    public static Task<Session> SignInAsync(Run run, CancellationToken cancellationToken)
    {
        var token = Credentials.Find(run.Settings, run.Around.Environment).Token;
        if (Credentials.FindExposed(run.Settings, run.Around.Environment) is { } exposed)
        {
            run.Messages.Warn(run.Texts.Format("Credentials_Exposed", exposed));
        }

        return OpenAsync(run, plex => SignInAsync(run, plex, token, cancellationToken));
    }

    /// <summary>plex.tv may ask for the owner's PIN where the token is a JWT.</summary>
    private static async Task<PlexAccount> SignInAsync(Run run, PlexClient plex, string token, CancellationToken cancellationToken)
    {
        try
        {
            return await plex.SignInAsync(token, cancellationToken);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.PinRequired && run.CanAsk)
        {
            if (await run.Messages.AskSecretAsync(run.Texts.Format("Pin_Prompt", e.Subject), cancellationToken) is { } pin)
            {
                return await plex.SignInAsync(token, pin, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>As whoever signs in.</summary>
    public static async Task<Session> OpenAsync(Run run, Func<PlexClient, Task<PlexAccount>> signIn)
    {
        var options = run.ClientOptions(run.Settings.Folders.GetClientIdentifier());
        var http = CreateHttpClient();
        try
        {
            var plex = new PlexClient(http, options, run.Messages, run.Around.Time);
            return new Session(run, http, Setting.Server, plex, await signIn(plex));
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <summary>Each attempt has its own timeout.</summary>
    public static HttpClient CreateHttpClient() => new(PlexClient.CreateHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The account that the targets are reached with, where they are on another server: another one, or the same there.</summary>
    public async Task<Session> ElsewhereAsync(CancellationToken cancellationToken)
    {
        if (_run.Settings.Find(Setting.ToServer) is null && _run.Settings.Find(Setting.ToTokenFile) is null)
        {
            return this;
        }

        if (_elsewhere is null)
        {
            var account = _run.Settings.Get(Setting.ToTokenFile) is { } file
                ? await Plex.SignInAsync(Credentials.ReadToken(file), cancellationToken)
                : Account;
            _elsewhere = new Session(_run, http: null, Setting.ToServer, Plex, account) { _elsewhere = this };
        }

        return _elsewhere;
    }

    /// <summary>The server that was asked for by address or name; else the one given here, or the only one.</summary>
    public async Task<PlexServer> ConnectAsync(MachineIdentifier? otherwise, CancellationToken cancellationToken)
    {
        PlexServer connected;
        var server = _run.Settings.Find(_server);
        if (server is not null && Settings.IsAddress(server))
        {
            var address = Settings.ParseUrl(server);
            if (Settings.LacksScheme(server))
            {
                _run.Messages.Note(_run.Texts.Format("Url_WithoutScheme", server.Origin, address.GetLeftPart(UriPartial.Authority)));
            }

            connected = await Plex.ConnectAsync(address, Account, cancellationToken);
        }
        else
        {
            var name = server?.Values[0];
            if (name is null && otherwise is { } machine && (await Plex.GetServersAsync(Account, cancellationToken)).Any(known => known.MachineIdentifier == machine))
            {
                name = machine.ToString();
            }

            connected = await Plex.ConnectAsync(await Plex.FindServerAsync(Account, name, cancellationToken), Account, cancellationToken);
        }

        _run.Names.Add(NameCache.Servers, [connected.Name]);
        if (!connected.IsPlayedThresholdKnown)
        {
            _run.Messages.Note(_run.Texts.Format("Threshold_Unknown", connected.Name));
        }

        return connected;
    }

    /// <inheritdoc cref="ConnectAsync(MachineIdentifier?, CancellationToken)"/>
    public Task<PlexServer> ConnectAsync(CancellationToken cancellationToken) => ConnectAsync(otherwise: null, cancellationToken);

    /// <summary>Everybody who can be named, and why the friends are not among them.</summary>
    public async Task<(IReadOnlyList<PlexUser> Users, PlexException? FriendsError)> ListUsersAsync(CancellationToken cancellationToken) =>
        (await _switcher.ListAsync(cancellationToken), _switcher.FriendsError);

    /// <summary>The user of that name; the token's owner where there is none.</summary>
    public async Task<PlexUser> FindAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            return Account.User;
        }

        if (!_hasLearned)
        {
            // Whether or not the name is among them: the next one may be completed.
            var users = await _switcher.ListAsync(cancellationToken);
            Learn(users.Select(static user => user.Title));
            _run.Texts.Users.Add(users);
            _hasLearned = true;
            if (_switcher.FriendsError is not null)
            {
                _run.Messages.Warn(_run.Texts["Friends_Unknown"]);
            }
        }

        return await _switcher.FindAsync(name, cancellationToken);
    }

    /// <summary>The server as that user, identity proved.</summary>
    public async Task<PlexServer> SwitchAsync(PlexServer server, PlexUser user, CancellationToken cancellationToken)
    {
        if (_pins is null)
        {
            var pins = new Dictionary<string, string>();
            Session[] accounts = _elsewhere is { } other && other.Account.User.Id != Account.User.Id ? [this, other] : [this];
            var finders = accounts.Select(account => (Func<string, Task<PlexUser>>)(name => account.FindAsync(name, cancellationToken)));
            await Pins.AssignAsync(_run, [.. finders], pins, _run.Messages.Warn);
            _pins = pins;
            if (_elsewhere is not null)
            {
                _elsewhere._pins = pins;
            }
        }

        var pin = _pins.GetValueOrDefault($"{user.Id}");
        var needsPin = user is HomeUser { HasPin: true } && user.Id != Account.User.Id;
        if (pin is not null && !needsPin)
        {
            _run.Messages.Warn(_run.Texts.Format("Pin_NotNeeded", _run.Texts.Users.Of(user)));
            pin = null;
        }

        return pin is null && needsPin && _run.CanAsk
            ? await AskPinAsync(server, user, cancellationToken)
            : await _switcher.SwitchAsync(server, user, pin, cancellationToken);
    }

    /// <summary>Asks for the PIN, and again where it is wrong: that happens to fingers.</summary>
    private async Task<PlexServer> AskPinAsync(PlexServer server, PlexUser user, CancellationToken cancellationToken)
    {
        for (var left = MaxPinRepetitions; ; left--)
        {
            var pin = await _run.Messages.AskSecretAsync(_run.Texts.Format("Pin_Prompt", _run.Texts.Users.Of(user)), cancellationToken);
            try
            {
                return await _switcher.SwitchAsync(server, user, pin, cancellationToken);
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.PinRejected && left > 0)
            {
                _run.Messages.Say(Failure.Describe(e, _run.Texts));
            }
        }
    }

    /// <summary>
    /// The server as each of several users. One who has nothing there, or whom the server refuses, is left out and named, and so is under --to-all
    /// one whose PIN was not given; whatever else goes wrong stops all, before anything is written.
    /// </summary>
    public async Task<List<PlexServer>> SwitchAllAsync(
        PlexServer server, IReadOnlyList<PlexUser> users, SyncOutcome outcome, int least, CancellationToken cancellationToken)
    {
        var connected = new List<PlexServer>();
        foreach (var user in users)
        {
            try
            {
                var one = await SwitchAsync(server, user, cancellationToken);
                // Whether the server takes the token, and has anything for it, shows here at the latest.
                if (CanSpare() && (await one.GetLibrariesAsync(cancellationToken)).Count == 0)
                {
                    var sentence = $"{_run.Texts.Format("Error_NotShared", _run.Texts.Users.Of(user))} {_run.Texts["Remedy_NotShared"]}";
                    LeaveOut(user, new Failure(Failure.NameOf(PlexErrorKind.NotShared), sentence, ExitCode.Rejected));
                    continue;
                }

                connected.Add(one);
            }
            catch (PlexException e) when (CanSpare() && IsOfOneMember(e))
            {
                LeaveOut(user, Failure.Of(e, _run.Texts));
            }
        }

        return connected;

        bool CanSpare() => users.Count - outcome.LeftOut.Count > least;

        void LeaveOut(PlexUser user, Failure failure)
        {
            outcome.LeftOut.Add(new LeftOutMember(new UserReference(user.Id, user.Title), failure));
            _run.Messages.Warn(_run.Texts.Format("Member_LeftOut", _run.Texts.Users.Of(user), failure.Message));
        }

        bool IsOfOneMember(PlexException e) => e.Kind is PlexErrorKind.NotShared or PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden
            || (e.Kind is PlexErrorKind.PinRequired && _run.Settings.IsOn(Setting.ToAll));
    }

    public void Dispose() => _http?.Dispose();

    /// <summary>Everybody there is; beside the first account, those of another one.</summary>
    private void Learn(IEnumerable<string> titles)
    {
        if (_http is null)
        {
            _run.Names.Add(NameCache.Users, titles);
        }
        else
        {
            _run.Names.Replace(NameCache.Users, titles);
        }
    }
}
