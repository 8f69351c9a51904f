namespace PlexSync.Cli.Output;

/// <summary>A line per check, below it what to do.</summary>
internal sealed class ChecklistWriter(Screen screen, Texts texts, bool isQuiet)
{
    /// <summary>What a check is called, and whom it is about.</summary>
    public static string Label(Texts texts, string name, PlexUser? user) =>
        user is null ? texts[$"Doctor_{name}"] : texts.Format("Doctor_Of", texts[$"Doctor_{name}"], texts.Users.Of(user));

    public void Write(Check check)
    {
        // What follows from a failure is collected in one line.
        if (check.Cause is not null || (isQuiet && check.Status is CheckStatus.Ok or CheckStatus.Skipped))
        {
            return;
        }

        var sign = check.Status switch
        {
            CheckStatus.Ok => Paint.Green("✓", screen.HasColor),
            CheckStatus.Warning => Paint.Yellow("!", screen.HasColor),
            CheckStatus.Failed => Paint.Red("✗", screen.HasColor),
            _ => Paint.Dim("–", screen.HasColor),
        };
        screen.WriteLine($"{sign} {texts.Format("Doctor_Line", Label(texts, check.Name, check.User), check.Message)}", hanging: 2);
        if (check.Remedy is { } remedy)
        {
            screen.WriteLine($"  → {remedy}", hanging: 2);
        }
    }

    /// <summary>How it is on the whole.</summary>
    public void Close(IReadOnlyList<Check> checks)
    {
        if (isQuiet)
        {
            return;
        }

        foreach (var cause in checks.Where(static check => check.Cause is not null).GroupBy(static check => check.Cause))
        {
            var names = string.Join(", ", cause.Select(check => Label(texts, check.Name, check.User)));
            screen.WriteLine($"{Paint.Dim("–", screen.HasColor)} {texts.Format("Doctor_NotChecked", cause.Key, names)}", hanging: 2);
        }

        var failed = checks.Count(static check => check.Status is CheckStatus.Failed);
        var warnings = checks.Count(static check => check.Status is CheckStatus.Warning);
        screen.WriteLine();
        screen.WriteLine(
            failed > 0 ? texts.Count("Doctor_Failed", failed) : warnings > 0 ? texts.Count("Doctor_Warned", warnings)
                : texts["Doctor_Good"]);
    }
}
