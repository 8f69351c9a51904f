using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Whose state goes to whom, as the options name them; each is found and proved on demand.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="named">The users that are named.</param>
/// <param name="across">The other server, where there is one.</param>
internal sealed class ParticipantRequest(CommandContext context, PlanOptions named, AcrossOptions across)
{
    /// <summary>Everybody of the Home is meant. What was typed counts more than what stands in a file.</summary>
    public bool IsAll => named.ToAll && (context.Settings.IsTyped("to-all") || !context.Settings.IsTyped("to"));

    public bool IsAcross => across.ToServer is not null;

    /// <summary>What can be checked before anybody is asked anything.</summary>
    public void Require()
    {
        if (context.Settings.IsTyped("to-all") && context.Settings.IsTyped("to"))
        {
            throw new CliException(CliException.Usage, "To_AllAndSome", "--to-all", "--to");
        }

        // What stands in a file beside "toAll" there is passed over together with it.
        if (!IsAll && (!named.ToAll || context.Settings.IsTyped("except")) && context.Settings.Find("except") is { } except)
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", except.Origin, "--to-all");
        }

        if (across is { ToTokenFile: { } file, ToServer: null })
        {
            throw new CliException(CliException.Usage, "Option_NeedsOther", file.Origin, "--to-server");
        }

        if (!IsAll && named.To.Length == 0 && !context.CanAsk)
        {
            throw TargetQuestion.NobodyNamed(context);
        }
    }

    /// <summary>Finds the users, asking for the targets if none is named, and connects as each of them.</summary>
    /// <param name="outcome">Takes what is known of them.</param>
    /// <param name="session">The account.</param>
    /// <param name="mayChooseSeveral">More than one target may be chosen, if they are asked for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Participants> ConnectAsync(
        SyncOutcome outcome, Session session, bool mayChooseSeveral, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? names = IsAll ? null : [.. named.From?.Values ?? [], .. named.To];
        var server = await (across.IsGiven ? session.ConnectAsync(cancellationToken)
            : session.ConnectAsync(names, named.Except, cancellationToken));
        outcome.Server = server;
        var found = await FindAsync(session, server, mayChooseSeveral, cancellationToken);
        outcome.Source = new UserReference(found.Source.Id, found.Source.Title);

        context.Messages.Step("Step_Switch", context.Texts.Users.Of(found.Targets));
        var source = await session.SwitchAsync(server, found.Source, cancellationToken);
        var there = await session.ElsewhereAsync(cancellationToken);
        var targets = await there.SwitchAllAsync(found.TargetServer, found.Targets, outcome, least: 1, IsAll, cancellationToken);
        return new Participants(context, source, targets, wasAsked: !IsAll && named.To.Length == 0);
    }

    /// <summary>Finds the users, asking for the targets if none is named; asks for no PIN.</summary>
    public async Task<FoundUsers> FindAsync(
        Session session, PlexServer server, bool mayChooseSeveral, CancellationToken cancellationToken)
    {
        var there = await session.ElsewhereAsync(cancellationToken);
        var theirs = there == session ? server : await there.ConnectAsync(cancellationToken);
        var from = await session.FindAsync(named.From?.Value, cancellationToken);
        // The same account on two servers is two sides.
        var taken = server.MachineIdentifier == theirs.MachineIdentifier ? new HashSet<UserId> { from.Id } : [];
        var users = IsAll
            ? await FindAllAsync(there, taken, cancellationToken)
            : named.To.Length == 0
            ? await new TargetQuestion(context, there, taken, mayChooseSeveral).AskAsync(from, cancellationToken)
            : await there.FindAsync(named.To, taken, "Error_SameUser", cancellationToken);
        return new(from, theirs, users);
    }

    private async Task<List<PlexUser>> FindAllAsync(Session session, HashSet<UserId> taken, CancellationToken cancellationToken)
    {
        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        context.Texts.Users.Add(home);
        foreach (var name in named.Except)
        {
            var user = await session.FindAsync(name, cancellationToken);
            taken.Add(home.Any(member => member.Id == user.Id)
                ? user.Id
                : throw new CliException(CliException.Usage, "Except_Nobody", "--except", context.Texts.Users.Of(user)));
        }

        context.Names.Add(NameCache.Users, home.Select(static user => user.Title));
        var users = home.Where(user => !taken.Contains(user.Id)).ToList<PlexUser>();
        return users.Count > 0 ? users : throw new CliException(CliException.Usage, "To_Nobody", "--to-all");
    }
}

/// <summary>Whose state goes to whom, before identities are proved.</summary>
/// <param name="Source">Whose state is copied.</param>
/// <param name="TargetServer">Where the targets are, as the account sees it.</param>
/// <param name="Targets">To whom.</param>
internal sealed record FoundUsers(PlexUser Source, PlexServer TargetServer, List<PlexUser> Targets);

/// <summary>Whose state goes to whom, identities proved.</summary>
/// <param name="context">What the command works with.</param>
/// <param name="source">Whose state is copied.</param>
/// <param name="targets">To whom.</param>
/// <param name="wasAsked">The targets were chosen from a list, because none was named.</param>
internal sealed class Participants(CommandContext context, PlexServer source, IReadOnlyList<PlexServer> targets, bool wasAsked)
{
    public PlexServer Source => source;

    public IReadOnlyList<PlexServer> Targets => targets;

    public bool WasAsked => wasAsked;

    /// <summary>Plans, and returns everybody that is written to in the order of the plans.</summary>
    public async Task<IReadOnlyList<PlexServer>> PlanAsync(Operation operation, CancellationToken cancellationToken)
    {
        IReadOnlyList<PlexServer> written = operation.Options.Direction is SyncDirection.TwoWay ? [.. targets, source] : targets;
        await operation.MentionKilledRunsAsync(written, cancellationToken);
        context.Messages.Step("Step_Read");
        await operation.PlanAsync(
            await operation.Synchronizer.PlanAsync(source, targets, operation.Options, context.Messages, cancellationToken));
        return written;
    }
}
