using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Forgets what <c>login</c> stored. Asks nobody; plex.tv keeps the device until its owner removes it there.</summary>
internal sealed class LogoutCommand(Run run)
{
    public Task<int> RunAsync()
    {
        var removed = Credentials.Forget(run.Settings);
        var path = run.Settings.Folders.CredentialsFile!;
        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new LogoutDocument(removed, path), JsonContext.Default.LogoutDocument);
        }
        else
        {
            run.Screen.WriteLine(run.Texts.Format(removed ? "Logout_Done" : "Logout_Nothing", path));
            run.Screen.WriteLine(run.Texts["Logout_Device"]);
        }

        if (Credentials.FindStronger(run.Settings, run.Around.Environment) is { } stronger)
        {
            run.Messages.Warn(run.Texts.Format("Logout_StillSet", stronger));
        }

        return Task.FromResult(ExitCode.Done);
    }
}
