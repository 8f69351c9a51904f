using System.Globalization;

namespace PlexSync.Cli.Output;

/// <summary>What everything that tells people of runs says in the same words.</summary>
internal static class Phrases
{
    /// <summary>Who gets whose state, and where.</summary>
    public static string Heading(SyncPlan plan, Texts texts) =>
        plan.Undoes is { } undone ? texts.Format("Heading_Undo", $"{undone}", texts.Users.Of(plan.Target), plan.Server.Name)
        : plan.SourceServer is { } from ? texts.Format(
            "Heading_Across", texts.Users.Of(plan.Source), from.Name, texts.Users.Of(plan.Target), plan.Server.Name)
        : texts.Format(
            "Heading",
            string.Join(", ", plan.MoreSources.Prepend(plan.Source).Select(texts.Users.Of)),
            texts.Users.Of(plan.Target),
            plan.Server.Name);

    /// <summary>What became of the changes of a run.</summary>
    public static List<string> Outcomes(Func<ChangeOutcome, int> count, Texts texts) =>
    [
        texts.Count("Count_Applied", count(ChangeOutcome.Applied)),
        .. texts.Some("Count_Failed", count(ChangeOutcome.Failed)),
        .. texts.Some("Count_Unknown", count(ChangeOutcome.Unknown)),
        .. texts.Some("Count_Untried", count(ChangeOutcome.Planned)),
    ];

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
