using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Saves what <c>sync</c> would do, to be reviewed and applied later.</summary>
internal sealed class PlanCommand(CommandContext context)
{
    [Command("plan")]
    public async Task<int> RunAsync(
        [Option("output", ['o'], ValueName = "FILE")] Given? output,
        PlanOptions who,
        AcrossOptions across,
        RuleOptions rules,
        ItemOptions items,
        OutcomeOptions limits,
        CancellationToken cancellationToken)
    {
        var request = new ParticipantRequest(context, who, across);
        request.Require();
        var file = OutputFile.Of(context, output);
        var write = new WriteOptions
        {
            All = limits.All, ShowSkipped = limits.ShowSkipped, Report = limits.Report, MaxRemovals = limits.MaxRemovals,
        };
        var operation = new Operation(context, write, across, Choice.Read(context, rules, items, request), file: file.Path);
        operation.Outcome.IsDryRun = operation.Options.DryRun = true;
        return await operation.RunAsync(
            async session =>
            {
                var participants = await request.ConnectAsync(
                    operation.Outcome, session, mayChooseSeveral: !rules.NeedsOneTarget, cancellationToken);
                try
                {
                    await participants.PlanAsync(operation, cancellationToken);
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
            },
            cancellationToken);
    }
}
