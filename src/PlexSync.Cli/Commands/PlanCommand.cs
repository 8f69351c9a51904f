using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Saves what <c>sync</c> would do, to be reviewed and applied later.</summary>
internal sealed class PlanCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Pairing.Require(run);
        var file = OutputFile.Of(run);
        var operation = new Operation(run, Choice.Read(run));
        operation.Outcome.IsDryRun = operation.Options.DryRun = true;
        return await operation.RunAsync(
            async session =>
            {
                var pairing = await Pairing.ConnectAsync(run, operation.Outcome, session, cancellationToken);
                try
                {
                    await pairing.PlanAsync(run, operation, cancellationToken);
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
