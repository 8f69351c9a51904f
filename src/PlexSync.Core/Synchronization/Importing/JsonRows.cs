using System.Buffers;
using System.Text.Json;

namespace PlexSync;

/// <summary>
/// Reads the entries of one list out of JSON documents, which may be of any length and follow one another: only one entry is in memory.
/// </summary>
/// <param name="list">What the list is called.</param>
internal abstract class JsonRows(string list)
{
    /// <summary>Hundreds of times what an entry takes.</summary>
    private const int LongestRow = 1024 * 1024;

    private const int FirstBuffer = 64 * 1024;

    private JsonReaderState _state;
    private string _property = "";
    private int _depth;
    private bool _isInDocument;
    private bool _isInRows;
    private bool _hasDocument;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>Whether one of the documents has such a list.</summary>
    protected bool HasRows { get; private set; }

    /// <summary>Takes an entry: a whole JSON value.</summary>
    protected abstract void OnRow(ReadOnlySpan<byte> row);

    /// <summary>Takes a value that stands outside of the list.</summary>
    protected abstract void OnField(string name, ref Utf8JsonReader reader);

    /// <summary>The list begins.</summary>
    protected virtual void OnList()
    {
    }

    /// <exception cref="JsonException">It is not JSON, it is cut, or an entry is too long to be one.</exception>
    protected async Task ReadRowsAsync(Stream input, CancellationToken cancellationToken)
    {
        (_isInDocument, _isInRows) = (false, false);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            for (var (filled, isFirst) = (0, true); ;)
            {
                if (filled == buffer.Length)
                {
                    buffer = filled < LongestRow ? Grow(buffer) : throw new JsonException("An entry is too long.");
                }

                var count = await input.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                filled += count;
                if (isFirst && filled < ByteOrderMark.Length && count > 0)
                {
                    continue;
                }

                var consumed = isFirst && buffer.AsSpan(0, filled).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
                isFirst = false;
                consumed += Parse(buffer.AsSpan(consumed, filled - consumed), isLast: count == 0);
                if (count == 0)
                {
                    break;
                }

                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
            }
        }
        catch (InvalidOperationException e)
        {
            // The reader throws this at text that is not valid Unicode.
            throw new JsonException(e.Message, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!_hasDocument || _isInDocument)
        {
            throw new JsonException("The end is missing.");
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>Reads on as far as what has come makes whole values; returns how many bytes these were.</summary>
    private int Parse(ReadOnlySpan<byte> data, bool isLast)
    {
        var consumed = 0;
        while (true)
        {
            if (!_isInDocument)
            {
                consumed += CountSpaces(data[consumed..]);
                if (consumed == data.Length)
                {
                    return consumed;
                }

                (_isInDocument, _hasDocument, _state, _property) = (true, true, default, "");
            }

            consumed += ParseDocument(data[consumed..], isLast);
            if (_isInDocument)
            {
                return consumed;
            }
        }
    }

    private int ParseDocument(ReadOnlySpan<byte> data, bool isLast)
    {
        var reader = new Utf8JsonReader(data, isLast, _state);
        while (true)
        {
            var before = reader;
            if (!reader.Read() || !TryTake(data, ref reader))
            {
                _state = before.CurrentState;
                return (int)before.BytesConsumed;
            }

            if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                _isInDocument = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray ? false
                    : throw new JsonException("The document is a single value.");
                return (int)reader.BytesConsumed;
            }
        }
    }

    /// <summary>Takes the token at the reader; false where it begins an entry whose end has not come.</summary>
    private bool TryTake(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        if (_isInRows)
        {
            if (reader.TokenType is JsonTokenType.EndArray && reader.CurrentDepth == _depth)
            {
                _isInRows = false;
                return true;
            }

            var start = (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                return false;
            }

            OnRow(data[start..(int)reader.BytesConsumed]);
            return true;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                _property = WireText.Read(ref reader) ?? "";
                break;
            case JsonTokenType.StartArray when _property == list:
                (_isInRows, HasRows, _depth) = (true, true, reader.CurrentDepth);
                OnList();
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                OnField(_property, ref reader);
                break;
        }

        return true;
    }

    private static int CountSpaces(ReadOnlySpan<byte> data) =>
        data.IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var count ? count : data.Length;
}
