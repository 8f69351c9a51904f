namespace PlexSync.Cli.Configuration;

/// <summary>Reads the PINs that were given: <c>Élodie=1234;Teen=0000</c>, in a file also one a line.</summary>
internal static class Pins
{
    public const string Variable = "PLEXSYNC_PINS";

    public static IReadOnlyList<(string User, string Pin)> Read(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(Variable);
        return settings.Find(Setting.PinFile) is { } file && (settings.IsGivenAsOption(Setting.PinFile) || string.IsNullOrWhiteSpace(inVariable))
            ? Parse(TextFile.Read(file.Values[0]), file.Values[0])
            : Parse(inVariable ?? "", Variable);
    }

    private static List<(string User, string Pin)> Parse(string text, string origin)
    {
        var entries = text.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return entries.Select((entry, at) =>
        {
            var split = entry.LastIndexOf('=');
            var (user, pin) = split < 0 ? ("", "") : (entry[..split].Trim(), entry[(split + 1)..].Trim());
            // What is wrong is not shown: it may be a PIN.
            return user.Length > 0 && pin.Length > 0 ? (user, pin) : throw new CliException(CliException.Configuration, "Pins_Malformed", origin, at + 1);
        }).ToList();
    }
}
