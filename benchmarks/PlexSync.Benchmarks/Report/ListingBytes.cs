using PlexSync.Testing;

namespace PlexSync.Benchmarks.Report;

/// <summary>All pages of libraries that a plan of the yardstick reads, one after the other in a file.</summary>
internal static class ListingBytes
{
    public static async Task SaveAsync(string path)
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        await using var file = File.Create(path);
        using var http = new HttpClient(new SavingHandler(PlexClient.CreateHttpHandler(), file));
        var (owner, kid) = await LibraryRun.ConnectAsync(plex, http);
        await new WatchStateSynchronizer().PlanAsync(owner, kid);
    }

    private sealed class SavingHandler(HttpMessageHandler inner, Stream file) : DelegatingHandler(inner)
    {
        private readonly Lock _gate = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath.EndsWith("/all", StringComparison.Ordinal))
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
                var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                lock (_gate)
                {
                    file.Write(body);
                }
            }

            return answer;
        }
    }
}
