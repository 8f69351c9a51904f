using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Writes plans piece by piece: with a hundred thousand changes, a document is too long to be held at once.</summary>
internal sealed class PlanWriter : IDisposable
{
    private const int Piece = 64 * 1024;

    private readonly Stream _output;
    private readonly ArrayBufferWriter<byte> _pieces = new(Piece);
    private readonly Utf8JsonWriter _json;

    /// <param name="output">Where to write; not closed.</param>
    public PlanWriter(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(
            _pieces, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public void Dispose() => _json.Dispose();

    /// <summary>One plan as a document.</summary>
    public async Task WriteAsync(WirePlan plan, CancellationToken cancellationToken)
    {
        await WritePlanAsync(plan, cancellationToken).ConfigureAwait(false);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Several plans as one document.</summary>
    public async Task WriteAsync(WireFormat format, IEnumerable<WirePlan> plans, CancellationToken cancellationToken)
    {
        _json.WriteStartObject();
        _json.WriteString("format", format.Format);
        _json.WriteNumber("version", format.Version!.Value);
        _json.WriteStartArray("plans");
        foreach (var plan in plans)
        {
            await WritePlanAsync(plan, cancellationToken).ConfigureAwait(false);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WritePlanAsync(WirePlan plan, CancellationToken cancellationToken)
    {
        var (changes, skipped) = (plan.Changes, plan.Skipped);
        (plan.Changes, plan.Skipped) = ([], []);
        using var head = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(plan, FileJsonContext.Compact.WirePlan));
        _json.WriteStartObject();
        foreach (var property in head.RootElement.EnumerateObject())
        {
            if (property.NameEquals("changes"))
            {
                await WriteListAsync(property.Name, changes, FileJsonContext.Compact.WireChange, cancellationToken).ConfigureAwait(false);
            }
            else if (property.NameEquals("skipped"))
            {
                await WriteListAsync(property.Name, skipped, FileJsonContext.Compact.WireSkip, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                property.WriteTo(_json);
            }
        }

        _json.WriteEndObject();
    }

    private async Task WriteListAsync<T>(string name, IEnumerable<T> items, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        _json.WriteStartArray(name);
        foreach (var item in items)
        {
            JsonSerializer.Serialize(_json, item, type);
            if (_json.BytesPending + _pieces.WrittenCount > Piece)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        _json.WriteEndArray();
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        _json.Flush();
        await _output.WriteAsync(_pieces.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _pieces.ResetWrittenCount();
    }
}
