using Cocona;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Tells why the items of a title would be synchronised, or would not. Writes nothing.</summary>
internal sealed class ExplainCommand(CommandContext context)
{
    [Command("explain")]
    public async Task<int> RunAsync(
        [Argument("TITLE")] string title,
        PairOptions who,
        AcrossOptions across,
        RuleOptions rules,
        ItemOptions items,
        CancellationToken cancellationToken)
    {
        var named = new PlanOptions { From = who.From, To = who.To };
        var request = new ParticipantRequest(context, named, across);
        request.Require();
        if (who.To.Length > 1)
        {
            throw new CliException(CliException.Usage, "Option_Repeated", "--to");
        }

        var options = Choice.CreateOptions(context, Choice.ToJob(named, rules, items), request.IsAcross);
        var outcome = new SyncOutcome { Id = RunId.Create(context.Console.Time) };
        context.Messages.Step("Step_Connect");
        using var session = await Session.SignInAsync(context, cancellationToken, across, isAhead: true);
        var participants = await request.ConnectAsync(outcome, session, mayChooseSeveral: false, cancellationToken);
        context.Messages.Step("Step_Read");
        var (source, target) = (participants.Source, participants.Targets[0]);
        var explanations = await context.CreateSynchronizer()
            .ExplainAsync(source, target, title, options, context.Messages, cancellationToken);
        context.Messages.EndProgress();
        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                ExplainDocument.Of(source, target, options.Policy!.Name, explanations, context.Texts),
                JsonContext.Default.ExplainDocument);
        }
        else
        {
            var (from, to) = (context.Texts.Users.Of(source.User), context.Texts.Users.Of(target.User));
            new ExplanationWriter(context.Screen, context.Texts, from, to, options.Policy!.Name).Write(title, explanations);
        }

        return ExitCode.Done;
    }
}
