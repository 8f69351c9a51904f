using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace PlexSync.Cli.Tests;

/// <summary>Something that takes notifications, and answers as it is told; or takes them and never answers.</summary>
internal sealed class Hook : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<JsonElement> _heard = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<TcpClient> _open = [];
    private readonly Task _serving;

    public Hook()
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hooks/5ecr3t?t=a");
        _serving = ServeAsync();
    }

    public const string Secret = "5ecr3t";

    public Uri Url { get; }

    /// <summary>What it answers with; null for nothing at all.</summary>
    public int? Answer { get; set; } = 204;

    public IReadOnlyList<JsonElement> Heard => [.. _heard];

    /// <summary>Waits for the next notification.</summary>
    public async Task<JsonElement> HearAsync()
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken), "No notification came.");
        return _heard.Last();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _open.ForEach(static client => client.Dispose());
        _arrived.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _open.Add(client);
                using var reader = new StreamReader(client.GetStream(), Encoding.UTF8, leaveOpen: true);
                var (length, first) = (0, await reader.ReadLineAsync());
                Assert.StartsWith("POST /hooks/", first, StringComparison.Ordinal);
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    length = header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(header[15..]) : length;
                }

                // The length counts bytes.
                var body = new StringBuilder();
                while (Encoding.UTF8.GetByteCount($"{body}") < length && reader.Read() is >= 0 and var letter)
                {
                    body.Append((char)letter);
                }

                _heard.Enqueue(JsonDocument.Parse($"{body}").RootElement);
                if (Answer is { } status)
                {
                    await client.GetStream().WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                    client.Close();
                }

                _arrived.Release();
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }
}
