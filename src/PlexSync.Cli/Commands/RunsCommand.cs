using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the runs that wrote something, or finishes one that was killed.</summary>
internal sealed class RunsCommand(Run run)
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

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (run.Settings.IsGivenAsOption(Setting.Report) && run.Settings.Find(Setting.Resume) is null)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", Setting.Report.Option, Setting.Resume.Option);
        }

        var runs = await run.Store.ListRunsAsync(cancellationToken: cancellationToken);
        if (run.Settings.Get(Setting.Resume) is { } name)
        {
            return await ResumeAsync(Named(name, runs), cancellationToken);
        }

        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new RunsDocument(runs.Select(RunDocument.Of).ToList()), JsonContext.Default.RunsDocument);
        }
        else if (runs.Count == 0)
        {
            run.Screen.WriteLine(run.Texts["Runs_None"]);
        }
        else
        {
            run.Screen.WriteTable(
                [
                    run.Texts["Column_Run"], run.Texts["Column_From"], run.Texts["Column_To"], run.Texts["Column_Server"],
                    run.Texts["Column_What"], run.Texts["Column_Outcome"],
                ],
                runs.Select(Row).ToList());
        }

        return ExitCode.Done;
    }

    private string[] Row(SyncRun known)
    {
        var parts = Phrases.Outcomes(outcome => known.Outcomes.GetValueOrDefault(outcome), run.Texts);
        parts.AddRange(known.IsFinished ? [] : [run.Texts["Runs_Open"]]);
        return
        [
            $"{known.Id}",
            known.Source.Title,
            known.Target.Title,
            known.Server.Name,
            known.Undoes is { } undone ? run.Texts.Format("Runs_Undo", undone) : known.Policy,
            string.Join(", ", parts),
        ];
    }

    private async Task<int> ResumeAsync(IReadOnlyList<SyncRun> parts, CancellationToken cancellationToken)
    {
        var open = parts.Where(static part => !part.IsFinished).ToList();
        var operation = new Operation(run);
        if (open.Count == 0)
        {
            run.Messages.Note(run.Texts.Format("Run_Finished", parts[0].Id));
            return await operation.ReportAsync();
        }

        return await operation.RunAsync(
            async session =>
            {
                var connections = new Connections(run, operation.Outcome, session);
                operation.Outcome.Source = open[0].Source;
                operation.Outcome.Id = open[0].Id;
                foreach (var part in open)
                {
                    run.Messages.Step(2, "Step_Switch", run.Texts.Users.Of(part.Target));
                    var target = await connections.SwitchAsync(part.Server, part.Target, cancellationToken);
                    run.Messages.Step(4, "Step_Write");
                    var report = operation.Outcome.IsDryRun
                        ? await run.Store.ReadRunAsync(part, cancellationToken)
                        : await operation.Synchronizer.ResumeAsync(part.Id, target, run.Messages, cancellationToken);
                    operation.Outcome.Reports = [.. operation.Outcome.Reports, report];
                }
            },
            cancellationToken);
    }
}
