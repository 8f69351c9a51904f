namespace PlexSync.Cli.Configuration;

/// <summary>Reads the settings that stand in the environment.</summary>
internal static class Variables
{
    private const string Prefix = "PLEXSYNC_";

    /// <summary>Variables that are no settings: secrets, and where the state is.</summary>
    private static readonly string[] Others =
        [Credentials.TokenVariable, Pins.Variable, Folders.HomeVariable, NotifyHook.Variable, TautulliKey.Variable];

    public static Dictionary<string, Given> Read(IReadOnlyDictionary<string, string> environment, IReadOnlyList<Setting> known)
    {
        var given = new Dictionary<string, Given>();
        foreach (var setting in known)
        {
            if (environment.GetValueOrDefault(setting.Variable) is { } text && !string.IsNullOrWhiteSpace(text))
            {
                string[] values = setting.Kind is SettingKind.List
                    ? text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    : [text.Trim()];
                if (values.Length > 0)
                {
                    given[setting.Name] = new Given(values, setting.Variable);
                }
            }
        }

        return given;
    }

    /// <summary>Every variable that means something.</summary>
    public static List<string> Of(IEnumerable<Setting> known) => [.. known.Select(static setting => setting.Variable), .. Others];

    /// <summary>The variable that one of another name is surely meant to be; null where it may as well belong to something else.</summary>
    public static string? NearMissOf(string name, IReadOnlyList<string> variables)
    {
        if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            // PLEX_SYNC_TO, PLEXSNYC_TO: a slip of the fingers in the first part.
            var letters = Letters(name);
            return letters.StartsWith("PLEX", StringComparison.Ordinal)
                ? variables.FirstOrDefault(
                    known => Letters(known).Length == letters.Length && Nearest.To(letters, [Letters(known)], 2) is not null)
                : null;
        }

        var word = name[Prefix.Length..].ToUpperInvariant();
        // The first words of a longer one, as DRY for DRY_RUN.
        var nearest = Nearest.To(word, variables.Select(static known => known[Prefix.Length..]), Math.Max(1, word.Length / 3))
            ?? variables.Select(static known => known[Prefix.Length..])
                .FirstOrDefault(known => word.Length > 2 && known.StartsWith($"{word}_", StringComparison.Ordinal));
        return nearest is null ? null : Prefix + nearest;

        static string Letters(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
    }
}
