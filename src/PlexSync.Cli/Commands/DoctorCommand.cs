using System.Net;
using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Looks at all that a run needs, and says what is wrong and what to do about it.</summary>
/// <remarks>Asks nobody, and writes nothing but what shows that the state folder can be written.</remarks>
internal sealed class DoctorCommand(CommandContext context)
{
    /// <summary>Beyond this, what is recent and what is not comes out wrong.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>Every check that failed or was left out, with what the one is called that is to blame.</summary>
    private readonly Dictionary<string, string> _unmet = [];
    private readonly Dictionary<UserId, string> _pins = [];
    private readonly HashSet<UserId> _named = [];

    private HttpClient? _http;
    private string? _identifier;
    private FoundToken? _token;
    private PlexClient? _plex;
    private TimeSpan? _clockOffset;
    private PlexAccount? _account;
    private HomeUserSwitcher? _switcher;
    private IReadOnlyList<ServerResource> _servers = [];
    private ServerResource? _chosen;
    private PlexServer? _server;
    private IReadOnlyList<HomeUser> _home = [];

    [Command("doctor"), Traits(IsDiagnosis = true)]
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var http = Session.CreateHttpClient();
        _http = http;
        var writer = new ChecklistWriter(context.Screen, context.Texts, context.IsQuiet);
        var checks = new List<Check>();
        var exitCode = ExitCode.Done;
        foreach (var step in Steps())
        {
            var check = await LookAsync(step, cancellationToken);
            checks.Add(check);
            exitCode = ExitCode.Worse(exitCode, check.ExitCode);
            if (!context.IsJson)
            {
                // Some answers take their time: what is known is shown meanwhile.
                writer.Write(check);
                await context.Console.Out.FlushAsync(cancellationToken);
            }
        }

        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out, new DoctorDocument(checks.ConvertAll(CheckDocument.Of), exitCode), JsonContext.Default.DoctorDocument);
        }
        else
        {
            writer.Close(checks);
        }

        return exitCode;
    }

    /// <summary>Every check, with those it needs. What is known by then decides how often the last ones are done.</summary>
    private IEnumerable<Step> Steps()
    {
        yield return new("configuration", ConfigurationAsync);
        yield return new("state", StateAsync);
        yield return new("journal", JournalAsync, "state");
        yield return new("token", TokenAsync, "configuration");
        yield return new("plexTv", PlexTvAsync, "configuration");
        yield return new("clock", ClockAsync, "plexTv");
        yield return new("account", AccountAsync, "token", "plexTv");
        yield return new("servers", ServersAsync, "account");
        yield return new("connection", ConnectionAsync, "servers");
        yield return new("encryption", EncryptionAsync, "connection");
        yield return new("owner", OwnerAsync, "connection");
        yield return new("home", HomeAsync, "account");
        yield return new("friends", FriendsAsync, "account");
        yield return new("pins", PinsAsync, "home");
        yield return new("users", UsersAsync, "home");
        foreach (var user in Everybody())
        {
            yield return new("libraries", token => LibrariesAsync(user!, token), "connection", "home") { User = user };
        }
    }

    private async Task<Check> LookAsync(Step step, CancellationToken cancellationToken)
    {
        Check check;
        if (step.Needs.Select(_unmet.GetValueOrDefault).FirstOrDefault(static cause => cause is not null) is { } cause)
        {
            check = new(CheckStatus.Skipped, context.Texts.Format("Doctor_Skipped", cause)) { Cause = cause };
            _unmet.TryAdd(step.Name, cause);
        }
        else
        {
            try
            {
                context.Messages.Wait();
                check = await step.LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                check = Failed(e, step.Name);
            }

            if (check.Status is CheckStatus.Failed)
            {
                _unmet.TryAdd(step.Name, context.Texts[$"Doctor_{step.Name}"]);
            }
        }

        return check with { Name = step.Name, User = step.User };
    }

    private Task<Check> ConfigurationAsync(CancellationToken cancellationToken)
    {
        context.RequireSettings();
        foreach (var job in context.Settings.Jobs)
        {
            _ = SyncTask.OfJob(context.Of(job), job);
        }

        var strangers = string.Join(' ', context.FindUnknownVariables());
        return Task.FromResult(strangers.Length > 0 ? Warning(strangers, context.Texts["Doctor_configuration_Remedy"])
            : context.Settings.Folders.ConfigurationFile is { } path && File.Exists(path) ? Ok("Doctor_configuration_Read", path)
            : Ok("Doctor_configuration_None", context.Settings.Folders.ConfigurationFile ?? "config.json"));
    }

    private Task<Check> StateAsync(CancellationToken cancellationToken)
    {
        var folder = context.Settings.Folders.RequireWritable();
        _identifier = context.Settings.Folders.GetClientIdentifier();
        return Task.FromResult(Ok("Doctor_state_Writable", folder));
    }

    private async Task<Check> JournalAsync(CancellationToken cancellationToken)
    {
        var runs = await context.Store.ListRunsAsync(cancellationToken: cancellationToken);
        var ids = runs.Select(static known => $"{known.Id}").Distinct().ToList();
        var open = runs.Where(static known => !known.IsFinished).Select(static known => $"{known.Id}").Distinct().ToList();
        return ids.Count == 0 ? Ok("Runs_None")
            : open.Count == 0 ? new(CheckStatus.Ok, context.Texts.Count("Doctor_journal_Read", ids.Count))
            : Warning(
                context.Texts.Count("Doctor_journal_Open", open.Count, string.Join(", ", open)),
                context.Texts.Format("Doctor_journal_Remedy", open[0]));
    }

    private Task<Check> TokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _token = Credentials.Find(context.Settings, context.Console.Environment);
        }
        catch (CliException e) when (e.Kind == CliException.NoToken)
        {
            return Task.FromResult(
                new Check(CheckStatus.Failed, context.Texts["Doctor_token_None"], context.Texts["Doctor_token_Remedy"], ExitCode.Usage));
        }

        return Task.FromResult(
            _token.IsFile && PrivateFile.IsExposed(_token.Origin) ? Exposed(_token.Origin) : Ok("Doctor_token_Found", _token.Origin));
    }

    private async Task<Check> PlexTvAsync(CancellationToken cancellationToken)
    {
        // Where none can be kept, an identifier that is always the same adds no device to the account each time.
        var options = context.ClientOptions(_identifier ?? "plexsync-doctor");
        _plex = new PlexClient(_http!, options, context.Messages, context.Console.Time);
        try
        {
            _clockOffset = context.Console.Time.GetUtcNow() - await _plex.GetTimeAsync(cancellationToken);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.CertificateRejected or PlexErrorKind.CertificateUntrusted
            or PlexErrorKind.CertificateExpired or PlexErrorKind.TlsNotSpoken)
        {
            // No certificate is valid at every date.
            var now = context.Texts.Moment(context.Console.Time.GetUtcNow());
            return Failed(e, "plexTv") with
            {
                Message = context.Texts.Format("Doctor_plexTv_Certificate", e.Subject),
                Remedy = context.Texts.Format("Doctor_plexTv_Remedy", now),
            };
        }

        return Ok("Doctor_plexTv_Reached", options.AccountUrl.Authority);
    }

    private Task<Check> ClockAsync(CancellationToken cancellationToken)
    {
        if (_clockOffset is not { } offset)
        {
            return Task.FromResult(new Check(CheckStatus.Skipped, context.Texts["Doctor_clock_Unknown"]));
        }

        var size = context.Texts.Duration(offset.Duration());
        return Task.FromResult(offset.Duration() <= ClockTolerance ? Ok("Doctor_clock_Right", size)
            : Warning(
                context.Texts.Format(offset > TimeSpan.Zero ? "Doctor_clock_Ahead" : "Doctor_clock_Behind", size),
                context.Texts["Doctor_clock_Remedy"]));
    }

    private async Task<Check> AccountAsync(CancellationToken cancellationToken)
    {
        _account = await Session.SignInAsync(context, _plex!, _token!.Token, cancellationToken, mayAsk: false);
        _switcher = new HomeUserSwitcher(_plex!, _account);
        return Ok("Doctor_account_Of", _account.User.Title, $"{_account.User.Id}");
    }

    private async Task<Check> ServersAsync(CancellationToken cancellationToken)
    {
        _servers = await _plex!.GetServersAsync(_account!, cancellationToken);
        var names = ListOf(_servers.Select(static server => server.Name));
        var server = context.Settings.Find("server");
        if (server is not null && ServerAddress.Is(server, _servers))
        {
            return Ok("Doctor_servers_ByAddress", names, ServerAddress.Parse(server).GetLeftPart(UriPartial.Authority));
        }

        _chosen = await _plex.FindServerAsync(_account!, server?.Value, cancellationToken);
        return Ok("Doctor_servers_Chosen", names, _chosen.Name);
    }

    private async Task<Check> ConnectionAsync(CancellationToken cancellationToken)
    {
        _server = _chosen is not null
            ? await _plex!.ConnectAsync(_chosen, _account!, cancellationToken)
            : await _plex!.ConnectAsync(ServerAddress.Parse(context.Settings.Find("server")!), _account!, cancellationToken);
        _chosen ??= _servers.FirstOrDefault(listed => listed.MachineIdentifier == _server.MachineIdentifier);
        var address = _server.Address.GetLeftPart(UriPartial.Authority);
        return _chosen?.RelayAddresses.Contains(_server.Address) is true
            ? Warning(
                context.Texts.Format("Doctor_connection_Relay", _server.Name, _server.Version, address),
                context.Texts["Doctor_connection_Remedy"])
            : Ok(
                _chosen?.LocalAddresses.Contains(_server.Address) is true ? "Doctor_connection_Local"
                : _chosen?.Addresses.Contains(_server.Address) is true ? "Doctor_connection_Remote"
                : "Doctor_connection_There",
                _server.Name,
                _server.Version,
                address);
    }

    private Task<Check> EncryptionAsync(CancellationToken cancellationToken)
    {
        var address = _server!.Address;
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            return Task.FromResult(Ok("Doctor_encryption_Https"));
        }

        var isLocal = _chosen?.LocalAddresses.Contains(address) is true;
        var isFar = !isLocal && (_chosen?.Addresses.Contains(address) is true || IsPublic(address));
        var better = (_chosen?.Addresses ?? []).Where(static listed => listed.Scheme == Uri.UriSchemeHttps)
            .Select(static listed => listed.GetLeftPart(UriPartial.Authority));
        return Task.FromResult(isFar
            ? Warning(context.Texts["Doctor_encryption_Far"], context.Texts.Format("Doctor_encryption_Remedy", ListOf(better)))
            : Ok("Doctor_encryption_Near"));
    }

    private Task<Check> OwnerAsync(CancellationToken cancellationToken) => Task.FromResult(_chosen?.IsOwned is true
        ? Ok("Doctor_owner_Yes", _account!.User.Title, _server!.Name)
        : Warning(context.Texts.Format("Doctor_owner_No", _account!.User.Title, _server!.Name), context.Texts["Doctor_owner_Remedy"]));

    private async Task<Check> HomeAsync(CancellationToken cancellationToken)
    {
        _home = await _plex!.GetHomeUsersAsync(_account!, cancellationToken);
        context.Texts.Users.Add(_home);
        var names = _home.Select(user =>
            user.HasPin ? context.Texts.Format("Doctor_home_WithPin", context.Texts.Users.Of(user)) : context.Texts.Users.Of(user));
        return _home.Count == 0 ? Ok("Doctor_home_None")
            : new(CheckStatus.Ok, context.Texts.Count("Doctor_home_Members", _home.Count, ListOf(names)));
    }

    private async Task<Check> FriendsAsync(CancellationToken cancellationToken)
    {
        var users = await _switcher!.ListAsync(cancellationToken);
        if (_switcher.FriendsError is not null)
        {
            return Warning(context.Texts["Friends_Unknown"], context.Texts["Doctor_friends_Remedy"]);
        }

        var friends = users.Where(user => user is not HomeUser && user.Id != _account!.User.Id).ToList();
        context.Texts.Users.Add(friends);
        return friends.Count == 0 ? Ok("Doctor_friends_None") : Ok("Doctor_friends_Known", ListOf(friends.Select(context.Texts.Users.Of)));
    }

    private async Task<Check> PinsAsync(CancellationToken cancellationToken)
    {
        var doubts = new List<string>();
        await Pins.AssignAsync(context, [FindAsync], _pins, doubts.Add);
        if (Pins.Read(context.Settings, context.Console.Environment) is [{ Origin: not Pins.Variable and var file }, ..]
            && PrivateFile.IsExposed(file))
        {
            return Exposed(file);
        }

        var needed = _home.Where(user => user.HasPin && user.Id != _account!.User.Id).ToList();
        return doubts.Count > 0 ? Warning(string.Join(' ', doubts), context.Texts["Doctor_pins_Doubtful"])
            : needed.Count == 0 ? Ok("Doctor_pins_NotNeeded")
            : Ok("Doctor_pins_Given", Names(needed.Where(user => _pins.ContainsKey(user.Id))), Names(
                needed.Where(user => !_pins.ContainsKey(user.Id))));

        async Task<PlexUser> FindAsync(string name)
        {
            var user = await _switcher!.FindAsync(name, cancellationToken);
            if (user is not HomeUser { HasPin: true } && user.Id != _account!.User.Id)
            {
                doubts.Add(context.Texts.Format("Pin_NotNeeded", context.Texts.Users.Of(user)));
            }

            return user;
        }

        string Names(IEnumerable<HomeUser> users) => ListOf(users.Select(context.Texts.Users.Of));
    }

    /// <summary>Whom the configuration names, as far as they are users of this account.</summary>
    private async Task<Check> UsersAsync(CancellationToken cancellationToken)
    {
        var titles = new List<string>();
        foreach (var settings in context.Settings.Jobs.Select(context.Settings.Of).Prepend(context.Settings))
        {
            var named = new HashSet<UserId>();
            var isElsewhere = settings.Find("to-token-file") is not null;
            if (settings.IsOn("to-all") && !isElsewhere)
            {
                named.UnionWith(_home.Select(static user => user.Id));
                titles.AddRange(_home.Select(context.Texts.Users.Of));
            }

            foreach (var setting in new[] { "from", "to", "user", "except" })
            {
                foreach (var name in isElsewhere && setting != "from" ? [] : settings.GetAll(setting))
                {
                    var user = await _switcher!.FindAsync(name, cancellationToken);
                    if (setting == "except" && !_home.Any(member => member.Id == user.Id))
                    {
                        throw new CliException(CliException.Usage, "Except_Nobody", "--except", context.Texts.Users.Of(user));
                    }

                    _ = setting == "except" ? named.Remove(user.Id) : named.Add(user.Id);
                    titles.Add(context.Texts.Users.Of(user));
                }
            }

            _named.UnionWith(named);
        }

        return titles.Count > 0 ? Ok("Doctor_users_Found", ListOf(titles.Distinct())) : Ok("Doctor_users_None");
    }

    private async Task<Check> LibrariesAsync(PlexUser user, CancellationToken cancellationToken)
    {
        PlexServer seen;
        try
        {
            seen = await _switcher!.SwitchAsync(_server!, user, _pins.GetValueOrDefault(user.Id), cancellationToken);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.PinRequired)
        {
            // Nobody is asked here; a run on a terminal would.
            return Failed(e, "libraries") with
            {
                Status = _named.Contains(user.Id) ? CheckStatus.Warning : CheckStatus.Skipped,
                ExitCode = ExitCode.Done,
            };
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotShared && !_named.Contains(user.Id))
        {
            // Not everybody in a Home has to see every server.
            return Failed(e, "libraries") with { Status = CheckStatus.Warning, ExitCode = ExitCode.Done };
        }

        var libraries = (await seen.GetLibrariesAsync(cancellationToken)).Where(static library => library.ItemType is not null).ToList();
        return libraries.Count > 0
            ? Ok("Doctor_libraries_Seen", ListOf(libraries.Select(static library => library.Title)))
            : Warning(context.Texts["Doctor_libraries_None"], context.Texts["Remedy_NotShared"]);
    }

    /// <summary>The account's own user and the rest of the Home; nobody in particular where they cannot be looked at.</summary>
    private IEnumerable<PlexUser?> Everybody() => _server is null || _unmet.ContainsKey("home")
        ? [null]
        : _home.Where(user => user.Id != _server.User.Id).Prepend<PlexUser?>(_server.User);

    private Check Ok(string key, params object?[] arguments) => new(CheckStatus.Ok, context.Texts.Format(key, arguments));

    private static Check Warning(string message, string remedy) => new(CheckStatus.Warning, message, remedy);

    private Check Exposed(string file) =>
        Warning(context.Texts.Format("Doctor_Exposed", file), context.Texts.Format("Doctor_Exposed_Remedy", file));

    private Check Failed(Exception exception, string name)
    {
        var failure = Failure.Of(exception, context.Texts);
        switch (exception)
        {
            case PlexException e:
                return new(CheckStatus.Failed, Failure.Describe(e, context.Texts), Failure.Remedy(e, context.Texts), failure.ExitCode);
            case CliException:
                return new(CheckStatus.Failed, failure.Message, context.Texts[$"Doctor_{name}_Remedy"], failure.ExitCode);
            default:
                context.Messages.Fail(failure, exception);
                return new(CheckStatus.Failed, failure.Message, context.Texts["TryVerbose"], failure.ExitCode);
        }
    }

    private string ListOf(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : context.Texts["None"];

    /// <summary>An address that is certainly not of a network of one's own.</summary>
    private static bool IsPublic(Uri address) =>
        IPAddress.TryParse(address.DnsSafeHost, out var ip) && !IPAddress.IsLoopback(ip) && !ip.IsIPv6LinkLocal && !ip.IsIPv6UniqueLocal
        && ip.GetAddressBytes() is not (
            [10, _, _, _] or [172, >= 16 and <= 31, _, _] or [192, 168, _, _] or [169, 254, _, _] or [100, >= 64 and <= 127, _, _]);

    /// <summary>A check to be done, and the checks it makes no sense without.</summary>
    private sealed record Step(string Name, Func<CancellationToken, Task<Check>> LookAsync, params string[] Needs)
    {
        public PlexUser? User { get; init; }
    }
}
