using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Signs in with a code that somebody confirms in a browser, and stores the token for the commands to come.</summary>
internal sealed class LoginCommand(CommandContext context)
{
    [Command("login")]
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Nobody should confirm a code in vain.
        var path = Credentials.Prepare(context.Settings);
        using var session = await Session.OpenAsync(context, plex => ConfirmAsync(plex, cancellationToken));
        var servers = context.IsJson ? null : await ListServersAsync(session, cancellationToken);
        // From here on nothing can be cancelled: whoever sees 130 has nothing stored.
        cancellationToken.ThrowIfCancellationRequested();
        Credentials.Store(context.Settings, session.Account.RevealToken());
        var user = session.Account.User;
        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out, new LoginDocument(UserReferenceDocument.Of(user), path), JsonContext.Default.LoginDocument);
        }
        else
        {
            context.Screen.WriteLine(context.Texts.Format("Login_Done", user.Title, path));
            WriteServers(servers);
            context.Screen.WriteLine();
            context.Screen.WriteLine(context.Texts["Login_Next"]);
            var sync = context.Texts.ValueName("sync --to USER --dry-run");
            WriteNext("setup", context.Texts["Login_Next_Setup"], sync.Length + 2);
            WriteNext("users", context.Texts["Login_Next_Users"], sync.Length + 2);
            WriteNext("doctor", context.Texts["Login_Next_Doctor"], sync.Length + 2);
            WriteNext(sync, context.Texts["Login_Next_Sync"], sync.Length + 2);
        }

        if (Credentials.FindStronger(context.Settings, context.Console.Environment) is { } stronger)
        {
            context.Messages.Warn(context.Texts.Format("Login_Overridden", stronger));
        }

        return ExitCode.Done;
    }

    /// <summary>Shows the code and waits. It goes where messages go: the result may be read by a program.</summary>
    public async Task<PlexAccount> ConfirmAsync(PlexClient plex, CancellationToken cancellationToken)
    {
        var link = await plex.RequestLinkAsync(cancellationToken);
        var code = Texts.Clean(link.Code);
        var edge = $"      +{new string('-', code.Length + 6)}+";
        context.Messages.Say(context.Texts.Format("Login_Type", link.LinkUrl.OriginalString));
        context.Messages.Say();
        context.Messages.Say(edge);
        context.Messages.SayBoldly($"      |   {code}   |");
        context.Messages.Say(edge);
        context.Messages.Say();
        context.Messages.Say(context.Texts["Login_Open"]);
        context.Messages.Say(link.SignInUrl.AbsoluteUri);
        context.Messages.Say();
        context.Messages.Note(
            context.Texts.Count("Login_Waiting", (long)Math.Ceiling((link.ExpiresAt - context.Console.Time.GetUtcNow()).TotalMinutes)));
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
            context.Messages.Warn(Failure.Describe(e, context.Texts));
            return null;
        }
    }

    private void WriteNext(string command, string what, int width) =>
        context.Screen.WriteLine($"  plexsync {command.PadRight(width)}{what}");

    private void WriteServers(IReadOnlyList<ServerResource>? servers)
    {
        if (servers is null)
        {
            return;
        }

        context.Screen.WriteLine(servers.Count == 0
            ? context.Texts["Login_NoServer"]
            : context.Texts.Format("Login_Servers", string.Join(", ", servers.Select(static server => server.Name))));
        if (servers.Count > 0 && servers.Count(static server => server.IsOwned) != 1)
        {
            context.Screen.WriteLine(context.Texts.Format("Login_ChooseServer", "--server"));
        }
    }
}
