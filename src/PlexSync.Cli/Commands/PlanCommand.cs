using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Saves what <c>sync</c> would do, to be reviewed and applied later.</summary>
internal sealed class PlanCommand(CommandContext context)
{
    [Command("plan")]
    public Task<int> RunAsync(
        [Option("output", ['o'], ValueName = "FILE")] Given? output,
        PlanOptions who,
        AcrossOptions across,
        JobOptions jobs,
        RuleOptions rules,
        ItemOptions items,
        OutcomeOptions limits,
        CancellationToken cancellationToken)
    {
        if (jobs.IsGiven)
        {
            var runner = new JobRunner(context, jobs, (own, task, write) => Prepare(
                own, task, write, jobs.AllJobs ? JobRunner.PerJob(output, task.Job.Name!) : output, cancellationToken));
            return runner.RunAsync(cancellationToken);
        }

        var write = new WriteOptions
        {
            All = limits.All,
            ShowSkipped = limits.ShowSkipped,
            Report = limits.Report,
            MaxRemovals = limits.MaxRemovals,
        };
        var run = Prepare(context, SyncTask.OfPair(context, who, across, rules, items), write, output, cancellationToken);
        return run.Operation.RunAsync(run.Work, cancellationToken);
    }

    private static PreparedRun Prepare(
        CommandContext context, SyncTask task, WriteOptions write, Given? output, CancellationToken cancellationToken)
    {
        write.DryRun = true;
        var file = OutputFile.Of(context, output);
        var operation = new Operation(context, write, task.Across, task.Options, file: file.Path);
        return new(operation, async session =>
        {
            try
            {
                await task.PlanAsync(operation, session, cancellationToken);
            }
            finally
            {
                // A plan over the limit is there to be looked at.
                var plans = operation.Outcome.Reports.Select(static report => report.Plan).ToList();
                if (plans.Count > 0)
                {
                    await file.WriteAsync(stream => SyncPlan.WriteAllAsync(plans, stream, cancellationToken), cancellationToken);
                    operation.Outcome.File = file.Path;
                }
            }
        });
    }
}
