using System.Globalization;
using System.Text.Json.Serialization;

namespace PlexSync.Cli.Output;

/// <summary>A line for each thing that happens while jobs are kept up, for people or for programs.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="state">How jobs and servers are doing.</param>
internal sealed class WatchWriter(CommandContext context, LiveStatus state)
{
    private readonly Texts _texts = context.Texts;
    private readonly TimeProvider _time = context.Console.Time;
    private readonly ItemLine _items = new(context.Texts, context.Screen.HasColor);

    /// <summary>The servers whose events were lost: only of these it is news that they come.</summary>
    private readonly HashSet<MachineIdentifier> _lost = [];

    /// <summary>Writes what has happened and was taken in.</summary>
    /// <param name="happened">What has happened.</param>
    /// <param name="isUp">A job has come up by it for the first time.</param>
    public void Write(LiveEvent happened, bool isUp)
    {
        switch (happened)
        {
            case LiveJobConnected { Job: var job }:
                WriteLeftOut(state.Of(job));
                break;
            case LiveRunEnded run:
                WriteChanges(run);
                if (isUp)
                {
                    Note(run.Job.Name, "Watch_Up", new WatchLine("up") { Users = state.Of(run.Job).Users }, state.Of(run.Job).Users);
                }

                break;
            case LiveJobFailed { Job: var job }:
                var (failure, at) = (state.Of(job).Failure!, state.Of(job).RetryAt!.Value);
                Say(
                    job.Name,
                    Paint.Red(_texts.Format("Watch_Failed", failure.Message, Stamp(at)), context.Screen.HasColor),
                    new WatchLine("failed") { Error = new(failure.Kind, failure.Message), At = StateDocument.Time(at) });
                break;
            case LiveJobRecovered { Job: var job, Failures: var failures }:
                Say(
                    job.Name,
                    Paint.Green(_texts.Count("Watch_Recovered", failures), context.Screen.HasColor),
                    new WatchLine("recovered") { Failures = failures });
                break;
            case LiveBurst { Job: var job, Changes: var changes, RunIn: var wait }:
                var runAt = _time.GetUtcNow() + wait;
                if (!context.IsQuiet)
                {
                    Say(
                        job.Name,
                        _texts.Count("Watch_Burst", changes, "--burst", Stamp(runAt)),
                        new WatchLine("burst") { Changes = changes, At = StateDocument.Time(runAt) });
                }

                break;
            case LiveStreamChanged stream:
                WriteStream(stream);
                break;
        }
    }

    /// <summary>For people, the session has warned of them.</summary>
    private void WriteLeftOut(JobStatus job)
    {
        foreach (var member in context.IsJson ? job.LeftOut : [])
        {
            Say(
                job.Name,
                "",
                new WatchLine("leftOut")
                {
                    Target = UserReferenceDocument.Of(member.User),
                    Error = new(member.Failure.Kind, member.Failure.Message),
                });
        }
    }

    private void WriteChanges(LiveRunEnded run)
    {
        foreach (var report in run.Reports)
        {
            var names = new ItemNames(report.Results.Select(static result => result.Change.Item));
            var users = _texts.Format(
                "Runs_Users",
                string.Join(", ", report.Plan.MoreSources.Prepend(report.Plan.Source).Select(_texts.Users.Of)),
                _texts.Users.Of(report.Plan.Target));
            // What was not come to is tried again, and what was there already is no change.
            foreach (var result in report.Results.Where(static result =>
                result.Outcome is not ChangeOutcome.Planned && result.SkipReason is not SkipReason.AlreadyDone))
            {
                if (!context.IsQuiet || result.Outcome is ChangeOutcome.Failed or ChangeOutcome.Unknown)
                {
                    Say(
                        run.Job.Name,
                        _texts.Format("Watch_Change", users, _items.Of(result, names)),
                        new WatchLine("change")
                        {
                            Run = report.Run?.ToString(),
                            Server = ServerDocument.Of(report.Plan.Server),
                            Source = UserReferenceDocument.Of(report.Plan.Source),
                            Target = UserReferenceDocument.Of(report.Plan.Target),
                            Change = ChangeDocument.Of(result, _texts),
                        });
                }
            }

            foreach (var library in report.Plan.Libraries.Where(static library => library.Error is not null))
            {
                var why = Failure.Describe(library.Error!, _texts);
                Say(
                    run.Job.Name,
                    Paint.Yellow(
                        _texts.Format("Watch_Library", users, library.Library.Title, _texts.Format("LeftOut", why)),
                        context.Screen.HasColor),
                    new WatchLine("libraryLeftOut")
                    {
                        Library = library.Library.Title,
                        Target = UserReferenceDocument.Of(report.Plan.Target),
                        Error = new(Failure.NameOf(library.Error!.Kind), why),
                    });
            }
        }
    }

    private void WriteStream(LiveStreamChanged stream)
    {
        var (machine, name) = (stream.Server.MachineIdentifier, stream.Server.Name);
        if (stream.Error is { } error)
        {
            _lost.Add(machine);
            var why = Failure.Describe(error, _texts);
            Note(
                null,
                "Watch_EventsLost",
                new WatchLine("eventsLost") { Server = ServerDocument.Of(stream.Server), Error = new(Failure.NameOf(error.Kind), why) },
                name,
                why);
        }
        else if (_lost.Remove(machine) || context.IsJson)
        {
            Note(null, "Watch_EventsBack", new WatchLine("events") { Server = ServerDocument.Of(stream.Server) }, name);
        }
    }

    /// <summary>Writes what is no failure.</summary>
    private void Note(string? job, string key, WatchLine line, params object?[] arguments)
    {
        if (!context.IsQuiet)
        {
            Say(job, _texts.Format(key, arguments), line);
        }
    }

    private void Say(string? job, string sentence, WatchLine line)
    {
        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                line with { Time = StateDocument.Time(_time.GetUtcNow()), Job = job },
                JsonContext.Default.WatchLine,
                isLine: true);
        }
        else
        {
            var now = Stamp(_time.GetUtcNow());
            context.Screen.WriteLine(job is null ? $"{now} {sentence}" : _texts.Format("Watch_Line", now, job, sentence), hanging: 4);
        }

        context.Console.Out.Flush();
    }

    /// <summary>The user's own time: next to it stands what they did.</summary>
    private string Stamp(DateTimeOffset time) =>
        TimeZoneInfo.ConvertTime(time, _time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}

/// <summary>A line of <c>plexsync watch --json</c>. What has nothing to do with its event is not in it.</summary>
internal sealed record WatchLine(string Event)
{
    [JsonPropertyOrder(-1)]
    public string Time { get; init; } = "";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Job { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Users { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Run { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServerDocument? Server { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UserReferenceDocument? Source { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UserReferenceDocument? Target { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Library { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChangeDocument? Change { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Changes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Failures { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReasonDocument? Error { get; init; }

    /// <summary>When it is tried again, or the ordinary run begins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? At { get; init; }
}
