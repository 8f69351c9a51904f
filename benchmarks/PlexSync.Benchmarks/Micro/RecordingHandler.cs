using System.Collections.Concurrent;

namespace PlexSync.Benchmarks.Micro;

/// <summary>Asks each question once, and from then on answers from memory: neither sockets nor simulator are measured.</summary>
internal sealed class RecordingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentDictionary<string, (HttpResponseMessage Answer, byte[] Body)> _answers = new();

    /// <summary>What was answered to questions whose path ends so.</summary>
    public IEnumerable<byte[]> BodiesOf(string pathEnd) =>
        _answers.Values.Where(known => known.Answer.RequestMessage!.RequestUri!.AbsolutePath.EndsWith(pathEnd, StringComparison.Ordinal))
            .Select(known => known.Body);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The headers say who asks, and for which page.
        var question = $"{request.Method} {request.RequestUri}\n{request.Headers}";
        if (!_answers.TryGetValue(question, out var known))
        {
            var answer = await base.SendAsync(request, cancellationToken);
            known = _answers.GetOrAdd(question, (answer, await answer.Content.ReadAsByteArrayAsync(cancellationToken)));
        }

        var copy = new HttpResponseMessage(known.Answer.StatusCode)
        {
            Content = new ByteArrayContent(known.Body),
            RequestMessage = request,
        };
        foreach (var (name, values) in known.Answer.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (name, values) in known.Answer.Content.Headers)
        {
            copy.Content.Headers.TryAddWithoutValidation(name, values);
        }

        return copy;
    }
}
