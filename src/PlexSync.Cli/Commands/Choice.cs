using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>What the user wants to be synchronised, and how, as a job of the library, checked before anybody is asked anything.</summary>
internal static class Choice
{
    /// <summary>For <c>sync</c>, <c>plan</c> and <c>explain</c>.</summary>
    public static SyncJob ToJob(PlanOptions who, RuleOptions rules, ItemOptions items)
    {
        var job = ToJob(items);
        (job.From, job.To, job.ToAll, job.Except) = (who.From?.Value, who.To, who.ToAll, who.Except);
        (job.TwoWay, job.Unwatched, job.Match) = (rules.TwoWay, rules.Unwatched, rules.Match?.Value);
        job.Policy = rules.Policy?.Value ?? ConflictPolicies.Copy.Name;
        return job;
    }

    /// <summary>For <c>merge</c>.</summary>
    public static SyncJob ToMerge(string[] users, Given? policy, Given? quorum, ItemOptions items)
    {
        var job = ToJob(items);
        (job.Users, job.Policy) = (users, policy?.Value ?? ConflictPolicies.Furthest.Name);
        job.Quorum = quorum?.ToNumber(1, users.Length);
        return job;
    }

    /// <summary>The options of a job; what does not fit is refused in the words of the command line.</summary>
    public static SyncOptions CreateOptions(CommandContext context, SyncJob job, bool isAcross = false)
    {
        try
        {
            var options = job.CreateOptions(context.Console.Time);
            return options.Match is MatchMode.Key && isAcross
                ? throw new CliException(CliException.Usage, "Match_OneServerOnly", "--match", "--to-server") : options;
        }
        catch (PlexException e) when (e.Option is { } option)
        {
            throw Say(context, job, e, option);
        }
    }

    /// <summary>Refuses a job of the configuration file that names no users, or names them in more than one way.</summary>
    public static void Require(CommandContext context, SyncJob job, AcrossOptions across)
    {
        if (job.Users.Count > 0 && (across.ToServer ?? across.ToTokenFile) is { } elsewhere)
        {
            throw Usage("Job_NotInMerge", elsewhere.Origin);
        }

        try
        {
            job.Validate(context.Console.Time);
        }
        catch (PlexException e) when (e.Option is { } option)
        {
            throw Say(context, job, e, option);
        }
    }

    /// <summary>The words that a setting takes; none where it takes others.</summary>
    public static IReadOnlyList<string> WordsOf(Setting setting) =>
        setting.Name switch
        {
            "match" => SyncJob.MatchWords,
            "type" => SyncJob.TypeWords,
            "only" => SyncJob.OnlyWords,
            _ => [],
        };

    private static SyncJob ToJob(ItemOptions items) => new()
    {
        Libraries = items.Library,
        Types = items.Type,
        Shows = items.Show,
        Labels = items.Label,
        Collections = items.Collection,
        Since = items.Since?.Value,
        Only = items.Only?.Value,
        Ratings = items.Ratings,
        RetryUnkept = items.RetryUnkept,
    };

    private static CliException Say(CommandContext context, SyncJob job, PlexException e, string option)
    {
        var words = string.Join(", ", e.Candidates);
        return (option, e.Kind) switch
        {
            (_, PlexErrorKind.PolicyNotFound) => new(
                Failure.NameOf(e.Kind),
                ConflictPolicies.TryGet(e.Subject!, out _) ? "Policy_NotHere" : "Invalid_Word",
                Origin("policy"),
                e.Subject,
                words),
            (nameof(SyncJob.To), PlexErrorKind.MissingOption) => Usage("Job_Nobody", job.Name, context.Settings.Folders.ConfigurationFile),
            (nameof(SyncJob.To) or nameof(SyncJob.ToAll), PlexErrorKind.OptionsConflict) =>
                Usage("Job_Several", Origin(SettingOf(option)), Origin(SettingOf(e.Subject!))),
            (nameof(SyncJob.ToAll), _) => Usage("Option_NeedsOther", Origin("except"), "toAll"),
            (nameof(SyncJob.Users), PlexErrorKind.MissingOption) => Usage("Option_NeedsOther", Origin("quorum"), "users"),
            (nameof(SyncJob.Users), _) => Usage("Job_MergeTooFew", Origin("user")),
            (_, PlexErrorKind.OptionsConflict) when e.Subject is nameof(SyncJob.Users) =>
                Usage("Job_NotInMerge", Origin(SettingOf(option))),
            (nameof(SyncJob.Policy), _) => Usage("Policy_OneWayOnly", job.Policy, Origin("two-way")),
            (nameof(SyncJob.Unwatched), PlexErrorKind.OptionsConflict) =>
                Usage("Unwatched_OneTarget", Origin("two-way"), Origin("unwatched"), Origin("to")),
            (nameof(SyncJob.Since), _) => Usage("Invalid_Since", Origin("since"), e.Subject),
            (nameof(SyncJob.Types), _) when e.Subject is null => Usage("Type_None", Origin("type")),
            (nameof(SyncJob.Libraries), _) => Usage("Option_NeedsValue", Origin("library")),
            (nameof(SyncJob.Types), _) when e.Candidates.Count == 0 => Usage("Option_NeedsValue", Origin("type")),
            _ => Usage("Invalid_Word", Origin(SettingOf(option)), e.Subject, words),
        };

        string Origin(string setting) => context.Settings.Find(setting)?.Origin ?? $"--{setting}";

        static string SettingOf(string option) => option switch
        {
            nameof(SyncJob.Types) => "type",
            nameof(SyncJob.Users) => "user",
            nameof(SyncJob.ToAll) => "to-all",
            nameof(SyncJob.TwoWay) => "two-way",
            _ => option.ToLowerInvariant(),
        };
    }

    private static CliException Usage(string key, params object?[] arguments) => new(CliException.Usage, key, arguments);
}
