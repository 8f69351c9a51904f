using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Brings several users to a common state.</summary>
internal sealed class MergeCommand(CommandContext context)
{
    [Command("merge")]
    public async Task<int> RunAsync(
        [Option("user", ValueName = "USER")] string[] names,
        [Option("policy", ValueName = "POLICY")] Given? policy,
        ItemOptions items,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        if (names.Length < 2)
        {
            throw new CliException(CliException.Usage, "Merge_TooFew", "--user");
        }

        var operation = new Operation(context, write, options: Choice.ReadMerge(context, policy, items));
        return await operation.RunAsync(
            async session =>
            {
                var server = await session.ConnectAsync(cancellationToken);
                operation.Outcome.Server = server;
                var users = await session.FindAsync(names, [], "Merge_SameUser", cancellationToken);
                context.Messages.Step("Step_Switch", context.Texts.Users.Of(users));
                var servers = await session.SwitchAllAsync(server, users, operation.Outcome, least: 2, isAll: false, cancellationToken);
                await operation.MentionKilledRunsAsync(servers, cancellationToken);
                context.Messages.Step("Step_Read");
                operation.Plan(
                    await operation.Synchronizer.PlanMergeAsync(servers, operation.Options, context.Messages, cancellationToken));
                await operation.ApplyAsync(servers, cancellationToken);
            },
            cancellationToken);
    }
}
