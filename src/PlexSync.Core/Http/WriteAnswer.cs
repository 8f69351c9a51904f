using System.Text.Json;

namespace PlexSync;

/// <summary>Reads what answers a write, and refuses what does not come from Plex.</summary>
internal static class WriteAnswer
{
    /// <summary>Many times the container that answers a position.</summary>
    private const int LongestPositionAnswer = 16 * 1024;

    /// <summary>Marks are answered with an empty body; any other answer comes from a proxy, and the mark is in doubt.</summary>
    public static async Task<bool> ReadEmptyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await body.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) == 0
                ? true
                : throw new IOException("The answer to a mark has a body.");
        }
    }

    /// <summary>
    /// Positions are answered with a whole container, in JSON or XML, or with nothing; a web page comes from a proxy, and a container
    /// without its end was cut off on the way.
    /// </summary>
    public static async Task<bool> ReadEmptyOrPlexAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var bytes = new byte[LongestPositionAnswer];
            var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            return count == 0 || IsWholeContainer(bytes.AsSpan(0, count))
                ? true
                : throw new IOException("The answer to a position is not Plex's, or not all of it.");
        }
    }

    private static bool IsWholeContainer(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.Trim(" \t\r\n"u8);
        if (text.IndexOf("MediaContainer"u8) < 0)
        {
            return false;
        }

        if (text is not [(byte)'{', ..])
        {
            return text.EndsWith("</MediaContainer>"u8)
                || (text.EndsWith("/>"u8) && text.LastIndexOf((byte)'<') == text.IndexOf("<MediaContainer"u8));
        }

        try
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            reader.Skip();
            return reader.BytesConsumed == text.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
