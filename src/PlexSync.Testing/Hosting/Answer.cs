using System.IO.Compression;
using System.Text;

namespace PlexSync.Testing.Hosting;

/// <summary>A complete answer, not yet sent.</summary>
internal sealed class Answer
{
    public required int Status { get; init; }
    public string ContentType { get; init; } = "text/html";
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Writes a body whose end is not known; null where <see cref="Body"/> is all.</summary>
    public Func<Stream, CancellationToken, Task>? Stream { get; init; }

    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>Success without content, as after scrobble (plex-facts §12).</summary>
    public static Answer Empty(int status = 200) => new() { Status = status };

    public static Answer Text(int status, string contentType, string body) =>
        new() { Status = status, ContentType = contentType, Body = Encoding.UTF8.GetBytes(body) };

    /// <summary>The element as the client asked for it: JSON with Accept: application/json, else XML (plex-facts §1.2).</summary>
    public static Answer Of(Element root, SimulatedRequest request, int status = 200, bool drift = false) => request.WantsJson
        ? new() { Status = status, ContentType = "application/json", Body = JsonRendering.Render(root, drift) }
        : Xml(root, status);

    public static Answer Xml(Element root, int status = 200) =>
        new() { Status = status, ContentType = "application/xml; charset=utf-8", Body = XmlRendering.Render(root) };

    public Answer Compressed()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(Body.Span);
        var answer = new Answer { Status = Status, ContentType = ContentType, Body = compressed.ToArray() };
        answer.Headers.AddRange(Headers);
        return answer.With("Content-Encoding", "gzip");
    }

    /// <summary>With headers of its own, so that more can be added.</summary>
    public Answer Copy()
    {
        var copy = new Answer { Status = Status, ContentType = ContentType, Body = Body };
        copy.Headers.AddRange(Headers);
        return copy;
    }

    public Answer With(string name, string value)
    {
        Headers.Add((name, value));
        return this;
    }
}
