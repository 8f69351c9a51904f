using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the runs that wrote something, or finishes one that was killed.</summary>
internal sealed class RunsCommand(CommandContext context)
{
    private static readonly string[] ResumeOnly = ["report", "all", "show-skipped"];

    /// <summary>The parts of a run, one per target: of the one with that number or name, or of the last that can be undone.</summary>
    public static IReadOnlyList<SyncRun> Named(string? name, IReadOnlyList<SyncRun> runs)
    {
        if (name is null)
        {
            return SyncRun.FindLast(runs) is { } last ? SyncRun.PartsOf(runs, last) : [];
        }

        return SyncRun.FindParts(runs, name) is { Count: > 0 } parts ? parts
            : throw new CliException(Failure.NameOf(PlexErrorKind.RunNotFound), "Run_NotFound", name);
    }

    [Command("runs")]
    public async Task<int> RunAsync(
        [Option("resume", ValueName = "RUN")] Given? resume,
        AcrossOptions across,
        [Option("dry-run", ['n'])] bool isDryRun,
        [Option("yes")] bool isAgreed,
        ShownOptions shown,
        CancellationToken cancellationToken)
    {
        if (resume is null && ResumeOnly.FirstOrDefault(context.Settings.IsTyped) is { } useless)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", $"--{useless}", "--resume");
        }

        var runs = await context.Store.ListRunsAsync(cancellationToken: cancellationToken);
        if (resume is not null)
        {
            return await ResumeAsync(
                Named(resume.Value, runs),
                across,
                new() { DryRun = isDryRun, Yes = isAgreed, All = shown.All, ShowSkipped = shown.ShowSkipped, Report = shown.Report },
                cancellationToken);
        }

        if (context.IsJson)
        {
            var document = new RunsDocument(runs.Select(run => RunDocument.Of(run, runs)).ToList());
            JsonOutput.Write(context.Console.Out, document, JsonContext.Default.RunsDocument);
        }
        else if (runs.Count == 0)
        {
            context.Screen.WriteLine(context.Texts["Runs_None"]);
        }
        else
        {
            WriteTable(runs);
        }

        return ExitCode.Done;
    }

    /// <summary>A line per target; what its run is called stands in the first one.</summary>
    private void WriteTable(IReadOnlyList<SyncRun> runs)
    {
        var texts = context.Texts;
        var numbers = runs.DistinctBy(static run => run.Id).ToDictionary(static run => run.Id, Phrases.NameOf);
        var isOneServer = runs.DistinctBy(static run => run.Server.MachineIdentifier).Count() == 1;
        var rows = new List<string[]>();
        RunId? above = null;
        foreach (var run in runs)
        {
            var isFirst = run.Id != above;
            above = run.Id;
            var what = run.Undoes is { } undone ? texts.Format("Runs_Undo", numbers.GetValueOrDefault(undone, $"{undone}"))
                : Phrases.What(run, texts);
            var users = run.Source.Id == run.Target.Id ? run.Target.Title : texts.Format("Runs_Users", run.Source.Title, run.Target.Title);
            // How many were updated has a column of its own.
            var outcomes = Phrases.Outcomes(outcome => run.Outcomes.GetValueOrDefault(outcome), texts)[1..];
            outcomes.AddRange(run.IsFinished ? [] : [texts["Runs_Open"]]);
            outcomes.AddRange(run.FindUndo(runs) is { } undo ? [texts.Format("Runs_Undone", Phrases.NameOf(undo))] : []);
            rows.Add(
            [
                isFirst ? Phrases.NameOf(run) : "",
                isFirst ? texts.When(run.StartedAt, context.Console.Time.LocalTimeZone) : "",
                isOneServer ? users : texts.Format("Runs_UsersOn", users, run.Server.Name),
                isFirst ? what : "",
                texts.Number(run.Outcomes.GetValueOrDefault(ChangeOutcome.Applied)),
                outcomes.Count > 0 ? string.Join(", ", outcomes) : texts["Runs_Done"],
            ]);
        }

        context.Screen.WriteTable(
            [
                texts["Column_Number"], texts["Column_Date"], texts["Column_Users"], texts["Column_What"], texts["Column_Updated"],
                texts["Column_Outcome"],
            ],
            rows);
        var open = runs.Where(static run => !run.IsFinished).Select(Phrases.NameOf).Distinct().ToList();
        if (open.Count > 0)
        {
            context.Screen.WriteLine();
        }

        foreach (var run in open)
        {
            context.Screen.WriteCommand(texts.Format("Runs_Resume", run));
        }
    }

    private async Task<int> ResumeAsync(
        IReadOnlyList<SyncRun> parts, AcrossOptions across, WriteOptions write, CancellationToken cancellationToken)
    {
        var open = parts.Where(static part => !part.IsFinished).ToList();
        var operation = new Operation(context, write, across);
        if (open.Count == 0)
        {
            context.Messages.Note(context.Texts.Format("Run_Finished", Phrases.NameOf(parts[0])));
            return await operation.ReportAsync();
        }

        return await operation.RunAsync(
            async session =>
            {
                var connections = new Connections(context, operation.Outcome, session, across);
                operation.Outcome.Source = open[0].Source;
                operation.Outcome.Id = open[0].Id;
                context.Messages.Step("Step_Switch", string.Join(", ", open.Select(part => context.Texts.Users.Of(part.Target))));
                // Everybody is proved before anything is written.
                var served = await connections.SwitchEachAsync(open, static part => (part.Server, part.Target), cancellationToken);
                context.Messages.Step(operation.Outcome.IsDryRun ? "Step_Show" : "Step_Write");
                foreach (var (part, target) in served)
                {
                    var report = operation.Outcome.IsDryRun
                        ? await context.Store.ReadRunAsync(part, cancellationToken)
                        : await operation.Synchronizer.ResumeAsync(part.Id, target, context.Messages, cancellationToken);
                    operation.Outcome.Reports = [.. operation.Outcome.Reports, report];
                }
            },
            cancellationToken);
    }
}
