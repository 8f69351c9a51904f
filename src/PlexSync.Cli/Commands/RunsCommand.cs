using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the runs that wrote something, or finishes one that was killed.</summary>
internal sealed class RunsCommand(CommandContext context)
{
    /// <summary>The parts of a run, one per target: of the one named, or of the last that can be undone.</summary>
    public static IReadOnlyList<SyncRun> Named(string? name, IReadOnlyList<SyncRun> runs)
    {
        if (name is null)
        {
            return SyncRun.FindLast(runs) is { } last ? PartsOf(last) : [];
        }

        return RunId.TryParse(name, out var id) && PartsOf(id) is { Count: > 0 } parts
            ? parts
            : throw new CliException(Failure.NameOf(PlexErrorKind.RunNotFound), "Run_NotFound", name);

        List<SyncRun> PartsOf(RunId run) => runs.Where(known => known.Id == run).ToList();
    }

    [Command("runs")]
    public async Task<int> RunAsync(
        [Option("resume", ValueName = "RUN")] Given? resume,
        AcrossOptions across,
        [Option("dry-run", ['n'])] bool isDryRun,
        [Option("yes")] bool isAgreed,
        [Option("report", ValueName = "FILE")] Given? report,
        CancellationToken cancellationToken)
    {
        if (report is { IsTyped: true } && resume is null)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", "--report", "--resume");
        }

        var runs = await context.Store.ListRunsAsync(cancellationToken: cancellationToken);
        if (resume is not null)
        {
            return await ResumeAsync(
                Named(resume.Value, runs), across, new() { DryRun = isDryRun, Yes = isAgreed, Report = report }, cancellationToken);
        }

        if (context.IsJson)
        {
            JsonOutput.Write(context.Console.Out, new RunsDocument(runs.Select(RunDocument.Of).ToList()), JsonContext.Default.RunsDocument);
        }
        else if (runs.Count == 0)
        {
            context.Screen.WriteLine(context.Texts["Runs_None"]);
        }
        else
        {
            context.Screen.WriteTable(
                [
                    context.Texts["Column_Run"], context.Texts["Column_From"], context.Texts["Column_To"], context.Texts["Column_Server"],
                    context.Texts["Column_What"], context.Texts["Column_Outcome"],
                ],
                runs.Select(Row).ToList());
        }

        return ExitCode.Done;
    }

    private string[] Row(SyncRun known)
    {
        var parts = Phrases.Outcomes(outcome => known.Outcomes.GetValueOrDefault(outcome), context.Texts);
        parts.AddRange(known.IsFinished ? [] : [context.Texts["Runs_Open"]]);
        return
        [
            $"{known.Id}",
            known.Source.Title,
            known.Target.Title,
            known.Server.Name,
            known.Undoes is { } undone ? context.Texts.Format("Runs_Undo", undone) : known.Policy,
            string.Join(", ", parts),
        ];
    }

    private async Task<int> ResumeAsync(
        IReadOnlyList<SyncRun> parts, AcrossOptions across, WriteOptions write, CancellationToken cancellationToken)
    {
        var open = parts.Where(static part => !part.IsFinished).ToList();
        var operation = new Operation(context, write, across);
        if (open.Count == 0)
        {
            context.Messages.Note(context.Texts.Format("Run_Finished", parts[0].Id));
            return await operation.ReportAsync();
        }

        return await operation.RunAsync(
            async session =>
            {
                var connections = new Connections(operation.Outcome, session, across);
                operation.Outcome.Source = open[0].Source;
                operation.Outcome.Id = open[0].Id;
                foreach (var part in open)
                {
                    context.Messages.Step(2, "Step_Switch", context.Texts.Users.Of(part.Target));
                    var target = await connections.SwitchAsync(part.Server, part.Target, cancellationToken);
                    context.Messages.Step(4, "Step_Write");
                    var report = operation.Outcome.IsDryRun
                        ? await context.Store.ReadRunAsync(part, cancellationToken)
                        : await operation.Synchronizer.ResumeAsync(part.Id, target, context.Messages, cancellationToken);
                    operation.Outcome.Reports = [.. operation.Outcome.Reports, report];
                }
            },
            cancellationToken);
    }
}
