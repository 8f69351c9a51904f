using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Brings several users to a common state.</summary>
internal sealed class MergeCommand(CommandContext context)
{
    [Command("merge")]
    public Task<int> RunAsync(
        [Option("user", ValueName = "USER")] string[] names,
        [Option("policy", ValueName = "POLICY")] Given? policy,
        [Option("quorum", ValueName = "N")] Given? quorum,
        ItemOptions items,
        ReadingOptions reading,
        WriteOptions write,
        CancellationToken cancellationToken)
    {
        if (names.Length < 2)
        {
            throw new CliException(CliException.Usage, "Merge_TooFew", "--user");
        }

        var run = SyncCommand.Prepare(context, SyncTask.OfMerge(context, names, policy, quorum, items, reading), write, cancellationToken);
        return run.Operation.RunAsync(run.Work, cancellationToken);
    }
}
