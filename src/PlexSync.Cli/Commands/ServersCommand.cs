using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the servers that plex.tv knows for the account.</summary>
internal sealed class ServersCommand(CommandContext context)
{
    [Command("servers"), Traits(IgnoresServer = true)]
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(context, cancellationToken);
        var servers = (await session.Plex.GetServersAsync(session.Account, cancellationToken))
            .Select(static server => new ServerResourceDocument(
                $"{server.MachineIdentifier}",
                server.Name,
                server.Version,
                server.IsOwned,
                server.IsOnline,
                server.Addresses.Select(static address => address.GetLeftPart(UriPartial.Authority)).ToList()))
            .ToList();
        context.Names.Replace(NameCache.Servers, servers.Select(static server => server.Name));

        if (context.IsJson)
        {
            JsonOutput.Write(context.Console.Out, new ServersDocument(servers), JsonContext.Default.ServersDocument);
        }
        else
        {
            context.Screen.WriteTable(
                [
                    context.Texts["Column_Name"], context.Texts["Column_Version"], context.Texts["Column_Owned"],
                    context.Texts["Column_Online"], context.Texts["Column_Addresses"],
                ],
                servers.ConvertAll(server => new[]
                {
                    server.Name,
                    server.Version ?? "",
                    context.Texts[server.Owned ? "Yes" : "No"],
                    context.Texts[server.Online ? "Yes" : "No"],
                    string.Join('\n', server.Addresses),
                }));
        }

        return ExitCode.Done;
    }
}
