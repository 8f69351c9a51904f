using Microsoft.Extensions.Logging;
using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

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
        Texts = Texts.Of(Texts.Language(settings.Find("lang")?.Value) ?? Texts.LanguageOf(around.Environment));
        Messages = new Messages(
            around, Texts, IsOn("quiet") || around.Warnings is not null, IsOn("verbose"), HasColor(around.Terminal.IsError));
        Screen = new Screen(around, HasColor(around.Terminal.IsOutput), Messages.EndProgress);
        Names = new NameCache(settings.Folders.NamesFile);
    }

    public ConsoleEnvironment Console { get; }

    public Settings Settings { get; }

    /// <summary>What every command takes.</summary>
    public CommonOptions Common => field ??= CommandCatalog.Instance.Bind<CommonOptions>(Settings);

    public Texts Texts { get; }

    /// <summary>Everything that is no result.</summary>
    public Messages Messages { get; }

    /// <summary>Results for people.</summary>
    public Screen Screen { get; }

    /// <summary>The command line as it was typed.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Takes what --json would print, where several jobs make one document; null (default) where it is printed.</summary>
    public List<SyncDocument>? Documents { get; init; }

    /// <summary>What a shell completes names from.</summary>
    public NameCache Names { get; }

    /// <summary>What runs are recorded in.</summary>
    public FileStore Store => new(Settings.Folders.Journals, Console.Time);

    /// <summary>Reads, plans and writes, and records what it writes.</summary>
    public WatchStateSynchronizer CreateSynchronizer() => new(Store, Messages.CreateLogger<WatchStateSynchronizer>());

    public bool IsJson => IsOn("json");

    public bool IsQuiet => IsOn("quiet");

    /// <summary>There is a terminal to ask on, and no program reads the output (--json).</summary>
    public bool CanAsk => !IsJson && Console.Warnings is null && Console.Terminal is { IsInput: true, IsError: true };

    /// <summary>The same command for one job.</summary>
    public CommandContext Of(JobSettings job, List<SyncDocument>? documents = null) => new(Console, Settings.Of(job))
    {
        Arguments = Settings.IsTyped("all-jobs")
            ? [.. WordSpelling.Without(CommandCatalog.Instance.SettingOf("all-jobs"), Arguments), $"--job={job.Name}"] : Arguments,
        Documents = documents,
    };

    /// <summary>The command as it would be typed to write; null where it is not the option that keeps it from writing.</summary>
    public string? WithoutDryRun() => Settings.IsTyped("dry-run")
        ? string.Join(' ', WordSpelling.Without(CommandCatalog.Instance.SettingOf("dry-run"), Arguments).Select(Quote).Prepend("plexsync"))
        : null;

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

        var variables = Variables.Of(CommandCatalog.Instance.Settings);
        var comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        foreach (var name in Console.Environment.Keys.Except(variables, comparer).Order(StringComparer.Ordinal))
        {
            // A mistyped PLEXSYNC_DRY_RUN would otherwise write.
            if (Variables.NearMissOf(name, variables) is { } meant)
            {
                throw new CliException(CliException.Configuration, "Variable_NearMiss", name, meant);
            }
        }

        if (Common.Lang is { } language && Texts.Language(language.Value) is null)
        {
            throw language.Invalid("Invalid_Language");
        }

        if (Common.Server is { } server && ServerAddress.Is(server) && !ServerAddress.MayBeName(server))
        {
            _ = ServerAddress.Parse(server);
        }

        foreach (var flag in CommandCatalog.Instance.Settings.Where(static setting => setting.Kind is SettingKind.Flag))
        {
            _ = Settings.IsOn(flag.Name);
        }

        _ = ClientOptions("-");
    }

    /// <summary>Says of each variable that looks like ours that it is none.</summary>
    public IEnumerable<string> FindUnknownVariables() =>
        Console.Environment.Keys.Where(static name => name.StartsWith("PLEXSYNC_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Except(Variables.Of(CommandCatalog.Instance.Settings))
            .Select(name => Texts.Format("Variable_Unknown", name));

    public PlexClientOptions ClientOptions(string clientIdentifier)
    {
        var options = new PlexClientOptions
        {
            ClientIdentifier = clientIdentifier,
            AccountUrl = Common.AccountUrl is { } url ? ServerAddress.ParseWhole(url) : PlexClientOptions.DefaultAccountUrl,
            MaxConcurrency = Common.Concurrency?.ToNumberOrAuto(1, 16),
            PageSize = Common.PageSize?.ToNumber(1, 1000) ?? PlexClientOptions.DefaultPageSize,
            Timeout = Common.Timeout?.ToSeconds(0.001, 3600) ?? PlexClientOptions.DefaultTimeout,
        };
        Console.Adjust?.Invoke(options);
        return options;
    }

    private bool HasColor(bool isTerminal) =>
        isTerminal && !IsOn("no-color") && Console.Environment.GetValueOrDefault("TERM") is not "dumb"
            && string.IsNullOrEmpty(Console.Environment.GetValueOrDefault("NO_COLOR"));

    /// <summary>A flag as far as it can be read; what cannot is refused later, with a sentence.</summary>
    private bool IsOn(string flag)
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
