using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Brings a user to what a snapshot kept, of them or of somebody else.</summary>
internal sealed class RestoreCommand(CommandContext context)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var name = SnapshotCommand.RequireUser(context);
        var operation = new Operation(context);
        await using var file = await InputFile.OpenAsync(context, cancellationToken);
        operation.RequireConsent();
        return await operation.RunAsync(
            async session =>
            {
                var server = await session.ConnectAsync(cancellationToken);
                operation.Outcome.Server = server;
                var user = await session.FindAsync(name, cancellationToken);
                context.Messages.Step("Step_Switch", context.Texts.Users.Of(user));
                var target = await session.SwitchAsync(server, user, cancellationToken);
                await operation.MentionKilledRunsAsync([target], cancellationToken);
                context.Messages.Step("Step_Read");
                var (exact, ratings) = (context.Settings.IsOn(Setting.Exact), context.Settings.IsOn(Setting.Ratings));
                var plan = await InputFile.ReadAsync(
                    context,
                    file,
                    "Snapshot_NotOne",
                    () => operation.Synchronizer.PlanRestoreAsync(
                        file, target, exact, ratings, operation.Options.DryRun, context.Messages, cancellationToken));
                operation.Outcome.Source = plan.Source;
                operation.Plan([plan]);
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync([target], cancellationToken);
            },
            cancellationToken);
    }
}
