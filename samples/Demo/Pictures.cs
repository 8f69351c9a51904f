using PlexSync.Cli;

namespace PlexSync.Demo;

/// <summary>What the README shows, made from runs on the simulated server.</summary>
internal static class Pictures
{
    private static readonly string[] Sync = ["sync", "--to", "Kid", "--since", "2025-10-01"];

    /// <summary>Saves <c>terminal.svg</c> and the page <c>report.html</c>.</summary>
    public static async Task<int> SaveAsync(Household household, string folder)
    {
        // The page shows the command that made it: without a path of this machine.
        Directory.SetCurrentDirectory(Directory.CreateDirectory(folder).FullName);
        var screen = new StringWriter { NewLine = "\n" };
        if (await household.RunAsync(
                ["sync", "--to", "Kid", "--dry-run", "--report", "report.html"], TextWriter.Null, TextWriter.Null, new()) != 0
            || !await ShowAsync([.. Sync, "--dry-run"]) || !await ShowAsync([.. Sync, "--quiet"]))
        {
            await Console.Error.WriteLineAsync(screen.ToString());
            return 1;
        }

        await File.WriteAllTextAsync("terminal.svg", TerminalPicture.Draw(screen.ToString().Trim('\n')));
        return 0;

        async Task<bool> ShowAsync(string[] arguments)
        {
            await screen.WriteLineAsync($"\n\e[1m{Household.Line(arguments)}\e[0m");
            return await household.RunAsync(arguments, screen, screen, new Terminal { IsOutput = true, IsError = true }) == 0;
        }
    }
}
