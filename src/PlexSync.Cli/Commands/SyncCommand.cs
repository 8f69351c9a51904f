namespace PlexSync.Cli.Commands;

/// <summary>
/// Copies the watch state of one user to others, or brings both to the same: proves who everybody is, plans everything, then writes.
/// </summary>
internal sealed class SyncCommand(CommandContext context)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Participants.Require(context);
        var operation = new Operation(context, Choice.Read(context));
        return await operation.RunAsync(
            async session =>
            {
                var participants = await Participants.ConnectAsync(context, operation.Outcome, session, cancellationToken);
                var targets = await participants.PlanAsync(context, operation, cancellationToken);
                if (participants.WasAsked)
                {
                    // What was typed at a prompt is nothing that anybody has looked over.
                    await operation.AskAsync(cancellationToken);
                }

                await operation.ApplyAsync(targets, cancellationToken);
            },
            cancellationToken);
    }
}
