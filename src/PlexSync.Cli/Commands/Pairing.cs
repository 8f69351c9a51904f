using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Whose state goes to whom: the users that <c>sync</c> and <c>plan</c> name, each proved, and the plans between them.</summary>
internal static class Pairing
{
    /// <summary>What can be checked before anybody is asked anything.</summary>
    public static IReadOnlyList<string> RequireTargets(Run run) => run.Settings.GetAll(Setting.To) is { Count: > 0 } names
        ? names
        : throw new CliException(CliException.Usage, "NoTarget", Setting.To.Option, Setting.To.Variable, Setting.To.Key);

    public static IConflictPolicy FindPolicy(Run run)
    {
        var name = run.Settings.Get(Setting.Policy) ?? ConflictPolicies.Copy.Name;
        return ConflictPolicies.TryGet(name, out var policy)
            ? policy
            : throw new CliException("policyNotFound", "NoPolicy", name, string.Join(", ", ConflictPolicies.All.Select(static known => known.Name)));
    }

    /// <summary>Connects everybody and plans; returns the targets.</summary>
    public static async Task<IReadOnlyList<PlexServer>> PlanAsync(
        Run run, Operation operation, Session session, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var outcome = operation.Outcome;
        var server = await session.ConnectAsync(cancellationToken);
        outcome.Server = server;

        var users = new List<PlexUser> { await session.FindAsync(run.Settings.Get(Setting.From), cancellationToken) };
        outcome.Source = SyncOutcome.Of(users[0]);
        foreach (var name in names)
        {
            var user = await session.FindAsync(name, cancellationToken);
            // Known before anybody's PIN is asked for.
            users.Add(users.TrueForAll(other => other.Id != user.Id)
                ? user
                : throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), "Error_SameUser", user.Title));
        }

        run.Messages.Step(2, "Step_Switch", string.Join(", ", users.Skip(1).Select(static user => user.Title)));
        var source = await session.SwitchAsync(server, users[0], cancellationToken);
        var targets = new List<PlexServer>();
        foreach (var user in users.Skip(1))
        {
            targets.Add(await session.SwitchAsync(server, user, cancellationToken));
        }

        await operation.SettleAsync(targets, cancellationToken);
        run.Messages.Step(3, "Step_Read");
        operation.Plan(await operation.Synchronizer.PlanAsync(source, targets, operation.Options, run.Messages, cancellationToken));
        return targets;
    }
}
