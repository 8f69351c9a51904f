using System.Globalization;
using System.Text.Json;
using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Shows how the jobs are doing that <c>watch</c> keeps up; the exit code tells whether all is well.</summary>
internal sealed class StatusCommand(CommandContext context)
{
    private const string Stale = "stale";

    /// <summary>Twice it could not be written.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(12);

    /// <summary>A server that is started again is back by then.</summary>
    private static readonly TimeSpan LongestFailure = TimeSpan.FromMinutes(15);

    // What is wrong with the configuration is no news of what runs.
    [Command("status"), Traits(IsDiagnosis = true)]
    public int Run()
    {
        var path = StatusFile.PathIn(context.Settings.Folders);
        using var document = Read(path);
        var status = document?.RootElement;
        var complaints = FindComplaints(status, path);
        var failure = complaints.Count > 0 ? new Failure(Stale, string.Join(' ', complaints), ExitCode.Partial) : null;
        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                new StatusReport(status, failure is null ? null : ErrorDocument.Of(failure)),
                JsonContext.Default.StatusReport);
        }
        else if (status is { } known && !context.IsQuiet)
        {
            Write(known);
            if (failure is null)
            {
                context.Screen.WriteLine();
                context.Screen.WriteLine(ItemsOf(known, "jobs").Any(IsFailing)
                    ? context.Texts.Format("Status_FailingSoon", LongestFailure.TotalMinutes)
                    : context.Texts["Status_Healthy"]);
            }
        }

        context.Console.Out.Flush();
        if (failure is not null)
        {
            context.Messages.Fail(failure, exception: null);
        }

        return failure?.ExitCode ?? ExitCode.Done;
    }

    /// <summary>Null where there is none, or where it is something else.</summary>
    private static JsonDocument? Read(string path)
    {
        try
        {
            var document = TextFile.TryRead(path) is { } text ? JsonDocument.Parse(text) : null;
            if (document is { RootElement: var root } && TextOf(root, "format") == StatusDocument.Name
                && root.TryGetProperty("version", out var version) && version.ValueKind is JsonValueKind.Number
                && version.GetDouble() == StatusDocument.Current)
            {
                return document;
            }

            document?.Dispose();
        }
        catch (JsonException)
        {
            // It is replaced whole, so this is not ours.
        }

        return null;
    }

    private List<string> FindComplaints(JsonElement? status, string path)
    {
        if (status is not { } known)
        {
            return [context.Texts.Format(File.Exists(path) ? "Status_Unreadable" : "Status_None", path)];
        }

        if (TimeOf(known, "stoppedAt") is { } stopped)
        {
            return [context.Texts.Format("Status_Stopped", When(stopped))];
        }

        var now = context.Console.Time.GetUtcNow();
        if (TimeOf(known, "updatedAt") is not { } updated || (now - updated).Duration() > LongestSilence)
        {
            return [context.Texts.Format("Status_Silent", TextOf(known, "processId"), When(TimeOf(known, "updatedAt")))];
        }

        return
        [
            .. ItemsOf(known, "jobs")
                .Where(job => IsFailing(job) && now - TimeOf(job, "since") > LongestFailure)
                .Select(job => context.Texts.Format("Status_Failing", TextOf(job, "name"), When(TimeOf(job, "since")), MessageOf(job))),
        ];
    }

    private static bool IsFailing(JsonElement job) => TextOf(job, "state") == Failure.NameOf(JobState.Failing);

    private void Write(JsonElement status)
    {
        var texts = context.Texts;
        context.Screen.WriteTable(
            [texts["Column_Job"], texts["Column_State"], texts["Column_Since"], texts["Column_LastRun"], texts["Column_LastWholeRun"],
                texts["Column_Changes"], texts["Column_Users"]],
            ItemsOf(status, "jobs").Select(job => new[]
            {
                TextOf(job, "name"),
                texts.Has($"JobState_{TextOf(job, "state")}") ? texts[$"JobState_{TextOf(job, "state")}"] : TextOf(job, "state"),
                When(TimeOf(job, "since")),
                When(TimeOf(job, "lastRun")),
                When(TimeOf(job, "lastWholeRun")),
                TextOf(job, "changes"),
                string.Join('\n', ((string[])[TextOf(job, "users"), .. ItemsOf(job, "leftOut").Select(LeftOut)])
                    .Where(static line => line.Length > 0)),
            }).ToList());
        foreach (var job in ItemsOf(status, "jobs").Where(static job => MessageOf(job).Length > 0))
        {
            context.Screen.WriteLine(
                texts.Format("Status_Error", TextOf(job, "name"), MessageOf(job), When(TimeOf(job, "retryAt"))), hanging: 2);
        }

        foreach (var server in ItemsOf(status, "servers"))
        {
            var hasEvents = TextOf(server, "events") == bool.TrueString;
            context.Screen.WriteLine(texts.Format(hasEvents ? "Status_Events" : "Status_NoEvents", TextOf(server, "name")));
        }

        string LeftOut(JsonElement user) => texts.Format("Status_LeftOut", user.ToString());
    }

    private string When(DateTimeOffset? time) =>
        time is { } known ? context.Texts.When(known, context.Console.Time.LocalTimeZone) : "–";

    private static string MessageOf(JsonElement job) =>
        job.ValueKind is JsonValueKind.Object && job.TryGetProperty("error", out var error) ? TextOf(error, "message") : "";

    private static IEnumerable<JsonElement> ItemsOf(JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array
            ? list.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static string TextOf(JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var text) ? text.ToString() : "";

    private static DateTimeOffset? TimeOf(JsonElement parent, string name) =>
        DateTimeOffset.TryParse(TextOf(parent, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : null;
}
