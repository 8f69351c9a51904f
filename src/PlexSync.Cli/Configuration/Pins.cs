namespace PlexSync.Cli.Configuration;

/// <summary>Reads the PINs that were given: <c>Élodie=1234;Teen=0000</c>, in a file also one a line.</summary>
internal static class Pins
{
    public const string Variable = "PLEXSYNC_PINS";

    public static IReadOnlyList<UserPin> Read(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(Variable);
        return settings.Find(Setting.PinFile) is { } file && (settings.IsGivenAsOption(Setting.PinFile) || string.IsNullOrWhiteSpace(inVariable))
            ? Parse(TextFile.Read(file.Values[0]), file.Values[0])
            : Parse(inVariable ?? "", Variable);
    }

    private static List<UserPin> Parse(string text, string origin)
    {
        var entries = text.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var pins = new List<UserPin>();
        foreach (var entry in entries)
        {
            var split = entry.LastIndexOf('=');
            var pin = split < 0 ? null : new UserPin(entry[..split].Trim(), entry[(split + 1)..].Trim(), origin, pins.Count + 1);
            // What is wrong is not shown: it may be a PIN.
            pins.Add(pin is { User.Length: > 0, Pin.Length: > 0 } ? pin : throw new CliException(CliException.Configuration, "Pins_Malformed", origin, pins.Count + 1));
        }

        return pins;
    }
}

/// <summary>A PIN and whose it is. No record: those print what they hold.</summary>
internal sealed class UserPin(string user, string pin, string origin, int number)
{
    /// <summary>Where it was given; a message names it by its place, since a part of a PIN can have strayed into the name.</summary>
    public string Origin => origin;

    public int Number => number;

    public string User => user;

    public string Pin => pin;
}
