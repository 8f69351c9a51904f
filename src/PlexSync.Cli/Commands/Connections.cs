using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Connects to whatever servers saved plans and journaled runs name, with the account that knows each.</summary>
internal sealed class Connections(CommandContext context, SyncOutcome outcome, Session session, AcrossOptions across)
{
    private readonly List<Connection> _known = [];

    /// <summary>A server as the user that a plan or a run names; refused if it is another one.</summary>
    public async Task<PlexServer> SwitchAsync(ServerReference server, UserReference user, CancellationToken cancellationToken)
    {
        var known = _known.Find(known => known.Server.MachineIdentifier == server.MachineIdentifier);
        if (known is null)
        {
            known = await ConnectAsync(server.MachineIdentifier, cancellationToken);
            server.Require(known.Server);
            _known.Add(known);
            outcome.Server ??= known.Server;
        }

        return await known.Session.SwitchAsync(
            known.Server, await known.Session.FindAsync($"id:{user.Id}", cancellationToken), cancellationToken);
    }

    /// <summary>Each plan or run with its server as its target, but for those that cannot be served.</summary>
    public Task<List<(T One, PlexServer Server)>> SwitchEachAsync<T>(
        IReadOnlyList<T> all, Func<T, (ServerReference Server, UserReference Target)> who, CancellationToken cancellationToken) =>
        Session.ConnectEachAsync(
            context,
            all,
            one => who(one).Target,
            (one, either) => SwitchAsync(who(one).Server, who(one).Target, either),
            static _ => true,
            outcome,
            least: 1,
            isAll: false,
            cancellationToken);

    private async Task<Connection> ConnectAsync(MachineIdentifier machine, CancellationToken cancellationToken)
    {
        if (across.IsGiven)
        {
            var there = await session.ElsewhereAsync(cancellationToken);
            var theirs = await there.ConnectAsync(machine, cancellationToken);
            if (theirs.MachineIdentifier == machine)
            {
                return new Connection(there, theirs);
            }
        }

        var server = await session.ConnectAsync(machine, cancellationToken);
        if (server.MachineIdentifier != machine && await session.Plex.GetServersAsync(session.Account, cancellationToken) is { } listed
            && listed.FirstOrDefault(resource => resource.MachineIdentifier == machine) is { } other)
        {
            // What --server names is the other side of a run across servers.
            server = await session.Plex.ConnectAsync(other, session.Account, cancellationToken);
        }

        return new Connection(session, server);
    }

    private sealed record Connection(Session Session, PlexServer Server);
}
