using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Connects to servers whose address is known.</summary>
internal sealed class ServerConnector(PlexTransport transport, PlexClientOptions options, TimeProvider time, ILogger logger)
{
    public async Task<PlexServer> ConnectAsync(
        Uri address, ServerResource resource, PlexAccount account, CancellationToken cancellationToken)
    {
        // The owner's account token works on the owner's server; everybody else needs the server's own for them (plex-facts §3.8).
        var token = resource.IsOwned ? account.Token : resource.AccessToken;
        if (token is null)
        {
            throw new PlexException(PlexErrorKind.NotShared, $"Nothing on '{resource.Name}' is shared with '{account.User.Title}'.")
            {
                Subject = account.User.Title,
            };
        }

        AccountClient.RefuseUnusable(token);
        try
        {
            return await ConnectAsync(address, resource, account, token, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken)
        {
            // plex.tv took the token a moment ago; a server that lost its own sign-in takes none (plex-facts §14.3).
            if (!await ServerIdentity.IsUnclaimedAsync(transport, address, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            throw new PlexException(
                PlexErrorKind.ServerUnclaimed,
                $"plex.tv accepts the token of '{account.User.Title}', and '{resource.Name}' does not: it is signed in to no account.",
                e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = resource.Name,
                UserName = account.User.Title,
            };
        }
    }

    /// <summary>Connects with a token that plex.tv says is the user's for this server, and checks that the server treats it so.</summary>
    private async Task<PlexServer> ConnectAsync(
        Uri address, ServerResource resource, PlexAccount account, string token, CancellationToken cancellationToken)
    {
        var connection = new UserConnection(CreateConnection(address, resource, account), account.User, token);
        var (server, threshold) = await Together.RunAsync(
            either => IntroduceAsync(connection, either), either => ProveAsync(connection, resource.IsOwned, either), cancellationToken)
            .ConfigureAwait(false);
        server = !resource.IsOwned ? server : server with
        {
            OwnerToken = token,
            PlayedThreshold = threshold ?? ServerConnection.UnknownPlayedThreshold,
            IsPlayedThresholdKnown = threshold is not null,
        };
        return new PlexServer(connection with { Server = server }, IdentityProof.Proved);
    }

    /// <summary>Checks that the server takes the user for its owner, or does not, as plex.tv says; the played threshold, if told.</summary>
    private async Task<double?> ProveAsync(UserConnection connection, bool isOwner, CancellationToken cancellationToken)
    {
        if (isOwner)
        {
            return await OwnerPreferences.ReadPlayedThresholdAsync(connection, logger, cancellationToken).ConfigureAwait(false);
        }

        await OwnerPreferences.ProveWithheldAsync(connection, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private ServerConnection CreateConnection(Uri address, ServerResource resource, PlexAccount account) => new()
    {
        Transport = transport,
        Options = options,
        Time = time,
        Clock = new ServerClock(time),
        Address = address,
        MachineIdentifier = resource.MachineIdentifier,
        Name = resource.Name,
        Version = resource.Version ?? "",
        Reads = new ReadGate(options.MaxReads),
        Writes = new WriteGate(options.MaxWrites, time),
        Sizes = new PageSizes(options.PageSize),
        Account = account.User.Id,
        AccountTokens = resource.AccessToken is { } listed ? [account.Token, listed] : [account.Token],
    };

    /// <summary>The server with the name and version that it tells; it must still be the one that plex.tv lists.</summary>
    private async Task<ServerConnection> IntroduceAsync(UserConnection connection, CancellationToken cancellationToken)
    {
        var server = connection.Server;
        var request = connection.Read("/");
        var answer = await transport.SendAsync(request, ServerJsonContext.Default.WireServerEnvelope, cancellationToken)
            .ConfigureAwait(false);
        var about = answer.MediaContainer;
        if (about?.MachineIdentifier is { } machine && machine != server.MachineIdentifier.ToString())
        {
            throw new PlexException(
                PlexErrorKind.WrongServer, $"{server.Address.Authority} changed from one server to another while connecting.")
            {
                Path = request.Redacted,
                Subject = server.Address.Authority,
            };
        }

        return server with { Name = about?.FriendlyName ?? server.Name, Version = about?.Version ?? server.Version };
    }
}
