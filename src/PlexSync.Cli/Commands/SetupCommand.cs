using System.Globalization;
using System.Text;
using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>
/// Asks for all that a sync needs, shows what it would do, and writes the configuration. Nothing is stored before the last question.
/// </summary>
internal sealed class SetupCommand(CommandContext context)
{
    private const int MaxRepetitions = 3;

    /// <summary>Where a timer would look for other files than this run, if it did not get them too.</summary>
    private static readonly string[] PlaceVariables = [Folders.HomeVariable, "XDG_CONFIG_HOME", "XDG_STATE_HOME"];

    private static readonly string[] Who = ["from", "to", "to-all", "user"];

    private readonly string _path = context.Settings.Folders.ConfigurationFile ?? "";

    /// <summary>The sign-in is a new one, to be stored.</summary>
    private bool _isNew;

    [Command("setup")]
    public async Task<int> RunAsync(
        PlanOptions who,
        [Option("policy", ValueName = "POLICY")] Given? policy,
        [Option("job", ValueName = "JOB")] Given? job,
        CancellationToken cancellationToken)
    {
        Require(who);
        var text = TextFile.TryRead(_path);
        var (file, jobs, _) = ConfigurationFile.Read(_path, CommandCatalog.Instance.Settings);
        using var session = await SignInAsync(cancellationToken);
        var chosen = await ChooseAsync(session, who, file, cancellationToken);
        if (context.Settings.IsTyped("policy"))
        {
            chosen.Add("policy", policy!);
        }

        var isJob = context.Settings.IsTyped("job") || jobs.Count > 0 || Array.Exists(Who, file.ContainsKey);
        var name = isJob ? await ChooseJobAsync(job, jobs, chosen, cancellationToken) : "";
        if (name is null)
        {
            return Decline();
        }

        await ShowAsync(session, new JobSettings(name, chosen), cancellationToken);
        var pins = await AskForPinsAsync(session, cancellationToken);
        var json = ConfigurationWriter.ToJson(chosen);
        context.Messages.Say($"  {(isJob ? $"{ConfigurationWriter.Quote(name)}: " : "")}{json}");
        if (!await ConfirmAsync(context.Texts.Format("Setup_Write", _path), otherwise: true, cancellationToken))
        {
            return Decline();
        }

        text = isJob ? ConfigurationWriter.SetJob(text, name, json) : ConfigurationWriter.SetAll(text, chosen);
        cancellationToken.ThrowIfCancellationRequested();
        await SaveAsync(session, AddFiles(text!, file, pins), pins);
        WriteNext(isJob, name);
        await context.Console.Out.FlushAsync(CancellationToken.None);
        WarnOfStronger(isJob);
        return ExitCode.Done;
    }

    private void Require(PlanOptions who)
    {
        if (!context.CanAsk)
        {
            throw new CliException(CliException.Usage, "Setup_NoTerminal", _path);
        }

        if (_path.Length == 0)
        {
            throw new CliException(CliException.Configuration, "Home_Unknown", "HOME");
        }

        if (context.Settings.IsTyped("to-all") && context.Settings.IsTyped("to"))
        {
            throw new CliException(CliException.Usage, "To_AllAndSome", "--to-all", "--to");
        }

        if (context.Settings.IsTyped("except") && !who.ToAll)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", "--except", "--to-all");
        }
    }

    /// <summary>Keeps the present sign-in if the user wants that; else signs in with a link code.</summary>
    private async Task<Session> SignInAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = Credentials.Find(context.Settings, context.Console.Environment);
            var known = await Session.SignInAsync(context, cancellationToken);
            var question = context.Texts.Format("Setup_Keep", known.Account.User.Title, token.Origin);
            if (context.Settings.IsTyped("token-file") || await ConfirmAsync(question, otherwise: true, cancellationToken))
            {
                return known;
            }

            known.Dispose();
        }
        catch (CliException e) when (e.Kind is CliException.NoToken)
        {
            context.Messages.Say(context.Texts["Setup_SignIn"]);
        }
        catch (PlexException e) when (
            e.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired && !context.Settings.IsTyped("token-file"))
        {
            context.Messages.Say(Failure.Describe(e, context.Texts));
        }

        Credentials.Prepare(context.Settings);
        _isNew = true;
        return await Session.OpenAsync(context, plex => new LoginCommand(context).ConfirmAsync(plex, cancellationToken));
    }

    /// <summary>Asks for what was not typed: the server, whose state, to whom.</summary>
    private async Task<Dictionary<string, Given>> ChooseAsync(
        Session session, PlanOptions who, Dictionary<string, Given> file, CancellationToken cancellationToken)
    {
        var chosen = new Dictionary<string, Given>();
        if (await ChooseServerAsync(session, file, cancellationToken) is { } server)
        {
            chosen.Add("server", server);
            session.Use(server);
        }

        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        PlexUser source = session.Account.User;
        if (context.Settings.IsTyped("from"))
        {
            source = await session.FindAsync(who.From!.Value, cancellationToken);
        }
        else if (home.Count > 1)
        {
            var question = new TargetQuestion(context, session, [], mayChooseSeveral: false)
            {
                Question = "Setup_From",
                Otherwise = [source],
            };
            source = (await question.AskAsync(source, cancellationToken))[0];
        }

        if (source.Id != session.Account.User.Id || file.ContainsKey("from"))
        {
            chosen.Add("from", await NameAsync(session, source, cancellationToken));
        }

        if (context.Settings.IsTyped("to-all"))
        {
            chosen.Add("to-all", Value("true"));
            _ = who.Except.Length > 0 && chosen.TryAdd("except", Value(who.Except));
        }
        else if (context.Settings.IsTyped("to"))
        {
            await session.FindAsync(who.To, [source.Id], "Error_SameUser", cancellationToken);
            chosen.Add("to", Value(who.To));
        }
        else
        {
            await ChooseTargetsAsync(session, home, source, chosen, cancellationToken);
        }

        return chosen;
    }

    private async Task ChooseTargetsAsync(
        Session session,
        IReadOnlyList<HomeUser> home,
        PlexUser source,
        Dictionary<string, Given> chosen,
        CancellationToken cancellationToken)
    {
        var others = home.Where(user => user.Id != source.Id).ToList();
        if (others.Count == 0)
        {
            throw new CliException(CliException.Usage, "Setup_Nobody", session.Account.User.Title, "--to");
        }

        var question = new TargetQuestion(context, session, [source.Id], mayChooseSeveral: true) { Otherwise = others };
        var targets = await question.AskAsync(source, cancellationToken);
        if (question.IsAll)
        {
            chosen.Add("to-all", Value("true"));
            return;
        }

        var names = new List<string>();
        foreach (var target in targets)
        {
            names.Add((await NameAsync(session, target, cancellationToken)).Value);
        }

        chosen.Add("to", Value([.. names]));
    }

    /// <summary>The server to be written down; null where it is the only one, or stands in the file.</summary>
    private async Task<Given?> ChooseServerAsync(Session session, Dictionary<string, Given> file, CancellationToken cancellationToken)
    {
        if (context.Settings.FindOutsideFile("server") is { } given)
        {
            return given;
        }

        var servers = await session.Plex.GetServersAsync(session.Account, cancellationToken);
        if (file.ContainsKey("server") || servers is [] or [{ IsOwned: true }])
        {
            return null;
        }

        context.Messages.Say(context.Texts["Setup_Servers"]);
        for (var at = 0; at < servers.Count; at++)
        {
            context.Messages.Say($"  {context.Texts.Format("Choose_User", at + 1, servers[at].Name)}");
        }

        var best = servers.FirstOrDefault(static server => server.IsOwned) ?? servers[0];
        for (var left = MaxRepetitions; ; left--)
        {
            var answer = await AskAsync(context.Texts.Format("Setup_Server", best.Name), cancellationToken);
            _ = int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            // One can be called by the number of another.
            var chosen = answer.Length == 0 ? [best]
                : servers.Where((server, at) => at + 1 == number || IsCalled(server, answer)).ToList();
            if (chosen is [var server])
            {
                return await NameAsync(session, server, servers, cancellationToken);
            }

            context.Messages.Say(left > 0 ? context.Texts["Choose_None"] : throw new CliException(CliException.Usage, "Choose_None"));
        }

        static bool IsCalled(ServerResource server, string name) =>
            string.Equals(server.Name.Trim(), name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>By what the file names a server: the name, which must not read as an address, or the identifier.</summary>
    private Task<Given> NameAsync(
        Session session, ServerResource server, IReadOnlyList<ServerResource> servers, CancellationToken cancellationToken) =>
        NameAsync(server.Name, $"{server.MachineIdentifier}", async () => !ServerAddress.Is(Value(server.Name), servers)
            && (await session.Plex.FindServerAsync(session.Account, server.Name, cancellationToken)).MachineIdentifier
                == server.MachineIdentifier);

    /// <summary>The name of the job; null where one of that name shall stay.</summary>
    private async Task<string?> ChooseJobAsync(
        Given? typed, List<JobSettings> jobs, Dictionary<string, Given> chosen, CancellationToken cancellationToken)
    {
        var isTyped = context.Settings.IsTyped("job");
        for (var left = MaxRepetitions; ; left--)
        {
            var free = FreeName(jobs, chosen);
            var name = isTyped ? typed!.Value : await AskAsync(context.Texts.Format("Setup_Job", _path, free), cancellationToken);
            name = name.Length == 0 ? free : jobs.Find(job => job.IsCalled(name))?.Name ?? name;
            if (!ConfigurationFile.IsName(name))
            {
                var wrong = new CliException(CliException.Usage, "Config_JobName", isTyped ? "--job" : _path, name);
                if (isTyped || left == 0)
                {
                    throw wrong;
                }

                context.Messages.Say(Failure.Of(wrong, context.Texts).Message);
            }
            else if (!jobs.Exists(job => job.Name == name)
                || await ConfirmAsync(context.Texts.Format("Setup_Replace", name), otherwise: false, cancellationToken))
            {
                return name;
            }
            else if (isTyped || left == 0)
            {
                return null;
            }
        }
    }

    /// <summary>After whom it is for, as <c>kid</c>, <c>kid2</c>.</summary>
    private static string FreeName(List<JobSettings> jobs, Dictionary<string, Given> chosen)
    {
        var stem = chosen.TryGetValue("to", out var to) ? to.Value.ToLowerInvariant() : "all";
        stem = ConfigurationFile.IsName(stem) ? stem : "job";
        return Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? stem : $"{stem}{number}")
            .First(name => !jobs.Exists(job => job.IsCalled(name)));
    }

    /// <summary>Shows what a run would do with what was chosen.</summary>
    private async Task ShowAsync(Session session, JobSettings job, CancellationToken cancellationToken)
    {
        context.Messages.Say(context.Texts["Setup_Look"]);
        var own = context.Of(job);
        var task = SyncTask.OfJob(own, job);
        var operation = new Operation(own, new WriteOptions { DryRun = true }, task.Across, task.Options);
        try
        {
            await task.PlanAsync(operation, session, cancellationToken);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.TooManyRemovals)
        {
            context.Messages.Warn(Failure.Of(e, context.Texts).Message);
        }
        finally
        {
            own.Messages.EndProgress();
        }

        new SyncWriter(context.Screen, own.Texts)
        {
            IsFolded = context.Console.Terminal.IsOutput,
            CanShowAll = false,
        }.WritePlan(operation.Outcome);
        await context.Console.Out.FlushAsync(cancellationToken);
    }

    /// <summary>The file for the PINs that were typed, with them; null where none was, or where they are not to be kept.</summary>
    private async Task<PinFile?> AskForPinsAsync(Session session, CancellationToken cancellationToken)
    {
        if (session.AskedPins.Count == 0 || (context.Settings.Find("pin-file")?.Value ?? context.Settings.Folders.PinsFile) is not { } path)
        {
            return null;
        }

        var names = string.Join(", ", (await session.ListAsync(cancellationToken)).Where(user => session.AskedPins.ContainsKey(user.Id))
            .Select(context.Texts.Users.Of));
        if (!await ConfirmAsync(context.Texts.Format("Setup_Pins", names, path), otherwise: false, cancellationToken))
        {
            context.Messages.Say(context.Texts.Format("Setup_PinsNotKept", Pins.Variable));
            return null;
        }

        var others = (TextFile.TryRead(path) ?? "").Split('\n').Select(static line => line.TrimEnd()).Where(line => line.Length > 0
            && !session.AskedPins.Keys.Any(user => line.StartsWith($"id:{user}=", StringComparison.Ordinal)));
        var added = session.AskedPins.Select(static pin => $"id:{pin.Key}={pin.Value}");
        return new(path, string.Concat(others.Concat(added).Select(static line => $"{line}\n")));
    }

    /// <summary>The file for the token and that for the PINs are the same for all jobs.</summary>
    private string AddFiles(string text, Dictionary<string, Given> file, PinFile? pins)
    {
        foreach (var name in new[] { "token-file", "pin-file" })
        {
            var path = context.Settings.FindOutsideFile(name)?.Value ?? (name == "pin-file" ? pins?.Path : null);
            if (path is not null && !file.ContainsKey(name))
            {
                text = ConfigurationWriter.Set(text, Setting.KeyOf(name), ConfigurationWriter.Quote(Path.GetFullPath(path)));
            }
        }

        return text;
    }

    private async Task SaveAsync(Session session, string text, PinFile? pins)
    {
        var file = OpenFile();
        Keep(pins);
        if (_isNew)
        {
            Credentials.Store(context.Settings, session.Account.RevealToken());
        }

        await file.WriteAsync(stream => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask(), CancellationToken.None);
    }

    private static void Keep(PinFile? pins)
    {
        try
        {
            if (pins is not null)
            {
                PrivateFile.Write(pins.Path, pins.Text, overwrite: true);
            }
        }
        catch (Exception e) when (TextFile.IsUnusable(e) && e is not NotPrivateException)
        {
            throw new CliException(CliException.Configuration, "Output_Unwritable", pins!.Path);
        }
    }

    /// <summary>The file, which can certainly be written: nothing is stored where it cannot.</summary>
    private OutputFile OpenFile()
    {
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            throw new CliException(CliException.Configuration, "Output_Unwritable", _path);
        }

        return OutputFile.Of(context, Value(_path));
    }

    /// <summary>How to run what was set up, and how to have it run every night.</summary>
    private void WriteNext(bool isJob, string name)
    {
        var sync = isJob ? $"plexsync sync --job {CommandContext.Quote(name)}" : "plexsync sync";
        context.Screen.WriteLine(context.Texts.Format("Setup_Done", _path));
        context.Screen.WriteCommand(context.Texts.Format("Closing_Next", context.Texts["Next_DoIt"], sync));
        context.Screen.WriteLine();
        context.Screen.WriteLine(context.Texts[OperatingSystem.IsWindows() ? "Setup_Timer_Windows" : "Setup_Timer"]);
        context.Screen.WriteCommand($"  {TimerLine(isJob ? "--all-jobs --quiet" : "--quiet")}");
        context.Screen.WriteLine(context.Texts["Setup_Timer_Others"]);
    }

    /// <summary>Names what counts more than what was saved.</summary>
    private void WarnOfStronger(bool isJob)
    {
        foreach (var origin in JobSettings.WhoAndWhere.Select(context.Settings.FindOutsideFile)
            .Where(static given => given is { IsTyped: false }).Select(static given => given!.Origin))
        {
            context.Messages.Warn(context.Texts.Format(isJob ? "Setup_Refused" : "Setup_Overrides", origin, _path));
        }

        if (Credentials.FindStronger(context.Settings, context.Console.Environment) is { } stronger)
        {
            context.Messages.Warn(context.Texts.Format(_isNew ? "Login_Overridden" : "Setup_Token", stronger));
        }
    }

    private string TimerLine(string options)
    {
        var path = Environment.ProcessPath;
        var program = Path.GetFileNameWithoutExtension(path) == "plexsync" ? CommandContext.Quote(path!) : "plexsync";
        if (OperatingSystem.IsWindows())
        {
            return $"schtasks /create /tn plexsync /sc daily /st 03:30 /tr '{program} sync {options}'";
        }

        var places = PlaceVariables.Select(name => (Name: name, Value: context.Console.Environment.GetValueOrDefault(name)))
            .Where(static place => place.Value is { Length: > 0 })
            .Select(static place => $"{place.Name}={CommandContext.Quote(place.Value!)} ");
        // cron ends the command at a per cent sign, even one in quotes.
        return $"30 3 * * * {string.Concat(places)}{program} sync {options}".Replace("%", "\\%", StringComparison.Ordinal);
    }

    private int Decline()
    {
        context.Messages.Note(context.Texts["Setup_Declined"]);
        return ExitCode.Done;
    }

    /// <summary>An answer; the end of the input cancels.</summary>
    private async Task<string> AskAsync(string question, CancellationToken cancellationToken) =>
        await context.Messages.AskLineAsync(question, cancellationToken) ?? throw new OperationCanceledException();

    private async Task<bool> ConfirmAsync(string question, bool otherwise, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(question, cancellationToken);
        return answer.Length == 0 ? otherwise : context.Messages.IsYes(answer);
    }

    /// <summary>By what the file names a user: the name, or the id.</summary>
    private Task<Given> NameAsync(Session session, PlexUser user, CancellationToken cancellationToken) =>
        NameAsync(user.Title, $"id:{user.Id}", async () => (await session.FindAsync(user.Title, cancellationToken)).Id == user.Id);

    /// <summary>The name where it can be read, and finds what it is meant to find; else the identifier.</summary>
    private async Task<Given> NameAsync(string name, string identifier, Func<Task<bool>> isFound)
    {
        try
        {
            return Value(!string.IsNullOrWhiteSpace(name) && Texts.Clean(name) == name && await isFound() ? name : identifier);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.UserAmbiguous or PlexErrorKind.UserNotFound or PlexErrorKind.FriendsUnknown
            or PlexErrorKind.ServerAmbiguous or PlexErrorKind.ServerNotFound)
        {
            return Value(identifier);
        }
    }

    private Given Value(params string[] values) => new(values, _path);

    /// <summary>A file of PINs as it is to be. No record: those print what they hold.</summary>
    private sealed class PinFile(string path, string text)
    {
        public string Path => path;

        public string Text => text;
    }
}
