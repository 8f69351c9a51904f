namespace PlexSync.Cli.Commands;

/// <summary>
/// Copies the watch state of one user to others, or brings both to the same: proves who everybody is, plans everything, then writes.
/// </summary>
internal sealed class SyncCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Pairing.Require(run);
        var operation = new Operation(run, Choice.Read(run));
        return await operation.RunAsync(
            async session =>
            {
                var pairing = await Pairing.ConnectAsync(run, operation.Outcome, session, cancellationToken);
                var targets = await pairing.PlanAsync(run, operation, cancellationToken);
                if (pairing.WasAsked)
                {
                    // What was typed at a prompt is nothing that anybody has looked over.
                    await operation.AskAsync(cancellationToken);
                }

                await operation.ApplyAsync(targets, cancellationToken);
            },
            cancellationToken);
    }
}
