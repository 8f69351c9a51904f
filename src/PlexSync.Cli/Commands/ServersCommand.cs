using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the servers that plex.tv knows for the account.</summary>
internal sealed class ServersCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(run, cancellationToken);
        var servers = (await session.Plex.GetServersAsync(session.Account, cancellationToken))
            .Select(static server => new ServerResourceDocument(
                $"{server.MachineIdentifier}",
                server.Name,
                server.Version,
                server.IsOwned,
                server.IsOnline,
                server.Addresses.Select(static address => address.GetLeftPart(UriPartial.Authority)).ToList()))
            .ToList();
        run.Names.Replace(NameCache.Servers, servers.Select(static server => server.Name));

        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new ServersDocument(servers), JsonContext.Default.ServersDocument);
        }
        else
        {
            run.Screen.WriteTable(
                [
                    run.Texts["Column_Name"], run.Texts["Column_Version"], run.Texts["Column_Owned"], run.Texts["Column_Online"],
                    run.Texts["Column_Addresses"],
                ],
                servers.ConvertAll(server => new[]
                {
                    server.Name,
                    server.Version ?? "",
                    run.Texts[server.Owned ? "Yes" : "No"],
                    run.Texts[server.Online ? "Yes" : "No"],
                    string.Join('\n', server.Addresses),
                }));
        }

        return ExitCode.Done;
    }
}
