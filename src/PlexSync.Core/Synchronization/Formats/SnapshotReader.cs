using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Reads a snapshot whole, or refuses it: what is restored from half a file would be half wrong.</summary>
internal sealed class SnapshotReader
{
    private readonly JsonLineReader _lines;
    private readonly string _name;

    private SnapshotReader(Stream input)
    {
        _lines = new JsonLineReader(input, SnapshotLines.LongestLine);
        _name = (input as FileStream)?.Name ?? "the snapshot";
    }

    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidFile"/> when it is no snapshot or not whole; <see cref="PlexErrorKind.UnsupportedVersion"/> when a
    /// newer version wrote it.
    /// </exception>
    public static async Task<Snapshot> ReadAsync(Stream input, CancellationToken cancellationToken)
    {
        var reader = new SnapshotReader(input);
        try
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no Unicode.
            throw reader.Invalid(e.Message, e);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidPlan)
        {
            throw reader.Invalid($"'{e.Subject}' makes no sense", e);
        }
    }

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = ToSnapshot(await NextAsync(cancellationToken).ConfigureAwait(false));
        var libraries = snapshot.Libraries.ToDictionary(static library => library.Library.Key);
        var seen = new HashSet<RatingKey>();
        while (true)
        {
            var line = await NextAsync(cancellationToken).ConfigureAwait(false) ?? throw Invalid("the end is missing");
            if (IsFooter(line.Span))
            {
                var footer = Parse(line.Span, SnapshotJsonContext.Default.SnapshotFooter);
                return footer.Count != seen.Count ? throw Invalid($"it should have {footer.Count} items and has {seen.Count}")
                    : await NextAsync(cancellationToken).ConfigureAwait(false) is not null ? throw Invalid("something follows its end")
                    : snapshot;
            }

            var record = Parse(line.Span, SnapshotJsonContext.Default.SnapshotRecord);
            var item = PlanMapping.ToItem(record);
            if (!LibraryKey.TryParse(record.Library, out var key) || !libraries.TryGetValue(key, out var library)
                || library.Library.ItemType != item.Type)
            {
                throw Invalid("the item is in no library of the snapshot");
            }

            if (!seen.Add(item.RatingKey))
            {
                throw Invalid($"item {item.RatingKey} comes twice");
            }

            library.Items.Add(item);
        }
    }

    private Snapshot ToSnapshot(ReadOnlyMemory<byte>? line)
    {
        if (line is not { } first)
        {
            throw Invalid("it is no snapshot");
        }

        PlanFile.Require(
            Parse(first.Span, FileJsonContext.Compact.WireFormat), SnapshotHeader.SnapshotFormat, SnapshotHeader.CurrentVersion, _name);
        var header = Parse(first.Span, SnapshotJsonContext.Default.SnapshotHeader);
        var libraries = PlanMapping.Given(header.Libraries).Select(PlanMapping.ToLibrary).ToList();
        return libraries.DistinctBy(static library => library.Key).Count() == libraries.Count
            ? new Snapshot(PlanMapping.ToServer(header.Server), PlanMapping.ToUser(header.User), libraries)
            : throw Invalid("a library is named twice");
    }

    private static bool IsFooter(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        return reader.Read() && reader.TokenType is JsonTokenType.StartObject
            && reader.Read() && reader.TokenType is JsonTokenType.PropertyName && reader.ValueTextEquals("count"u8);
    }

    private T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(line, type) ?? throw Invalid("there is nothing on the line");

    /// <summary>The next line; null where the file ends. A line without its end was cut, even if what is left of it makes sense.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        var line = await _lines.ReadAsync(cancellationToken).ConfigureAwait(false);
        return line is null && _lines.IsTorn ? throw Invalid("the line is cut") : line;
    }

    private PlexException Invalid(string why, Exception? innerException = null) =>
        new(PlexErrorKind.InvalidFile, $"{_name} is not a whole snapshot; line {_lines.Line}: {why}.", innerException) { Subject = _name };
}
