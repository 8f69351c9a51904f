using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Lines of JSON, ready to be written in one piece, so that only the end of a file can be torn.</summary>
internal sealed class JsonLines
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Makes room for the next lines.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <returns>How many bytes the line has, without its end.</returns>
    public int Add<T>(T line, JsonTypeInfo<T> type)
    {
        var start = _bytes.WrittenCount;
        // Titles stay readable: this is a file, not a web page.
        using (var writer = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, line, type);
        }

        var length = _bytes.WrittenCount - start;
        _bytes.Write("\n"u8);
        return length;
    }
}

/// <summary>Reads lines as bytes, so that a file that has none is never held whole.</summary>
/// <param name="input">Where they are.</param>
/// <param name="longest">How many bytes a line may have, without its end.</param>
internal sealed class JsonLineReader(Stream input, int longest)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The number of the line that was read last.</summary>
    public int Line { get; private set; }

    /// <summary>The file ends within a line.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The next line without its end, valid until the next call; null where no whole line is left.</summary>
    /// <exception cref="JsonException">The line is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        Line++;
        while (true)
        {
            var unread = _buffer.AsMemory(_start, _end - _start);
            var length = unread.Span.IndexOf((byte)'\n');
            if (length > longest || (length < 0 && unread.Length > longest))
            {
                throw new JsonException($"the line is longer than {longest} bytes");
            }

            if (length >= 0)
            {
                _start += length + 1;
                return unread[..length];
            }

            unread.CopyTo(_buffer);
            (_start, _end) = (0, unread.Length);
            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _end);
            }

            var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                IsTorn = _end > 0;
                return null;
            }

            _end += read;
        }
    }
}
