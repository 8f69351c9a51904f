using PlexSync.Cli.Commands;

namespace PlexSync.Cli.Configuration;

/// <summary>Reads the PINs that were given: <c>Élodie=1234;"Tom; Jerry"=0000</c>, in a file also one a line.</summary>
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

    /// <summary>Finds out whose each PIN is: PINs name their users as every other option does.</summary>
    /// <param name="run">The run.</param>
    /// <param name="find">Finds a user by name.</param>
    /// <param name="pins">Takes them, by the identifiers of their users.</param>
    /// <param name="doubt">Told of one that is nobody's.</param>
    public static async Task AssignAsync(Run run, Func<string, Task<PlexUser>> find, Dictionary<string, string> pins, Action<string> doubt)
    {
        foreach (var given in Read(run.Settings, run.Around.Environment))
        {
            try
            {
                var user = await find(given.User);
                if (!pins.TryAdd($"{user.Id}", given.Pin))
                {
                    throw new CliException(CliException.Configuration, "Pins_Twice", given.Origin, given.Number);
                }
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.UserAmbiguous)
            {
                // What stands there as a name may be a part of a PIN, so the candidates are shown and the name is not.
                throw new CliException(Failure.NameOf(e.Kind), "Pins_Ambiguous", given.Origin, given.Number, string.Join(", ", e.Candidates));
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.FriendsUnknown)
            {
                // The run may not need it; where it does, it stops because a PIN is missing.
                doubt(run.Texts.Format("Pin_FriendsUnknown", given.Origin, given.Number));
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.UserNotFound)
            {
                // Across servers, it may be somebody's of the other account.
                if (run.Settings.Find(Setting.ToTokenFile) is null)
                {
                    doubt(run.Texts.Format("Pin_NotUsed", given.Origin, given.Number));
                }
            }
        }
    }

    /// <summary>The PIN given for the owner of a token by the name that plex.tv shows; null if none was.</summary>
    /// <remarks>Before anybody is signed in there is no list of users that other names could be looked up in.</remarks>
    public static string? FindOfOwner(Run run, string name) => Read(run.Settings, run.Around.Environment)
        .FirstOrDefault(given => string.Equals(given.User, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(given.User, $"title:{name}", StringComparison.OrdinalIgnoreCase))
        ?.Pin;

    private static List<UserPin> Parse(string text, string origin)
    {
        var pins = new List<UserPin>();
        foreach (var entry in Split(Uncover(text)).Select(Uncover).Where(static entry => entry.Length > 0))
        {
            var split = entry.LastIndexOf('=');
            var pin = split < 0 ? null : new UserPin(Unquote(entry[..split]), Unquote(entry[(split + 1)..]), origin, pins.Count + 1);
            // What is wrong is not shown: it may be a PIN.
            pins.Add(pin is { User.Length: > 0, Pin.Length: > 0 } ? pin : throw new CliException(CliException.Configuration, "Pins_Malformed", origin, pins.Count + 1));
        }

        return pins;
    }

    /// <summary>At semicolons and line ends, but for those between quotes.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, isQuoted) = (0, false);
        for (var at = 0; at < text.Length; at++)
        {
            // A name may hold a quote; one that begins an entry encloses its name.
            isQuoted = text[at] == '"' && (isQuoted || string.IsNullOrWhiteSpace(text[start..at])) ? !isQuoted : isQuoted && text[at] != '\n';
            if (text[at] is '\n' || (text[at] is ';' && !isQuoted))
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }

    /// <summary>Without the quotes around the whole, which files of variables keep as a part of the value.</summary>
    private static string Uncover(string text) =>
        text.Trim() is var trimmed && trimmed.AsSpan().Count('"') == 2 ? Unquote(trimmed) : trimmed;

    private static string Unquote(string text) =>
        text.Trim() is { Length: > 2 } trimmed && trimmed[0] == '"' && trimmed[^1] == '"' ? trimmed[1..^1].Trim() : text.Trim();
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
