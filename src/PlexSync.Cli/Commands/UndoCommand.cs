using Cocona;
namespace PlexSync.Cli.Commands;

/// <summary>Takes back what a run did, to all its targets, as far as nobody has watched on since.</summary>
internal sealed class UndoCommand(CommandContext context)
{
    [Command("undo")]
    public async Task<int> RunAsync(
        AcrossOptions across, WriteOptions write, CancellationToken cancellationToken, [Argument("RUN")] string? run = null)
    {
        var operation = new Operation(context, write, across);
        var parts = RunsCommand.Named(run, await context.Store.ListRunsAsync(cancellationToken: cancellationToken));
        if (parts.Count == 0)
        {
            context.Messages.Note(context.Texts["Undo_Nothing"]);
            return await operation.ReportAsync();
        }

        operation.RequireConsent();

        return await operation.RunAsync(
            async session =>
            {
                operation.Outcome.Source = parts[0].Source;
                context.Messages.Step(2, "Step_Switch", string.Join(", ", parts.Select(part => context.Texts.Users.Of(part.Target))));
                var connections = new Connections(operation.Outcome, session, across);
                var targets = new List<PlexServer>();
                foreach (var part in parts)
                {
                    targets.Add(await connections.SwitchAsync(part.Server, part.Target, cancellationToken));
                }

                await operation.MentionKilledRunsAsync(targets, cancellationToken);
                context.Messages.Step(3, "Step_ReadItems");
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
