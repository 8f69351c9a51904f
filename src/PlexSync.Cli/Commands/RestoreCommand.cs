using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Brings a user to what a snapshot kept, of them or of somebody else.</summary>
internal sealed class RestoreCommand(CommandContext context)
{
    [Command("restore")]
    public async Task<int> RunAsync(
        [Argument("FILE")] string path,
        [Option("user", ValueName = "USER")] string[] named,
        [Option("exact")] bool exact,
        [Option("ratings")] bool ratings,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        var name = SnapshotCommand.RequireUser(named);
        var operation = new Operation(context, write, file: path);
        await using var file = await InputFile.OpenAsync(context, path, cancellationToken);
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
                var plan = await InputFile.ReadAsync(
                    path,
                    file,
                    "Snapshot_NotOne",
                    () => operation.Synchronizer.PlanRestoreAsync(
                        file, target, exact, ratings, operation.Options.DryRun, context.Messages, cancellationToken));
                operation.Outcome.Source = plan.Source;
                await operation.PlanAsync([plan]);
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync([target], cancellationToken);
            },
            cancellationToken);
    }
}
