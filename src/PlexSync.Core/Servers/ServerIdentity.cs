namespace PlexSync;

/// <summary>What a server tells anybody of itself (<c>/identity</c>).</summary>
internal static class ServerIdentity
{
    /// <summary>
    /// Asks which server answers at an address: the one request that needs no token, and so proves nothing about a token.
    /// </summary>
    public static async Task<MachineIdentifier> IdentifyAsync(
        PlexTransport transport, Uri address, bool retry, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, address, "/identity") { IsRetried = retry };
        WireServerEnvelope answer;
        try
        {
            answer = await transport.SendAsync(request, ServerJsonContext.Default.WireServerEnvelope, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.NotFound or PlexErrorKind.Rejected)
        {
            // Every Plex server knows this address, and answers anybody there.
            throw new PlexException(PlexErrorKind.NotPlex, $"{request.Redacted} answered, but not as Plex does.", e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = e.Subject,
            };
        }

        return MachineIdentifier.TryParse(answer.MediaContainer?.MachineIdentifier, out var machine)
            ? machine
            : throw new PlexException(PlexErrorKind.NotPlex, $"{request.Redacted} answered, but not as Plex does.")
            {
                Path = request.Redacted,
                Subject = address.Authority,
            };
    }

    /// <summary>The server says that it is signed in to no account; false where it does not say so, or cannot be asked.</summary>
    public static async Task<bool> IsUnclaimedAsync(PlexTransport transport, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            var request = new PlexRequest(HttpMethod.Get, address, "/identity");
            var type = ServerJsonContext.Default.WireServerEnvelope;
            var answer = await transport.SendAsync(request, type, cancellationToken).ConfigureAwait(false);
            return answer.MediaContainer?.Claimed is false;
        }
        catch (PlexException)
        {
            return false;
        }
    }
}
