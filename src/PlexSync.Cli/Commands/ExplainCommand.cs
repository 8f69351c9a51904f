using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Tells why the items of a title would be synchronised, or would not. Writes nothing.</summary>
internal sealed class ExplainCommand(CommandContext context)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Participants.Require(context);
        if (context.Settings.GetAll(Setting.To).Count > 1)
        {
            throw new CliException(CliException.Usage, "Option_Repeated", Setting.To.Option);
        }

        var options = Choice.Read(context);
        var outcome = new SyncOutcome { Id = RunId.Create(context.Console.Time) };
        context.Messages.Step("Step_Connect");
        using var session = await Session.SignInAsync(context, cancellationToken);
        var participants = await Participants.ConnectAsync(context, outcome, session, cancellationToken, isOneOnly: true);
        context.Messages.Step("Step_Read");
        var (source, target) = (participants.Source, participants.Targets[0]);
        var explanations = await context.CreateSynchronizer()
            .ExplainAsync(source, target, context.Argument!, options, context.Messages, cancellationToken);
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
            new ExplanationWriter(context.Screen, context.Texts, from, to, options.Policy!.Name).Write(context.Argument!, explanations);
        }

        return ExitCode.Done;
    }
}
