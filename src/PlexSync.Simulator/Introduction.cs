using PlexSync.Testing;

namespace PlexSync.Simulator;

/// <summary>What a client has to know: a value on each line, for programs, and after "#" what people want to read.</summary>
internal static class Introduction
{
    public static async Task WriteAsync(TextWriter output, PlexSimulator plex)
    {
        var account = Address(plex.AccountUrl);
        await output.WriteLineAsync("# A simulated Plex. Names, tokens and PINs are made up; nothing leaves this machine.");
        await output.WriteLineAsync($"accountUrl={account}");
        foreach (var (server, number) in plex.World.Servers.Select((server, at) => (server, at == 0 ? "" : $"{at + 1}")))
        {
            await output.WriteLineAsync($"server{number}Url={Address(plex.UrlOf(server))}");
            await output.WriteLineAsync($"machineIdentifier{number}={server.MachineIdentifier}");
            foreach (var user in Commands.UsersOf(server))
            {
                await output.WriteLineAsync($"token{number}.{user.Title}={user.AccountToken}");
                await output.WriteLineAsync($"serverToken{number}.{user.Title}={server.TokenOf(user)}");
                if (user.Pin is not null) await output.WriteLineAsync($"pin{number}.{user.Title}={user.Pin}");
            }
        }

        var (url, owner) = (Address(plex.ServerUrl), plex.World.Owner);
        await output.WriteLineAsync($"""
            # accountUrl stands for https://plex.tv and takes the tokens; serverUrl takes the server tokens:
            #   curl -H "X-Plex-Token: {plex.World.Server.TokenOf(owner)}" {url}/library/sections
            # With plexsync:
            #   export PLEXSYNC_ACCOUNT_URL={account} PLEXSYNC_SERVER={url} PLEXSYNC_TOKEN={owner.AccountToken}
            #   plexsync users
            # Type "help" for what can happen here. It ends with Ctrl+C, or with its input.
            ready
            """);
    }

    private static string Address(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
