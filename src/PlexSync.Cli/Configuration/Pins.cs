namespace PlexSync.Cli.Configuration;

/// <summary>Reads the PINs that were given: <c>Élodie=1234;"Tom; Jerry"=0000</c>, in a file also one a line.</summary>
internal static class Pins
{
    public const string Variable = "PLEXSYNC_PINS";

    public static IReadOnlyList<UserPin> Read(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(Variable);
        return settings.Find("pin-file") is { } file
            && (settings.IsTyped("pin-file") || string.IsNullOrWhiteSpace(inVariable))
            ? Parse(ReadFile(settings, file.Value), file.Value)
            : Parse(inVariable ?? "", Variable);
    }

    private static string ReadFile(Settings settings, string path)
    {
        if (path == settings.Folders.PinsFile)
        {
            var folder = Path.GetDirectoryName(path)!;
            OwnerOnly.CheckFolder(folder, folder);
            OwnerOnly.CheckFile(folder, path);
        }

        return TextFile.Read(path);
    }

    /// <summary>Finds out whose each PIN is: PINs name their users as every other option does.</summary>
    /// <param name="context">What the command works with.</param>
    /// <param name="accounts">Each finds a user of one account by name; a PIN is for one person in all of them.</param>
    /// <param name="pins">Takes them, by the identifiers of their users.</param>
    /// <param name="doubt">Told of one that is nobody's, and of one that could be a friend's.</param>
    public static async Task AssignAsync(
        CommandContext context, IReadOnlyList<Func<string, Task<PlexUser>>> accounts, Dictionary<UserId, string> pins, Action<string> doubt)
    {
        foreach (var given in Read(context.Settings, context.Console.Environment))
        {
            var found = new Dictionary<UserId, PlexUser>();
            var isDoubtful = false;
            foreach (var find in accounts)
            {
                try
                {
                    var user = await find(given.User);
                    found[user.Id] = user;
                }
                catch (PlexException e) when (e.Kind is PlexErrorKind.UserAmbiguous)
                {
                    throw Ambiguous(given, e.Candidates);
                }
                catch (PlexException e) when (e.Kind is PlexErrorKind.UserNotFound or PlexErrorKind.FriendsUnknown)
                {
                    isDoubtful |= e.Kind is PlexErrorKind.FriendsUnknown;
                }
            }

            if (found.Count > 1)
            {
                throw Ambiguous(given, found.Values.Select(static user => $"{user.Title} (id:{user.Id})"));
            }

            if (isDoubtful)
            {
                doubt(context.Texts.Format("Pin_FriendsUnknown", given.Origin, given.Number));
            }
            else if (found.Count == 0)
            {
                // Where only one of two accounts is looked at, it may be somebody's of the other.
                if (accounts.Count > 1 || context.Settings.Find("to-token-file") is null)
                {
                    doubt(context.Texts.Format("Pin_NotUsed", given.Origin, given.Number));
                }
            }
            else if (!pins.TryAdd(found.Keys.Single(), given.Pin))
            {
                throw new CliException(CliException.Configuration, "Pins_Twice", given.Origin, given.Number);
            }
        }
    }

    /// <summary>What stands there as a name may be a part of a PIN, so the candidates are shown and the name is not.</summary>
    private static CliException Ambiguous(UserPin given, IEnumerable<string> candidates) =>
        new(Failure.NameOf(PlexErrorKind.UserAmbiguous), "Pins_Ambiguous", given.Origin, given.Number, string.Join(", ", candidates));

    /// <summary>
    /// The PIN given for the owner of a token. Only an entry with the id counts: before the sign-in, nobody can tell namesakes apart.
    /// </summary>
    public static string? FindOfOwner(CommandContext context, UserId owner) => Read(context.Settings, context.Console.Environment)
        .FirstOrDefault(given => string.Equals(given.User, $"id:{owner}", StringComparison.OrdinalIgnoreCase))?.Pin;

    private static List<UserPin> Parse(string text, string origin)
    {
        var pins = new List<UserPin>();
        foreach (var entry in Split(Uncover(text)).Select(Uncover).Where(static entry => entry.Length > 0))
        {
            var split = entry.LastIndexOf('=');
            var pin = split < 0 ? null : new UserPin(Unquote(entry[..split]), Unquote(entry[(split + 1)..]), origin, pins.Count + 1);
            // What is wrong is not shown: it may be a PIN.
            pins.Add(
                pin is { User.Length: > 0, Pin.Length: > 0 } ? pin
                    : throw new CliException(CliException.Configuration, "Pins_Malformed", origin, pins.Count + 1));
        }

        return pins;
    }

    /// <summary>At semicolons and line ends, but for semicolons within a quoted name.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '"' && string.IsNullOrWhiteSpace(text[start..at]))
            {
                at = EndOfQuoted(text, at);
            }
            else if (text[at] is '\n' or ';')
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }

    /// <summary>The quote before an equals sign on the same line; without one, a quote is a letter of the name.</summary>
    private static int EndOfQuoted(string text, int start)
    {
        for (var at = start + 1; at < text.Length && text[at] != '\n'; at++)
        {
            if (text[at] == '"' && text.AsSpan(at + 1).TrimStart(' ').StartsWith("="))
            {
                return at;
            }
        }

        return start;
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
