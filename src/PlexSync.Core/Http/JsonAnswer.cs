using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Reads the JSON that answers one request, over all of its attempts.</summary>
/// <remarks>
/// A body that is no JSON is asked for once more and cleaned (<see cref="WireText.Clean"/>), since titles may hold control characters. A
/// request whose answer fails in the same way twice is not sent again.
/// </remarks>
internal sealed class JsonAnswer<T>(
    ConcurrentDictionary<string, bool> unclean, PlexRequest request, Func<Stream, CancellationToken, ValueTask<T?>> parse)
{
    public JsonAnswer(ConcurrentDictionary<string, bool> unclean, PlexRequest request, JsonTypeInfo<T> type)
        : this(unclean, request, (body, cancellationToken) => JsonSerializer.DeserializeAsync(body, type, cancellationToken))
    {
    }

    private string? _failure;

    /// <summary>The length of the body that was read last, unpacked.</summary>
    public long Length { get; private set; }

    public async Task<T> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType?.Contains("html", StringComparison.OrdinalIgnoreCase) is true)
        {
            throw WireError.NotPlex(request, response.StatusCode, null);
        }

        var host = request.Host.Authority;
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var bounded = new BoundedStream(body, request.MaxLength);
            try
            {
                return _failure is null && !unclean.ContainsKey(host)
                    ? await ParseAsync(bounded, cancellationToken).ConfigureAwait(false)
                    : await CleanAsync(bounded, host, cancellationToken).ConfigureAwait(false);
            }
            catch (JsonException e) when (e is { LineNumber: 0 or null, BytePositionInLine: 0 })
            {
                throw WireError.NotPlex(request, response.StatusCode, e);
            }
            catch (JsonException e)
            {
                // Where attempts are not repeated here, a caller may list once more.
                unclean.TryAdd(host, true);
                throw Unusable(e, response.StatusCode, bounded.IsExceeded);
            }
            finally
            {
                Length = bounded.Position;
            }
        }
    }

    private PlexException Unusable(JsonException e, HttpStatusCode status, bool isTooLong)
    {
        var isSame = _failure == e.Message || isTooLong;
        _failure = e.Message;
        var why = request.Clean(e.Message);
        return new PlexException(
            PlexErrorKind.InvalidResponse, $"{request.Redacted} answered with JSON that cannot be used: {why}", request.CauseOf(e))
        {
            Status = status,
            Method = request.Method.Method,
            Path = request.Redacted,
            Subject = request.Host.Authority,
            MayRetry = request.IsRepeatable && !isSame,
            IsFinal = isSame,
            MayHaveTakenEffect = request.IsWrite,
        };
    }

    private async Task<T> ParseAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            return await parse(body, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("The document is null.");
        }
        catch (InvalidOperationException e) when (!WireError.IsBrokenBody(e) && e is not ObjectDisposedException)
        {
            // The reader throws this at a name that is not valid Unicode.
            throw new JsonException(e.Message, e);
        }
    }

    private async Task<T> CleanAsync(Stream body, string host, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await body.CopyToAsync(whole, cancellationToken).ConfigureAwait(false);
        var sent = whole.ToArray();
        var clean = WireText.Clean(sent);
        using var cleaned = new MemoryStream(clean);
        var answer = await ParseAsync(cleaned, cancellationToken).ConfigureAwait(false);
        if (clean == sent)
        {
            // The first fault was another one, and has passed.
            unclean.TryRemove(host, out _);
        }

        return answer;
    }
}
