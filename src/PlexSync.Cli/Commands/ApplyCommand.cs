using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Does what a saved plan says, to whom it says, where its items still are as it says.</summary>
internal sealed class ApplyCommand(CommandContext context)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SyncPlan> plans;
        await using (var file = await InputFile.OpenAsync(context, cancellationToken))
        {
            plans = await InputFile.ReadAsync(context, file, "Plan_NotOne", () => SyncPlan.ReadAllAsync(file, cancellationToken));
        }

        var operation = new Operation(context, isReviewed: true);
        return await operation.RunAsync(
            async session =>
            {
                operation.Outcome.Source = plans[0].Source;
                context.Messages.Step("Step_Switch", string.Join(", ", plans.Select(static plan => plan.Target.Title)));
                var connections = new Connections(context, operation.Outcome, session);
                var served = await Session.ConnectEachAsync(
                    context,
                    plans,
                    static plan => plan.Target,
                    plan => connections.SwitchAsync(plan.Server, plan.Target, cancellationToken),
                    operation.Outcome,
                    least: 1,
                    isAll: false,
                    cancellationToken);
                plans = served.ConvertAll(static one => one.One);
                var targets = served.ConvertAll(static one => one.Server);
                operation.Plan(plans);
                await operation.MentionKilledRunsAsync(targets, cancellationToken);
                await operation.ApplyAsync(targets, cancellationToken, await ConnectSourceAsync(plans, connections, cancellationToken));
            },
            cancellationToken);
    }

    /// <summary>
    /// What is taken away rests on the source, who is read again for it; where that is not possible the removals are left out.
    /// </summary>
    private async Task<PlexServer?> ConnectSourceAsync(
        IReadOnlyList<SyncPlan> plans, Connections connections, CancellationToken cancellationToken)
    {
        if (context.Settings.IsOn(Setting.DryRun)
            || plans.FirstOrDefault(
                static plan => plan.Undoes is null && plan.Changes.Any(static change => change.IsRemoval)) is not { } plan)
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
