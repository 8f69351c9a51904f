using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Whose state goes to whom: the users that <c>sync</c>, <c>plan</c> and <c>explain</c> name, each found and proved.</summary>
internal sealed class Participants
{
    private Participants(PlexServer source, IReadOnlyList<PlexServer> targets, bool wasAsked) =>
        (Source, Targets, WasAsked) = (source, targets, wasAsked);

    public PlexServer Source { get; }

    public IReadOnlyList<PlexServer> Targets { get; }

    /// <summary>Nobody was named, and somebody chose the targets from a list.</summary>
    public bool WasAsked { get; }

    /// <summary>What can be checked before anybody is asked anything.</summary>
    public static void Require(CommandContext context)
    {
        var isAll = IsAll(context);
        if (context.Settings.IsGivenAsOption(Setting.ToAll) && context.Settings.IsGivenAsOption(Setting.To))
        {
            throw new CliException(CliException.Usage, "To_AllAndSome", Setting.ToAll.Option, Setting.To.Option);
        }

        // What stands in a file beside --to-all there is passed over together with it.
        if (!isAll && (!context.Settings.IsOn(Setting.ToAll) || context.Settings.IsGivenAsOption(Setting.Except))
            && context.Settings.Find(Setting.Except) is { } except)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", except.Origin, Setting.ToAll.Option);
        }

        if (context.Settings.Find(Setting.ToTokenFile) is { } file && context.Settings.Find(Setting.ToServer) is null)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", file.Origin, Setting.ToServer.Option);
        }

        if (!isAll && context.Settings.GetAll(Setting.To).Count == 0 && !context.CanAsk)
        {
            throw TargetQuestion.NobodyNamed();
        }
    }

    /// <summary>Finds everybody, asking whom to copy to where nobody is named, and connects as each of them.</summary>
    public static async Task<Participants> ConnectAsync(
        CommandContext context, SyncOutcome outcome, Session session, CancellationToken cancellationToken, bool isOneOnly = false)
    {
        var server = await session.ConnectAsync(cancellationToken);
        outcome.Server = server;
        var there = await session.ElsewhereAsync(cancellationToken);
        var theirs = there == session ? server : await there.ConnectAsync(cancellationToken);
        var from = await session.FindAsync(context.Settings.Get(Setting.From), cancellationToken);
        outcome.Source = new UserReference(from.Id, from.Title);
        // The same account on two servers is two sides.
        var taken = server.MachineIdentifier == theirs.MachineIdentifier ? new HashSet<UserId> { from.Id } : [];
        var wasAsked = !IsAll(context) && context.Settings.GetAll(Setting.To).Count == 0;
        var users = IsAll(context)
            ? await FindAllAsync(context, there, taken, cancellationToken)
            : wasAsked
            ? await new TargetQuestion(context, there, taken, isOneOnly).AskAsync(from, cancellationToken)
            : await FindAsync(there, context.Settings.GetAll(Setting.To), taken, "Error_SameUser", cancellationToken);

        context.Messages.Step("Step_Switch", context.Texts.Users.Of(users));
        var source = await session.SwitchAsync(server, from, cancellationToken);
        var targets = await there.SwitchAllAsync(theirs, users, outcome, least: 1, IsAll(context), cancellationToken);
        return new Participants(source, targets, wasAsked);
    }

    /// <summary>Finds users by their names, none of them twice, before anybody's PIN is asked for.</summary>
    public static async Task<List<PlexUser>> FindAsync(
        Session session, IEnumerable<string> names, HashSet<UserId> taken, string sentence, CancellationToken cancellationToken)
    {
        var users = new List<PlexUser>();
        foreach (var name in names)
        {
            var user = await session.FindAsync(name, cancellationToken);
            users.Add(taken.Add(user.Id) ? user : throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), sentence, user.Title));
        }

        return users;
    }

    /// <summary>Plans, and returns everybody that is written to in the order of the plans.</summary>
    public async Task<IReadOnlyList<PlexServer>> PlanAsync(CommandContext context, Operation operation, CancellationToken cancellationToken)
    {
        IReadOnlyList<PlexServer> written = operation.Options.Direction is SyncDirection.TwoWay ? [.. Targets, Source] : Targets;
        await operation.MentionKilledRunsAsync(written, cancellationToken);
        context.Messages.Step("Step_Read");
        operation.Plan(await operation.Synchronizer.PlanAsync(Source, Targets, operation.Options, context.Messages, cancellationToken));
        return written;
    }

    /// <summary>What was typed counts more than what stands in a file.</summary>
    private static bool IsAll(CommandContext context) =>
        context.Settings.IsOn(Setting.ToAll) && (context.Settings.IsGivenAsOption(Setting.ToAll) || !context.Settings.IsGivenAsOption(Setting.To));

    private static async Task<List<PlexUser>> FindAllAsync(
        CommandContext context, Session session, HashSet<UserId> taken, CancellationToken cancellationToken)
    {
        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        context.Texts.Users.Add(home);
        foreach (var name in context.Settings.GetAll(Setting.Except))
        {
            var user = await session.FindAsync(name, cancellationToken);
            taken.Add(home.Any(member => member.Id == user.Id)
                ? user.Id
                : throw new CliException(CliException.Usage, "Except_Nobody", Setting.Except.Option, context.Texts.Users.Of(user)));
        }

        context.Names.Add(NameCache.Users, home.Select(static user => user.Title));
        var users = home.Where(user => !taken.Contains(user.Id)).ToList<PlexUser>();
        return users.Count > 0 ? users : throw new CliException(CliException.Usage, "To_Nobody", Setting.ToAll.Option);
    }
}
