using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PlexSync.Testing.Hosting;

/// <summary>Bare Kestrel without a web application around it: nothing to build, nothing to log, a port for each host.</summary>
internal sealed class Listener : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly Dictionary<string, ListenOptions> _endpoints = [];
    private readonly Delivering _delivering;

    public Listener(IEnumerable<(Host Host, int Port)> hosts, Delivering delivering)
    {
        _delivering = delivering;
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestLineSize = 64 * 1024;
        foreach (var (host, port) in hosts)
        {
            options.Listen(IPAddress.Loopback, port, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1; // plex-facts §9: no evidence of HTTP/2
                endpoint.Use(next => connection =>
                {
                    connection.Features.Set(host);
                    return next(connection);
                });
                _endpoints[host.Role] = endpoint;
            });
        }
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _kestrel = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _kestrel.StartAsync(this, cancellationToken);

    public Uri AddressOf(string role) => new($"http://127.0.0.1:{_endpoints[role].IPEndPoint!.Port}");

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => _delivering.ProcessAsync(context, context.Features.GetRequiredFeature<Host>());

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _kestrel.StopAsync(new CancellationToken(canceled: true)); // cancelled: abort connections instead of draining them
        _kestrel.Dispose();
    }
}
