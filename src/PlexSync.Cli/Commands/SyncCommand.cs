using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Copies the watch state of one user to others: proves who everybody is, plans everything, then writes.</summary>
internal sealed class SyncCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var names = Pairing.RequireTargets(run);
        var policy = Pairing.FindPolicy(run);
        var operation = new Operation(run);
        operation.Options.Policy = policy;
        operation.Options.Libraries = run.Settings.GetAll(Setting.Library);
        return await operation.RunAsync(
            async session => await operation.ApplyAsync(await Pairing.PlanAsync(run, operation, session, names, cancellationToken), cancellationToken),
            cancellationToken);
    }
}
