using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Saves what <c>sync</c> would do, to be reviewed and applied later.</summary>
internal sealed class PlanCommand(CommandContext context)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Participants.Require(context);
        var file = OutputFile.Of(context);
        var operation = new Operation(context, Choice.Read(context));
        operation.Outcome.IsDryRun = operation.Options.DryRun = true;
        return await operation.RunAsync(
            async session =>
            {
                var participants = await Participants.ConnectAsync(context, operation.Outcome, session, cancellationToken);
                try
                {
                    await participants.PlanAsync(context, operation, cancellationToken);
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
