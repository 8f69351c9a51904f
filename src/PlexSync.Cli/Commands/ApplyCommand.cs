using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Does what a saved plan says, to whom it says, where its items still are as it says.</summary>
internal sealed class ApplyCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        SyncPlan plan;
        await using (var file = await InputFile.OpenAsync(run, cancellationToken))
        {
            plan = await SyncPlan.ReadAsync(file, cancellationToken);
        }

        var operation = new Operation(run, isReviewed: true);
        return await operation.RunAsync(
            async session =>
            {
                var server = await session.ConnectAsync(plan.Server.MachineIdentifier, cancellationToken);
                operation.Outcome.Server = server;
                operation.Outcome.Source = plan.Source;
                plan.RequireServer(server);
                run.Messages.Step(2, "Step_Switch", plan.Target.Title);
                var target = await session.SwitchAsync(server, await session.FindAsync($"id:{plan.Target.Id}", cancellationToken), cancellationToken);
                await operation.SettleAsync([target], cancellationToken);
                operation.Plan([plan]);
                await operation.ApplyAsync([target], cancellationToken);
            },
            cancellationToken);
    }
}
