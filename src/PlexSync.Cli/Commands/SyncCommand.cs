using Cocona;
namespace PlexSync.Cli.Commands;

/// <summary>
/// Copies the watch state of one user to others, or brings both to the same: proves who everybody is, plans everything, then writes.
/// </summary>
internal sealed class SyncCommand(CommandContext context)
{
    [Command("sync")]
    public async Task<int> RunAsync(
        PlanOptions who,
        AcrossOptions across,
        RuleOptions rules,
        ItemOptions items,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        var request = new ParticipantRequest(context, who, across);
        request.Require();
        var operation = new Operation(context, write, across, Choice.Read(context, rules, items, request));
        return await operation.RunAsync(
            async session =>
            {
                var participants = await request.ConnectAsync(
                    operation.Outcome, session, mayChooseSeveral: !rules.NeedsOneTarget, cancellationToken);
                var targets = await participants.PlanAsync(operation, cancellationToken);
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
