using Cocona;

namespace PlexSync.Cli.Commands;

/// <summary>
/// Copies the watch state of one user to others, or brings both to the same: proves who everybody is, plans everything, then writes.
/// </summary>
internal sealed class SyncCommand(CommandContext context)
{
    [Command("sync")]
    public Task<int> RunAsync(
        PlanOptions who,
        AcrossOptions across,
        JobOptions jobs,
        RuleOptions rules,
        ItemOptions items,
        ReadingOptions reading,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        if (jobs.IsGiven)
        {
            return new JobRunner(context, jobs, (own, task, write) => Prepare(own, task, write, cancellationToken))
                .RunAsync(cancellationToken);
        }

        var run = Prepare(context, SyncTask.OfPair(context, who, across, rules, items, reading), write, cancellationToken);
        return run.Operation.RunAsync(run.Work, cancellationToken);
    }

    /// <summary>Plans, asks first if the targets were chosen from a list, and writes.</summary>
    public static PreparedRun Prepare(CommandContext context, SyncTask task, WriteOptions write, CancellationToken cancellationToken)
    {
        var operation = new Operation(context, write, task.Across, task.Options);
        return new(operation, async session =>
        {
            var targets = await task.PlanAsync(operation, session, cancellationToken);
            if (task.WasAsked)
            {
                // A choice made at a prompt is confirmed before anything is written.
                await operation.AskAsync(cancellationToken);
            }

            await operation.ApplyAsync(targets, cancellationToken);
        });
    }
}
