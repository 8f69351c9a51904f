using Cocona;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Does what a saved plan says, to whom it says, where its items still are as it says.</summary>
internal sealed class ApplyCommand(CommandContext context)
{
    [Command("apply")]
    public async Task<int> RunAsync(
        [Argument("FILE")] string path, AcrossOptions across, WriteOptions write, CancellationToken cancellationToken)
    {
        IReadOnlyList<SyncPlan> plans;
        await using (var file = await InputFile.OpenAsync(context, path, cancellationToken))
        {
            plans = await InputFile.ReadAsync(path, file, "Plan_NotOne", () => SyncPlan.ReadAllAsync(file, cancellationToken));
        }

        var operation = new Operation(context, write, across, isReviewed: true, file: path);
        return await operation.RunAsync(
            async session =>
            {
                operation.Outcome.Source = plans[0].Source;
                context.Messages.Step("Step_Switch", string.Join(", ", plans.Select(static plan => plan.Target.Title)));
                var connections = new Connections(context, operation.Outcome, session, across);
                var served = await connections.SwitchEachAsync(plans, static plan => (plan.Server, plan.Target), cancellationToken);
                plans = served.ConvertAll(static one => one.One);
                var targets = served.ConvertAll(static one => one.Server);
                await operation.PlanAsync(plans);
                await operation.MentionKilledRunsAsync(targets, cancellationToken);
                var source = write.DryRun ? null : await ConnectSourceAsync(plans, connections, cancellationToken);
                await operation.ApplyAsync(targets, cancellationToken, source);
            },
            cancellationToken);
    }

    /// <summary>
    /// What is taken away rests on the source, who is read again for it; where that is not possible the removals are left out.
    /// </summary>
    private async Task<PlexServer?> ConnectSourceAsync(
        IReadOnlyList<SyncPlan> plans, Connections connections, CancellationToken cancellationToken)
    {
        if (plans.FirstOrDefault(static plan => plan.Undoes is null && plan.Changes.Any(static change => change.IsRemoval)) is not { } plan)
        {
            return null;
        }

        try
        {
            return await connections.SwitchAsync(plan.SourceServer ?? plan.Server, plan.Source, cancellationToken);
        }
        catch (PlexException e)
        {
            context.Messages.Warn(Failure.Of(e, context.Texts).Message);
            return null;
        }
    }
}
