using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Lines of JSON, ready to be written.</summary>
internal sealed class SnapshotLines
{
    /// <summary>How long a line may be, without its end: far more than an item has to say.</summary>
    public const int MaxLineLength = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>How many lines there are.</summary>
    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <exception cref="PlexException">The server says more of the item than a snapshot can hold.</exception>
    public void Add<T>(T line, JsonTypeInfo<T> type, string subject)
    {
        var start = _bytes.WrittenCount;
        // Titles stay readable: this is a file, not a web page.
        using (var writer = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, line, type);
        }

        if (_bytes.WrittenCount - start > MaxLineLength)
        {
            throw new PlexException(PlexErrorKind.InvalidResponse, $"What the server says of {subject} is longer than a snapshot can hold.")
            {
                Subject = subject,
            };
        }

        _bytes.Write("\n"u8);
        Count++;
    }
}
