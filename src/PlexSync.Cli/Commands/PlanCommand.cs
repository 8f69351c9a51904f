using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Saves what <c>sync</c> would do, to be reviewed and applied later.</summary>
internal sealed class PlanCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var names = Pairing.RequireTargets(run);
        if (names.Count > 1)
        {
            throw new CliException(CliException.Usage, "Plan_OneTarget", Setting.To.Option);
        }

        var file = OutputFile.Of(run);
        var policy = Pairing.FindPolicy(run);
        var operation = new Operation(run);
        operation.Outcome.IsDryRun = true;
        operation.Options.Policy = policy;
        operation.Options.Libraries = run.Settings.GetAll(Setting.Library);
        return await operation.RunAsync(
            async session =>
            {
                try
                {
                    await Pairing.PlanAsync(run, operation, session, names, cancellationToken);
                }
                finally
                {
                    // A plan over the limit is there to be looked at.
                    foreach (var report in operation.Outcome.Reports)
                    {
                        await file.WriteAsync(stream => report.Plan.WriteAsync(stream, cancellationToken), cancellationToken);
                        operation.Outcome.File = file.Path;
                    }
                }
            },
            cancellationToken);
    }
}
