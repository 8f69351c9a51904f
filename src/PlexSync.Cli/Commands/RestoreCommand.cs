using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Brings a user to what a snapshot kept, of them or of somebody else.</summary>
internal sealed class RestoreCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var name = SnapshotCommand.RequireUser(run);
        var operation = new Operation(run);
        await using var file = await InputFile.OpenAsync(run, cancellationToken);
        operation.RequireConsent();
        return await operation.RunAsync(
            async session =>
            {
                var server = await session.ConnectAsync(cancellationToken);
                operation.Outcome.Server = server;
                var user = await session.FindAsync(name, cancellationToken);
                run.Messages.Step(2, "Step_Switch", run.Texts.Users.Of(user));
                var target = await session.SwitchAsync(server, user, cancellationToken);
                await operation.MentionKilledRunsAsync([target], cancellationToken);
                run.Messages.Step(3, "Step_Read");
                var (exact, ratings) = (run.Settings.IsOn(Setting.Exact), run.Settings.IsOn(Setting.Ratings));
                var plan = await InputFile.ReadAsync(
                    run,
                    file,
                    "Snapshot_NotOne",
                    () => operation.Synchronizer.PlanRestoreAsync(
                        file, target, exact, ratings, operation.Options.DryRun, run.Messages, cancellationToken));
                operation.Outcome.Source = plan.Source;
                operation.Plan([plan]);
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync([target], cancellationToken);
            },
            cancellationToken);
    }
}
