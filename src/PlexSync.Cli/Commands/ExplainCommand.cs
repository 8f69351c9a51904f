using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Tells why the items of a title would be synchronised, or would not. Writes nothing.</summary>
internal sealed class ExplainCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Pairing.Require(run);
        if (run.Settings.GetAll(Setting.To).Count > 1)
        {
            throw new CliException(CliException.Usage, "Option_Repeated", Setting.To.Option);
        }

        var options = Choice.Read(run);
        var outcome = new SyncOutcome { Id = RunId.Create(run.Around.Time) };
        run.Messages.Step(1, "Step_Connect");
        using var session = await Session.SignInAsync(run, cancellationToken);
        var pairing = await Pairing.ConnectAsync(run, outcome, session, cancellationToken, isOneOnly: true);
        run.Messages.Step(3, "Step_Read");
        var (source, target) = (pairing.Source, pairing.Targets[0]);
        var explanations = await run.CreateSynchronizer()
            .ExplainAsync(source, target, run.Argument!, options, run.Messages, cancellationToken);
        run.Messages.EndProgress();
        if (run.IsJson)
        {
            JsonOutput.Write(
                run.Around.Out,
                ExplainDocument.Of(source, target, options.Policy!.Name, explanations, run.Texts),
                JsonContext.Default.ExplainDocument);
        }
        else
        {
            var (from, to) = (run.Texts.Users.Of(source.User), run.Texts.Users.Of(target.User));
            new ExplanationWriter(run.Screen, run.Texts, from, to, options.Policy!.Name).Write(run.Argument!, explanations);
        }

        return ExitCode.Done;
    }
}
