using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync.Cli.Output;

/// <summary>Writes the one document of <c>--json</c>, or one of its lines.</summary>
internal static class JsonOutput
{
    /// <summary>Titles as they are, in any script; control characters are escaped all the same.</summary>
    public static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="output">Where to.</param>
    /// <param name="document">The document.</param>
    /// <param name="type">Its shape.</param>
    /// <param name="isLine">It is one of several, each on a line.</param>
    public static void Write<T>(TextWriter output, T document, JsonTypeInfo<T> type, bool isLine = false)
    {
        using (var writer = new Utf8JsonWriter(new Decoding(output), isLine ? Readable with { Indented = false } : Readable))
        {
            JsonSerializer.Serialize(writer, document, type);
        }

        output.Write('\n');
    }

    /// <summary>Passes the document on piece by piece: whole, it would be the largest thing in memory.</summary>
    private sealed class Decoding(TextWriter output) : IBufferWriter<byte>
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        private byte[] _bytes = new byte[16 * 1024];
        private char[] _letters = [];

        public void Advance(int count)
        {
            _letters = _letters.Length < count + 1 ? new char[count + 1] : _letters;
            output.Write(_letters, 0, _decoder.GetChars(_bytes.AsSpan(0, count), _letters, flush: false));
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes = _bytes.Length < sizeHint ? new byte[sizeHint] : _bytes;

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}

/// <summary>Every shape that <c>--json</c> prints; only ever written, which keeps the code small.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SyncDocument))]
[JsonSerializable(typeof(JobsDocument))]
[JsonSerializable(typeof(RunsDocument))]
[JsonSerializable(typeof(SnapshotDocument))]
[JsonSerializable(typeof(ExplainDocument))]
[JsonSerializable(typeof(LoginDocument))]
[JsonSerializable(typeof(LogoutDocument))]
[JsonSerializable(typeof(UsersDocument))]
[JsonSerializable(typeof(LibrariesDocument))]
[JsonSerializable(typeof(ServersDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(WatchLine))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(Notification))]
internal sealed partial class JsonContext : JsonSerializerContext;
