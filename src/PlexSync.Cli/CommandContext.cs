using Microsoft.Extensions.Logging;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli;

/// <summary>What every command works with.</summary>
internal sealed class CommandContext
{
    public static readonly string Version = typeof(CommandContext).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public CommandContext(ConsoleEnvironment around, Settings settings)
    {
        Console = around;
        Settings = settings;
        // A wrong word for the language must itself be reported in some language.
        Texts = Texts.Of(Texts.Language(settings.Get(Setting.Lang)) ?? Texts.LanguageOf(around.Environment));
        Messages = new Messages(around, Texts, IsOn(Setting.Quiet), IsOn(Setting.Verbose), HasColor(around.Terminal.IsError));
        Screen = new Screen(around, HasColor(around.Terminal.IsOutput));
        Names = new NameCache(settings.Folders.NamesFile);
    }

    public ConsoleEnvironment Console { get; }

    public Settings Settings { get; }

    public Texts Texts { get; }

    /// <summary>Everything that is no result.</summary>
    public Messages Messages { get; }

    /// <summary>Results for people.</summary>
    public Screen Screen { get; }

    /// <summary>The word without a dash, where the command takes one.</summary>
    public string? Argument { get; init; }

    /// <summary>The command line as it was typed.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What a shell completes names from.</summary>
    public NameCache Names { get; }

    /// <summary>What runs are recorded in.</summary>
    public FileStore Store => new(Settings.Folders.Journals);

    /// <summary>Reads, plans and writes, and records what it writes.</summary>
    public WatchStateSynchronizer CreateSynchronizer() => new(Store, Messages.CreateLogger<WatchStateSynchronizer>());

    public bool IsJson => IsOn(Setting.Json);

    public bool IsQuiet => IsOn(Setting.Quiet);

    /// <summary>Somebody sees a question and can answer it; a program that reads the answer does neither.</summary>
    public bool CanAsk => !IsJson && Console.Terminal is { IsInput: true, IsError: true };

    /// <summary>The command as it would be typed to write; null where it is not the option that keeps it from writing.</summary>
    public string? WithoutDryRun() =>
        Settings.IsGivenAsOption(Setting.DryRun) && Arguments.Any(IsDryRun)
            ? string.Join(' ', Arguments.Where(static word => !IsDryRun(word)).Select(Quote).Prepend("plexsync"))
            : null;

    private static bool IsDryRun(string word) => word == Setting.DryRun.Option || word == Setting.DryRun.Alias;

    /// <summary>A word as a shell takes it for one.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(static letter => char.IsLetterOrDigit(letter) || "-_./:=@,+".Contains(letter, StringComparison.Ordinal))
            ? word
        : OperatingSystem.IsWindows() ? $"\"{word}\""
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Refuses what cannot be right before anybody is asked anything.</summary>
    public void Validate()
    {
        RequireSettings();
        foreach (var sentence in FindUnknownVariables())
        {
            Messages.Warn(sentence);
        }
    }

    /// <summary>Refuses settings that cannot be right.</summary>
    public void RequireSettings()
    {
        if (Settings.FileError is { } error)
        {
            throw error;
        }

        var comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        foreach (var name in Console.Environment.Keys.Except(Settings.Variables, comparer).Order(StringComparer.Ordinal))
        {
            // A mistyped PLEXSYNC_DRY_RUN would otherwise write.
            if (Settings.NearMissOf(name) is { } meant)
            {
                throw new CliException(CliException.Configuration, "Variable_NearMiss", name, meant);
            }
        }

        _ = Settings.GetLanguage();
        if (Settings.Find(Setting.Server) is { } server && Settings.IsAddress(server) && !Settings.MayBeName(server))
        {
            _ = Settings.ParseUrl(server);
        }

        foreach (var flag in Setting.All.Where(static setting => setting.Kind is SettingKind.Flag))
        {
            _ = Settings.IsOn(flag);
        }

        _ = ClientOptions("-");
    }

    /// <summary>Says of each variable that looks like ours that it is none.</summary>
    public IEnumerable<string> FindUnknownVariables() =>
        Console.Environment.Keys.Where(static name => name.StartsWith("PLEXSYNC_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Except(Settings.Variables)
            .Select(name => Texts.Format("Variable_Unknown", name));

    public PlexClientOptions ClientOptions(string clientIdentifier)
    {
        var options = new PlexClientOptions
        {
            ClientIdentifier = clientIdentifier,
            AccountUrl = Settings.GetUrl(Setting.AccountUrl, PlexClientOptions.DefaultAccountUrl),
            MaxConcurrency = Settings.GetNumber(Setting.Concurrency, 1, 8, PlexClientOptions.DefaultMaxConcurrency),
            PageSize = Settings.GetNumber(Setting.PageSize, 1, 1000, PlexClientOptions.DefaultPageSize),
            Timeout = GetTimeout(),
        };
        Console.Adjust?.Invoke(options);
        return options;
    }

    private TimeSpan GetTimeout() => Settings.GetSeconds(Setting.Timeout, 0.001, 3600, PlexClientOptions.DefaultTimeout);

    private bool HasColor(bool isTerminal) =>
        isTerminal && !IsOn(Setting.NoColor) && Console.Environment.GetValueOrDefault("TERM") is not "dumb"
            && string.IsNullOrEmpty(Console.Environment.GetValueOrDefault("NO_COLOR"));

    /// <summary>A flag as far as it can be read; what cannot is refused later, with a sentence.</summary>
    private bool IsOn(Setting flag)
    {
        try
        {
            return Settings.IsOn(flag);
        }
        catch (CliException)
        {
            return false;
        }
    }
}
