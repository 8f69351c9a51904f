using Cocona;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Takes back what a run did, to all its targets, as far as nobody has watched on since.</summary>
internal sealed class UndoCommand(CommandContext context)
{
    [Command("undo")]
    public async Task<int> RunAsync(
        AcrossOptions across, WriteOptions write, CancellationToken cancellationToken, [Argument("RUN")] string? run = null)
    {
        var operation = new Operation(context, write, across);
        var parts = RunsCommand.Named(run, await context.Store.ListRunsAsync(cancellationToken: cancellationToken));
        if (parts.Count == 0)
        {
            context.Messages.Note(context.Texts["Undo_Nothing"]);
            return await operation.ReportAsync();
        }

        operation.RequireConsent();
        operation.Outcome.UndoneName = Phrases.NameOf(parts[0]);
        // With --quiet, too, a question says what it is about.
        Action<string> tell = operation.WouldAsk ? context.Messages.Say : context.Messages.Note;
        tell(context.Texts.Format(
            "Runs_Chosen",
            operation.Outcome.UndoneName,
            context.Texts.When(parts[0].StartedAt, context.Console.Time.LocalTimeZone),
            string.Join(context.Texts["Runs_Separator"], parts.Select(Describe))));

        return await operation.RunAsync(
            async session =>
            {
                operation.Outcome.Source = parts[0].Source;
                context.Messages.Step("Step_Switch", string.Join(", ", parts.Select(part => context.Texts.Users.Of(part.Target))));
                var connections = new Connections(context, operation.Outcome, session, across);
                var served = await connections.SwitchEachAsync(parts, static part => (part.Server, part.Target), cancellationToken);
                var targets = served.ConvertAll(static one => one.Server);
                await operation.MentionKilledRunsAsync(targets, cancellationToken);
                context.Messages.Step("Step_ReadItems");
                await operation.PlanAsync(
                    await operation.Synchronizer.PlanUndoAsync(parts[0].Id, targets, operation.Options.DryRun, cancellationToken));
                await operation.AskAsync(cancellationToken);
                await operation.ApplyAsync(targets, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Whose state went to whom, and how much of it.</summary>
    private string Describe(SyncRun part) => context.Texts.Format(
        "Runs_Part",
        context.Texts.Format("Runs_Users", part.Source.Title, part.Target.Title),
        string.Join(", ", Phrases.Outcomes(outcome => part.Outcomes.GetValueOrDefault(outcome), context.Texts)));
}
