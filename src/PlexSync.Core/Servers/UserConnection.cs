namespace PlexSync;

/// <summary>The requests of one user at one server, with that user's token.</summary>
internal sealed record UserConnection(ServerConnection Server, PlexUser User, string Token)
{
    /// <summary>Without the token, which a record would print like everything else.</summary>
    public override string ToString() => $"{Server} as '{User.Title}'";

    public static string Segment(RatingKey key) =>
        key == default ? throw new ArgumentException("A rating key is needed.", nameof(key)) : Uri.EscapeDataString(key.ToString());

    public PlexRequest Read(string path, string? query = null) =>
        new(HttpMethod.Get, Server.Address, path)
        {
            Query = query,
            Token = Token,
            UserName = User.Title,
            Gate = Server.Reads,
            Clock = Server.Clock,
        };

    public PlexRequest Write(HttpMethod method, string path, string query) =>
        new(method, Server.Address, path)
        {
            Query = query,
            Token = Token,
            UserName = User.Title,
            Gate = Server.Writes,
            Clock = Server.Clock,
            IsWrite = true,
        };

    public async Task<WireContainer> GetContainerAsync(PlexRequest request, CancellationToken cancellationToken)
    {
        var answer = await Server.Transport.SendAsync(request, ServerJsonContext.Default.WireEnvelope, cancellationToken)
            .ConfigureAwait(false);
        return answer.MediaContainer ?? throw WireError.Missing(request.Redacted, "MediaContainer");
    }
}
