using System.Net.Sockets;
using System.Text;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>A connection that the simulator closes is closed: nothing that comes over it any more is carried out.</summary>
public sealed class ClosingTests
{
    [Fact]
    public async Task Request_on_a_connection_that_is_being_closed_is_not_carried_out()
    {
        var client = await RawClient.StartAsync();
        client.Plex.Faults.On("/:/unscrobble").TruncateBody();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(client.Plex.ServerUrl.Host, client.Plex.ServerUrl.Port);
        await SendAsync("unscrobble");
        var buffer = new byte[1000];
        await socket.ReceiveAsync(buffer);

        // A client may send before it learns of the end.
        await SendAsync("scrobble");
        socket.Shutdown(SocketShutdown.Send);
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }

        await client.DisposeAsync();
        Assert.Equal([WriteKind.Unscrobble], client.Server.Writes.Select(static play => play.Kind));

        async Task SendAsync(string mark) => await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /:/{mark}?identifier=com.plexapp.plugins.library&key=1 HTTP/1.1\r\nHost: plex\r\n"
            + $"X-Plex-Token: {client.Server.TokenOf(client.Kid)}\r\nX-Plex-Client-Identifier: raw\r\n\r\n"));
    }
}
