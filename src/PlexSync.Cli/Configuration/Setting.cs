namespace PlexSync.Cli.Configuration;

internal enum SettingKind
{
    /// <summary>On or off.</summary>
    Flag,

    /// <summary>One value.</summary>
    Value,

    /// <summary>Any number of values.</summary>
    List,
}

/// <summary>Something a user can set: as an option, as a variable, as a key of the configuration file.</summary>
/// <param name="Name">The long option without its dashes.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="ValueName">What the help calls its value.</param>
internal sealed record Setting(string Name, SettingKind Kind, string? ValueName = null)
{
    public static readonly Setting From = new("from", SettingKind.Value, "USER");
    public static readonly Setting To = new("to", SettingKind.List, "USER");
    public static readonly Setting ToAll = new("to-all", SettingKind.Flag);
    public static readonly Setting Except = new("except", SettingKind.List, "USER");
    public static readonly Setting ToServer = new("to-server", SettingKind.Value, "URL|NAME");
    public static readonly Setting ToTokenFile = new("to-token-file", SettingKind.Value, "FILE");
    public static readonly Setting Policy = new("policy", SettingKind.Value, "POLICY");
    public static readonly Setting TwoWay = new("two-way", SettingKind.Flag);
    public static readonly Setting Unwatched = new("unwatched", SettingKind.Flag);
    public static readonly Setting RetryUnkept = new("retry-unkept", SettingKind.Flag);
    public static readonly Setting Match = new("match", SettingKind.Value, "HOW");
    public static readonly Setting Ratings = new("ratings", SettingKind.Flag);
    public static readonly Setting Library = new("library", SettingKind.List, "[!]NAME");
    public static readonly Setting Type = new("type", SettingKind.List, "[!]TYPE");
    public static readonly Setting Show = new("show", SettingKind.List, "TITLE");
    public static readonly Setting Since = new("since", SettingKind.Value, "DATE|30d");
    public static readonly Setting Only = new("only", SettingKind.Value, "KIND");
    public static readonly Setting DryRun = new("dry-run", SettingKind.Flag) { Alias = "-n" };
    public static readonly Setting MaxRemovals = new("max-removals", SettingKind.Value, "N");
    public static readonly Setting Output = new("output", SettingKind.Value, "FILE") { Alias = "-o" };
    public static readonly Setting Overwrite = new("overwrite", SettingKind.Flag);
    public static readonly Setting Report = new("report", SettingKind.Value, "FILE");
    public static readonly Setting User = new("user", SettingKind.List, "USER");
    public static readonly Setting Exact = new("exact", SettingKind.Flag);
    public static readonly Setting Yes = new("yes", SettingKind.Flag);
    public static readonly Setting AllItems = new("all", SettingKind.Flag);
    public static readonly Setting ShowSkipped = new("show-skipped", SettingKind.Flag);
    public static readonly Setting Resume = new("resume", SettingKind.Value, "RUN");
    public static readonly Setting Json = new("json", SettingKind.Flag);
    public static readonly Setting Server = new("server", SettingKind.Value, "URL|NAME");
    public static readonly Setting TokenFile = new("token-file", SettingKind.Value, "FILE");
    public static readonly Setting PinFile = new("pin-file", SettingKind.Value, "FILE");
    public static readonly Setting AccountUrl = new("account-url", SettingKind.Value, "URL");
    public static readonly Setting Concurrency = new("concurrency", SettingKind.Value, "N");
    public static readonly Setting PageSize = new("page-size", SettingKind.Value, "N");
    public static readonly Setting Timeout = new("timeout", SettingKind.Value, "S");
    public static readonly Setting Lang = new("lang", SettingKind.Value, "en|fr");
    public static readonly Setting Verbose = new("verbose", SettingKind.Flag);
    public static readonly Setting Quiet = new("quiet", SettingKind.Flag);
    public static readonly Setting NoColor = new("no-color", SettingKind.Flag);

    /// <summary>What every command takes.</summary>
    public static readonly IReadOnlyList<Setting> Common =
        [Server, TokenFile, PinFile, AccountUrl, Concurrency, PageSize, Timeout, Json, Lang, Verbose, Quiet, NoColor];

    public static readonly IReadOnlyList<Setting> All =
    [
        From, To, ToAll, Except, ToServer, ToTokenFile, Policy, TwoWay, Unwatched, RetryUnkept, Match, Ratings, Library, Type, Show, Since,
        Only,
        DryRun, MaxRemovals, Output, Overwrite, Report, User, Exact, Yes, AllItems, ShowSkipped, Resume, .. Common,
    ];

    public string Option => $"--{Name}";

    /// <summary>A short form of the option, where it has one.</summary>
    public string? Alias { get; init; }

    public bool IsCalled(string option) => option == Option || option == Alias;

    public string Variable => $"PLEXSYNC_{Name.Replace('-', '_').ToUpperInvariant()}";

    public string Key =>
        string.Concat(Name.Split('-').Select(static (word, at) => at == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}

/// <summary>What was set, and where, for messages.</summary>
internal sealed record Given(IReadOnlyList<string> Values, string Origin);
