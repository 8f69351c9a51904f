using System.Globalization;

namespace PlexSync.Cli.Output;

/// <summary>What everything that tells people of runs says in the same words.</summary>
internal static class Phrases
{
    /// <summary>What plans of marks made by hand have as their policy.</summary>
    private const string Mark = "mark";

    /// <summary>Who gets whose state, and where.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="texts">The language.</param>
    /// <param name="undoneName">What people call the run that is taken back, where it is known.</param>
    public static string Heading(SyncPlan plan, Texts texts, string? undoneName = null) =>
        plan.Undoes is { } undone ? texts.Format("Heading_Undo", undoneName ?? $"{undone}", texts.Users.Of(plan.Target), plan.Server.Name)
        : plan.SourceServer is { } from ? texts.Format(
            "Heading_Across", texts.Users.Of(plan.Source), from.Name, texts.Users.Of(plan.Target), plan.Server.Name)
        : texts.Format(
            IsRestore(plan.Policy) ? "Heading_Restore"
                : plan.Policy == Import ? "Heading_Import"
                : plan.Policy == Mark ? "Heading_Mark"
                : "Heading",
            string.Join(", ", plan.MoreSources.Prepend(plan.Source).Select(texts.Users.Of)),
            texts.Users.Of(plan.Target),
            plan.Server.Name);

    /// <summary>Who gets whose state, and where, in a job that goes on.</summary>
    public static string Users(LiveJobConnected connected, Texts texts)
    {
        var (job, source, targets) = (connected.Job.Job, connected.Users.Source, connected.Users.Targets);
        var others = texts.Users.Of(targets.Select(static target => target.User));
        if (targets.FirstOrDefault(target => target.MachineIdentifier != source.MachineIdentifier) is { } there)
        {
            return texts.Format("Heading_Across", texts.Users.Of(source.User), source.Name, others, there.Name);
        }

        return job.TwoWay || job.Users.Count > 0
            ? texts.Format("Runs_UsersOn", $"{texts.Users.Of(source.User)}, {others}", source.Name)
            : texts.Format("Heading", texts.Users.Of(source.User), others, source.Name);
    }

    /// <summary>What a run did, in the words of the command line.</summary>
    public static string What(SyncRun run, Texts texts) =>
        IsRestore(run.Policy) ? texts["Runs_Restore"]
        : run.Policy == Import ? texts["Runs_Import"]
        : run.Policy == Mark ? texts["Runs_Mark"]
        : run.Policy;

    private const string Import = "import";

    private static bool IsRestore(string policy) => policy is "restore" or "restoreExact";

    /// <summary>What became of the changes of a run.</summary>
    public static List<string> Outcomes(Func<ChangeOutcome, int> count, Texts texts) =>
    [
        texts.Count("Count_Applied", count(ChangeOutcome.Applied)),
        .. texts.Some("Count_Failed", count(ChangeOutcome.Failed)),
        .. texts.Some("Count_Unknown", count(ChangeOutcome.Unknown)),
        .. texts.Some("Count_Untried", count(ChangeOutcome.Planned)),
    ];

    /// <summary>What a run is called: by its number, or by its name if it is older than numbers.</summary>
    public static string NameOf(SyncRun run) => NameOf(run.Number, run.Id);

    /// <inheritdoc cref="NameOf(SyncRun)"/>
    public static string NameOf(long number, RunId id) => number > 0 ? $"{number}" : $"{id}";

    /// <summary>Several episodes of a show, or tracks of an artist, in one line.</summary>
    public static string Several(List<MediaItem> items, Texts texts)
    {
        var (name, count) = (items[0].ShowTitle, texts.Number(items.Count));
        if (items[0].Type == MediaType.Track)
        {
            return texts.Format("Fold_Tracks", name, count);
        }

        var places = new List<(int Season, int Episode)>();
        foreach (var item in items)
        {
            if (item is { SeasonNumber: { } season, EpisodeNumber: { } episode })
            {
                places.Add((season, episode));
            }
        }

        places.Sort();
        if (places.Count < items.Count || places[0] == places[^1])
        {
            return texts.Format("Fold_Episodes", name, count);
        }

        // How many episodes a season has is not known here: a new one that begins with its first follows upon any of the one before.
        var isWhole = true;
        for (var at = 1; at < places.Count; at++)
        {
            var (before, next) = (places[at - 1], places[at]);
            isWhole &= next == (before.Season, before.Episode + 1) || (before.Season > 0 && next == (before.Season + 1, 1));
        }

        return texts.Format(isWhole ? "Fold_Run" : "Fold_Gaps", name, count, Label(places[0]), Label(places[^1]));

        static string Label((int Season, int Episode) place) =>
            string.Create(CultureInfo.InvariantCulture, $"S{place.Season:00}E{place.Episode:00}");
    }

    /// <summary>Why a change was not made.</summary>
    public static string Why(ChangeResult result, Texts texts) =>
        result.Error is { } error ? Failure.Describe(error, texts)
        : result.SkipReason is { } reason ? texts[$"Reason_{reason}"]
        : texts["AFailure"];

    /// <summary>What somebody gave, or that they gave nothing.</summary>
    public static string Rating(double? rating, Texts texts) =>
        rating is { } number ? texts.Format("Rating_Of", texts.Rating(number)) : texts["Rating_None"];

    /// <summary>A place within an item, as players show it.</summary>
    public static string Position(TimeSpan position) =>
        position.ToString(
            position < TimeSpan.FromHours(1) ? @"m\:ss" : position < TimeSpan.FromDays(1) ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss",
            CultureInfo.InvariantCulture);
}
