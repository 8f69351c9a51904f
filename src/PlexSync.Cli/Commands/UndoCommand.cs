namespace PlexSync.Cli.Commands;

/// <summary>Takes back what a run did, to all its targets, as far as nobody has watched on since.</summary>
internal sealed class UndoCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var operation = new Operation(run);
        var parts = RunsCommand.Named(run.Argument, await run.Store.ListRunsAsync(cancellationToken: cancellationToken));
        if (parts.Count == 0)
        {
            run.Messages.Note(run.Texts["Undo_Nothing"]);
            return await operation.ReportAsync();
        }

        operation.RequireConsent();

        return await operation.RunAsync(
            async session =>
            {
                operation.Outcome.Source = parts[0].Source;
                run.Messages.Step(2, "Step_Switch", string.Join(", ", parts.Select(part => run.Texts.Users.Of(part.Target))));
                var connections = new Connections(run, operation.Outcome, session);
                var targets = new List<PlexServer>();
                foreach (var part in parts)
                {
                    targets.Add(await connections.SwitchAsync(part.Server, part.Target, cancellationToken));
                }

                await operation.MentionKilledRunsAsync(targets, cancellationToken);
                run.Messages.Step(3, "Step_ReadItems");
                var plans = new List<SyncPlan>();
                foreach (var target in targets)
                {
                    plans.Add(
                        await operation.Synchronizer.PlanUndoAsync(parts[0].Id, target, operation.Options.DryRun, cancellationToken));
                }

                operation.Plan(plans);
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync(targets, cancellationToken);
            },
            cancellationToken);
    }
}
