using System.Globalization;

namespace PlexSync.Cli.Configuration;

/// <summary>What holds for a run: option, then environment, then configuration file, then default.</summary>
internal sealed class Settings
{
    private readonly IReadOnlyDictionary<Setting, Given> _options;
    private readonly IReadOnlyDictionary<Setting, Given> _environment;
    private readonly IReadOnlyDictionary<Setting, Given> _file;

    private Settings(
        IReadOnlyDictionary<Setting, Given> options, IReadOnlyDictionary<Setting, Given> environment, IReadOnlyDictionary<Setting,
        Given> file, Folders folders)
    {
        (_options, _environment, _file) = (options, environment, file);
        Folders = folders;
    }

    public Folders Folders { get; }

    /// <summary>What is wrong with the configuration file, if anything.</summary>
    public CliException? FileError { get; private init; }

    public static Settings Load(IReadOnlyDictionary<Setting, Given> options, IReadOnlyDictionary<string, string> environment)
    {
        var folders = new Folders(environment);
        var (file, error) = ConfigurationFile.Read(folders.ConfigurationFile);
        return new Settings(options, FromEnvironment(environment), file, folders) { FileError = error };
    }

    /// <summary>Before the file is read: what options and environment say.</summary>
    public static Settings WithoutFile(IReadOnlyDictionary<Setting, Given> options, IReadOnlyDictionary<string, string> environment) =>
        new(options, FromEnvironment(environment), new Dictionary<Setting, Given>(), new Folders(environment));

    public bool IsGivenAsOption(Setting setting) => _options.ContainsKey(setting);

    public Given? Find(Setting setting) =>
        _options.GetValueOrDefault(setting) ?? _environment.GetValueOrDefault(setting) ?? _file.GetValueOrDefault(setting);

    public string? Get(Setting setting) => Find(setting)?.Values[0];

    public IReadOnlyList<string> GetAll(Setting setting) => Find(setting)?.Values ?? [];

    public bool IsOn(Setting setting) => Find(setting) is { } given && given.Values[0].ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw Invalid("Invalid_Flag", given),
    };

    public int GetNumber(Setting setting, int from, int to, int otherwise)
    {
        if (Find(setting) is not { } given)
        {
            return otherwise;
        }

        return int.TryParse(given.Values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= from
            && number <= to
            ? number
            : throw Invalid("Invalid_Number", given, from, to);
    }

    public TimeSpan GetSeconds(Setting setting, double from, double to, TimeSpan otherwise)
    {
        if (Find(setting) is not { } given)
        {
            return otherwise;
        }

        return double.TryParse(given.Values[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= from && seconds <= to
            ? TimeSpan.FromSeconds(seconds)
            : throw Invalid("Invalid_Seconds", given, from, to);
    }

    public string? GetLanguage() => Find(Setting.Lang) switch
    {
        null => null,
        { } given => Texts.Language(given.Values[0]) ?? throw Invalid("Invalid_Language", given),
    };

    public Uri GetUrl(Setting setting, Uri otherwise) => Find(setting) is not { } given ? otherwise
        // Nothing is guessed here: over http, the token of the account would be sent in clear.
        : LacksScheme(given) ? throw new CliException(CliException.Usage, "Invalid_Url", given.Origin)
        : ParseUrl(given);

    /// <summary>An address rather than a name; also one without its scheme, which may hold what must not be repeated.</summary>
    public static bool IsAddress(Given given) => given.Values[0].AsSpan().ContainsAny("?=")
        || given.Values[0].Replace(" @ ", "", StringComparison.Ordinal).Replace(" / ", "", StringComparison.Ordinal).AsSpan()
            .ContainsAny("/@")
        || IsHostWithPort(given.Values[0]);

    /// <summary>The same, where the servers of the account are known: one of them can have a name that looks like HOST:PORT.</summary>
    public static bool IsAddress(Given given, IEnumerable<ServerResource> servers) => IsAddress(given)
        && (!MayBeName(given) || !servers.Any(
            server => string.Equals(server.Name.Trim(), given.Values[0], StringComparison.OrdinalIgnoreCase)));

    /// <summary>What looks like an address could be the name of a server all the same.</summary>
    public static bool MayBeName(Given given) => !given.Values[0].AsSpan().ContainsAny("/?@=");

    /// <summary>
    /// An address that Core takes, made of what people paste: without a scheme http is meant, and what the browser shows from <c>/web</c>
    /// on is the web app's. It is not repeated in the message: it may hold a token.
    /// </summary>
    public static Uri ParseUrl(Given given)
    {
        var text = given.Values[0].Trim();
        text = text.Contains("://", StringComparison.Ordinal) ? text : $"{Uri.UriSchemeHttp}://{text}";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url is { Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0 })
        {
            if (url.Host is "app.plex.tv" or "www.plex.tv" or "watch.plex.tv")
            {
                throw new CliException(CliException.Usage, "Invalid_Url_WebApp", given.Origin);
            }

            // A proxy may have a path of that name itself, so only what the app puts behind it is cut off.
            var web = Array.FindLastIndex(url.Segments, static segment => segment.TrimEnd('/') == "web");
            if (web > 0 && (web == url.Segments.Length - 1 || url.Segments[web + 1].TrimEnd('/') is "index.html" or "tv"))
            {
                return new Uri(url.GetLeftPart(UriPartial.Authority) + string.Concat(url.Segments.Take(web)).TrimEnd('/'));
            }

            if (url.Fragment.Length == 0 || (url.AbsolutePath == "/" && url.Fragment.StartsWith("#!", StringComparison.Ordinal)))
            {
                return url.Fragment.Length == 0 ? url : new Uri(url.GetLeftPart(UriPartial.Authority));
            }
        }

        throw new CliException(CliException.Usage, "Invalid_Url", given.Origin);
    }

    /// <summary>The address lacks http:// or https://.</summary>
    public static bool LacksScheme(Given given) => !given.Values[0].Contains("://", StringComparison.Ordinal);

    private static bool IsHostWithPort(string text) =>
        text.LastIndexOf(':') is > 0 and var colon
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is > 0 and <= 65535 && !text.Contains(' ', StringComparison.Ordinal);

    private const string VariablePrefix = "PLEXSYNC_";

    /// <summary>Every variable that means something.</summary>
    public static IReadOnlyList<string> Variables { get; } =
        [.. Setting.All.Select(static setting => setting.Variable), Credentials.TokenVariable, Pins.Variable, Folders.HomeVariable];

    /// <summary>The variable that one of another name is surely meant to be; null where it may as well belong to something else.</summary>
    public static string? NearMissOf(string name)
    {
        if (!name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
        {
            // PLEX_SYNC_TO, PLEXSNYC_TO: a slip of the fingers in the first part.
            var letters = Letters(name);
            return letters.StartsWith("PLEX", StringComparison.Ordinal)
                ? Variables.FirstOrDefault(
                    known => Letters(known).Length == letters.Length && Nearest.To(letters, [Letters(known)], 2) is not null)
                : null;
        }

        var word = name[VariablePrefix.Length..].ToUpperInvariant();
        // The first words of a longer one, as DRY for DRY_RUN.
        var nearest = Nearest.To(word, Variables.Select(static known => known[VariablePrefix.Length..]), Math.Max(1, word.Length / 3))
            ?? Variables.Select(static known => known[VariablePrefix.Length..])
                .FirstOrDefault(known => word.Length > 2 && known.StartsWith($"{word}_", StringComparison.Ordinal));
        return nearest is null ? null : VariablePrefix + nearest;

        static string Letters(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
    }

    private static Dictionary<Setting, Given> FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var given = new Dictionary<Setting, Given>();
        foreach (var setting in Setting.All)
        {
            if (environment.GetValueOrDefault(setting.Variable) is { } text && !string.IsNullOrWhiteSpace(text))
            {
                string[] values = setting.Kind is SettingKind.List
                    ? text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    : [text.Trim()];
                if (values.Length > 0)
                {
                    given[setting] = new Given(values, setting.Variable);
                }
            }
        }

        return given;
    }

    private static CliException Invalid(string key, Given given, params object[] bounds) =>
        new(CliException.Usage, key, [given.Origin, given.Values[0], .. bounds]);
}
