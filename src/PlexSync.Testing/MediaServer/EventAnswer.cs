using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>The answer that goes on as long as the client listens (plex-facts §14.2).</summary>
internal static class EventAnswer
{
    public static Answer Listen(SimulatedServer server, SimulatedRequest request, long userId) => new()
    {
        Status = 200,
        ContentType = "text/event-stream",
        Stream = async (body, cancellationToken) =>
        {
            using var listener = server.Events.Listen(userId, request["filters"]);
            await listener.WriteAsync(body, cancellationToken);
        },
    };
}
