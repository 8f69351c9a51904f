using System.Globalization;
using PlexSync.Cli;
using PlexSync.Cli.Output;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Pages;

/// <summary>How a job is doing, in one word.</summary>
internal enum Condition
{
    Failing,
    Running,
    Paused,
    NeverRun,
    InStep,
}

/// <summary>What the pages say, in words. The names and titles in it come from servers: Razor encodes all of it.</summary>
internal static class Sentences
{
    /// <summary>How a job is doing. It runs while its last beginning is later than its last end.</summary>
    public static Condition ConditionOf(FleetJob job) =>
        job.State is { BeganAt: { } began, EndedAt: var ended } && (ended is null || ended < began) ? Condition.Running
        : job.IsPaused ? Condition.Paused
        : job.State.Failures > 0 ? Condition.Failing
        : job.State.EndedAt is null ? Condition.NeverRun
        : Condition.InStep;

    public static string Say(Condition condition) => condition switch
    {
        Condition.Failing => "Failing",
        Condition.Running => "Running",
        Condition.Paused => "Paused",
        Condition.NeverRun => "Never run yet",
        _ => "In step",
    };

    public static string Say(OrderState state) => state switch
    {
        OrderState.Planning => "Making the plan",
        OrderState.Planned => "Ready for review",
        OrderState.Applying => "Applying",
        OrderState.Done => "Done",
        OrderState.Failed => "Failed",
        _ => "Discarded",
    };

    public static string Failures(int count) => count == 1 ? "The last run failed" : $"The last {Number(count)} runs failed";

    public static string Many(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Whose state goes to whom in a job.</summary>
    public static string Users(SyncJob job) =>
        job.Users.Count > 0 ? string.Join(" + ", job.Users)
        : $"{job.From ?? "Owner"} {(job.TwoWay ? "↔" : "→")} {Targets(job)}";

    private static string Targets(SyncJob job) =>
        !job.ToAll ? string.Join(", ", job.To)
        : job.Except.Count == 0 ? "everyone"
        : $"everyone except {string.Join(", ", job.Except)}";

    /// <summary>How long ago, or in how long.</summary>
    public static string FromNow(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = (at - now).Duration();
        var text = distance < TimeSpan.FromMinutes(1) ? "" : distance < TimeSpan.FromHours(1) ? $"{distance.Minutes} min"
            : distance < TimeSpan.FromDays(1) ? $"{distance.Hours} h"
            : Many((long)distance.TotalDays, "day", "days");
        return text.Length == 0 ? at <= now ? "just now" : "in a moment" : at <= now ? $"{text} ago" : $"in {text}";
    }

    /// <summary>An interval, such as every 15 min.</summary>
    public static string Every(TimeSpan interval) =>
        interval.TotalHours >= 1 && interval.Minutes == 0 ? $"every {(int)interval.TotalHours} h"
        : $"every {(int)interval.TotalMinutes} min";

    /// <summary>What a user has of an item, as far as the change is about it.</summary>
    public static string State(WatchState state, PlannedChange change, Texts texts)
    {
        if (change.Action is ChangeAction.Rating)
        {
            return Phrases.Rating(state.UserRating, texts);
        }

        string[] parts =
        [
            .. state.IsWatched ? [texts.Count("State_Watched", state.ViewCount)] : Array.Empty<string>(),
            .. state.IsInProgress ? [texts.Format("State_Position", Phrases.Position(state.Position))] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? texts["State_Nothing"] : string.Join(", ", parts);
    }

    /// <summary>Why an item changes; the word itself for a reason of a policy that is not ours.</summary>
    public static string Because(PlannedChange change, SyncPlan plan, Texts texts) =>
        change.Reason == ChangeReason.Undone ? "the run is taken back"
        : texts.Has($"Why_{change.Reason}") ? texts.Format($"Why_{change.Reason}", texts.Users.Of(plan.Source))
        : $"{change.Reason}";
}
