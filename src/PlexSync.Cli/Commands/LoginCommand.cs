using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Signs in with a code that somebody confirms in a browser, and stores the token for the commands to come.</summary>
internal sealed class LoginCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Nobody should confirm a code in vain.
        var path = Credentials.Prepare(run.Settings);
        using var session = await Session.OpenAsync(run, plex => ConfirmAsync(plex, cancellationToken));
        var servers = run.IsJson ? null : await ListServersAsync(session, cancellationToken);
        // From here on nothing can be cancelled: whoever sees 130 has nothing stored.
        cancellationToken.ThrowIfCancellationRequested();
        Credentials.Store(run.Settings, session.Account.RevealToken());
        var user = session.Account.User;
        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new LoginDocument(UserReferenceDocument.Of(user), path), JsonContext.Default.LoginDocument);
        }
        else
        {
            run.Screen.WriteLine(run.Texts.Format("Login_Done", user.Title, path));
            WriteServers(servers);
            run.Screen.WriteLine();
            run.Screen.WriteLine(run.Texts["Login_Next"]);
            var sync = run.Texts.ValueName("sync --to USER --dry-run");
            WriteNext("users", run.Texts["Login_Next_Users"], sync.Length + 2);
            WriteNext("doctor", run.Texts["Login_Next_Doctor"], sync.Length + 2);
            WriteNext(sync, run.Texts["Login_Next_Sync"], sync.Length + 2);
        }

        if (Credentials.FindStronger(run.Settings, run.Around.Environment) is { } stronger)
        {
            run.Messages.Warn(run.Texts.Format("Login_Overridden", stronger));
        }

        return ExitCode.Done;
    }

    /// <summary>Shows the code and waits. It goes where messages go: the result may be read by a program.</summary>
    private async Task<PlexAccount> ConfirmAsync(PlexClient plex, CancellationToken cancellationToken)
    {
        var link = await plex.RequestLinkAsync(cancellationToken);
        var code = Texts.Clean(link.Code);
        var edge = $"      +{new string('-', code.Length + 6)}+";
        run.Messages.Say(run.Texts.Format("Login_Type", link.LinkUrl.OriginalString));
        run.Messages.Say();
        run.Messages.Say(edge);
        run.Messages.SayBoldly($"      |   {code}   |");
        run.Messages.Say(edge);
        run.Messages.Say();
        run.Messages.Say(run.Texts["Login_Open"]);
        run.Messages.Say(link.SignInUrl.AbsoluteUri);
        run.Messages.Say();
        run.Messages.Note(
            run.Texts.Count("Login_Waiting", (long)Math.Ceiling((link.ExpiresAt - run.Around.Time.GetUtcNow()).TotalMinutes)));
        return await plex.WaitForLinkAsync(link, cancellationToken);
    }

    /// <summary>The account's servers; null where plex.tv does not tell, which is no reason not to be signed in.</summary>
    private async Task<IReadOnlyList<ServerResource>?> ListServersAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Plex.GetServersAsync(session.Account, cancellationToken);
        }
        catch (PlexException e)
        {
            run.Messages.Warn(Failure.Describe(e, run.Texts));
            return null;
        }
    }

    private void WriteNext(string command, string what, int width) => run.Screen.WriteLine($"  plexsync {command.PadRight(width)}{what}");

    private void WriteServers(IReadOnlyList<ServerResource>? servers)
    {
        if (servers is null)
        {
            return;
        }

        run.Screen.WriteLine(servers.Count == 0
            ? run.Texts["Login_NoServer"]
            : run.Texts.Format("Login_Servers", string.Join(", ", servers.Select(static server => server.Name))));
        if (servers.Count > 0 && servers.Count(static server => server.IsOwned) != 1)
        {
            run.Screen.WriteLine(run.Texts.Format("Login_ChooseServer", Setting.Server.Option));
        }
    }
}
