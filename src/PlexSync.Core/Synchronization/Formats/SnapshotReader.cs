using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PlexSync;

/// <summary>Reads a snapshot whole, or refuses it: what is restored from half a file would be half wrong.</summary>
internal sealed class SnapshotReader
{
    private readonly Stream _input;
    private readonly byte[] _buffer = new byte[2 * SnapshotLines.MaxLineLength];
    private int _start;
    private int _end;
    private int _line;

    private SnapshotReader(Stream input) => _input = input;

    private string Subject => (_input as FileStream)?.Name ?? "the snapshot";

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
    }

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = ToSnapshot(await NextAsync(cancellationToken).ConfigureAwait(false));
        var libraries = snapshot.Libraries.ToDictionary(static library => library.Library.Key.ToString());
        var seen = new HashSet<string>();
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
            var item = record.ToItem();
            if (record.Library is not { } key || !libraries.TryGetValue(key, out var library) || library.Library.ItemType != item.Type)
            {
                throw Invalid("the item is in no library of the snapshot");
            }

            if (!seen.Add(item.RatingKey.ToString()))
            {
                throw Invalid($"item {item.RatingKey} comes twice");
            }

            library.Items.Add(item);
        }
    }

    private Snapshot ToSnapshot(ReadOnlyMemory<byte>? line)
    {
        if (line is not { } first
            || Parse(first.Span, SnapshotJsonContext.Default.SnapshotMark)
                is not { Format: SnapshotHeader.SnapshotFormat, Version: > 0 } mark)
        {
            throw Invalid("it is no snapshot");
        }

        if (mark.Version > SnapshotHeader.CurrentVersion)
        {
            throw new PlexException(
                PlexErrorKind.UnsupportedVersion, $"{Subject} is of version {mark.Version}, newer than {SnapshotHeader.CurrentVersion}.")
            {
                Subject = Subject,
            };
        }

        var header = Parse(first.Span, SnapshotJsonContext.Default.SnapshotHeader);
        if (header.Server is not { Name: not null, Version: not null } server
            || !MachineIdentifier.TryParse(server.MachineIdentifier, out var machine)
            || header.User is not { Id: > 0, Title: not null } user || header.Libraries is null)
        {
            throw Invalid("it does not say whose it is");
        }

        var libraries = Array.ConvertAll(header.Libraries, library =>
            library is { Title: not null, Type: not null } && LibraryKey.TryParse(library.Key, out var key)
                ? new Library { Key = key, Title = library.Title, Type = library.Type }
                : throw Invalid("a library makes no sense"));
        return libraries.DistinctBy(static library => library.Key.ToString()).Count() == libraries.Length
            ? new Snapshot(
                new ServerReference(machine, server.Name, server.Version), new UserReference(new UserId(user.Id), user.Title), libraries)
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

    /// <summary>The next line without its end, valid until the next call; null where the file ends.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellationToken)
    {
        _line++;
        while (true)
        {
            var unread = _buffer.AsMemory(_start, _end - _start);
            var length = unread.Span.IndexOf((byte)'\n');
            if (length > SnapshotLines.MaxLineLength || (length < 0 && unread.Length > SnapshotLines.MaxLineLength))
            {
                throw Invalid($"the line is longer than {SnapshotLines.MaxLineLength} bytes");
            }

            if (length >= 0)
            {
                _start += length + 1;
                return unread[..length];
            }

            unread.CopyTo(_buffer);
            (_start, _end) = (0, unread.Length);
            var read = await _input.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                // A line ends with its end: one that does not was cut, even if what is left of it makes sense.
                return _end == 0 ? null : throw Invalid("the line is cut");
            }

            _end += read;
        }
    }

    private PlexException Invalid(string why, Exception? innerException = null) =>
        new(PlexErrorKind.InvalidFile, $"{Subject} is not a whole snapshot; line {_line}: {why}.", innerException) { Subject = Subject };
}
