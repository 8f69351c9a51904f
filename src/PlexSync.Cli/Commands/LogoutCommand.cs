using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Forgets what <c>login</c> stored. Asks nobody; plex.tv keeps the device until its owner removes it there.</summary>
internal sealed class LogoutCommand(CommandContext context)
{
    [Command("logout"), Traits(IgnoresServer = true)]
    public Task<int> RunAsync()
    {
        var removed = Credentials.Forget(context.Settings);
        var path = context.Settings.Folders.CredentialsFile!;
        if (context.IsJson)
        {
            JsonOutput.Write(context.Console.Out, new LogoutDocument(removed, path), JsonContext.Default.LogoutDocument);
        }
        else
        {
            context.Screen.WriteLine(context.Texts.Format(removed ? "Logout_Done" : "Logout_Nothing", path));
            context.Screen.WriteLine(context.Texts["Logout_Device"]);
        }

        if (Credentials.FindStronger(context.Settings, context.Console.Environment) is { } stronger)
        {
            context.Messages.Warn(context.Texts.Format("Logout_StillSet", stronger));
        }

        return Task.FromResult(ExitCode.Done);
    }
}
