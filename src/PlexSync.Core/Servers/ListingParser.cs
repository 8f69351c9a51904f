using System.Buffers;
using System.Text.Json;

namespace PlexSync;

/// <summary>
/// Reads a listing in one pass over its bytes as they come: each item goes from the network's buffer into the page, and only the fields
/// that matter are decoded. As tolerant as the converters: a damaged field is absent.
/// </summary>
internal sealed class ListingParser
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>A length beyond this is damage, not data.</summary>
    public const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    private const int LongestName = 128;
    private const int LongestGuid = 512;
    private const int LongestId = 128;
    private const int MostIds = 50;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private readonly ListingPage _page;
    private readonly ListingContent _content;
    private JsonReaderState _state;
    private Place _place = Place.Start;
    private bool _hasContainer;

    private ListingParser(ListingPage page, ListingContent content) => (_page, _content) = (page, content);

    /// <summary>Where in the document the next token is.</summary>
    private enum Place
    {
        Start,
        Root,
        Container,
        Items,
        End,
    }

    private enum Field
    {
        Other,
        RatingKey,
        Type,
        Title,
        Show,
        ShowKey,
        Season,
        Episode,
        Year,
        Day,
        Duration,
        ViewCount,
        ViewOffset,
        LastViewedAt,
        UserRating,
        LastRatedAt,
        PlexGuid,
        ExternalIds,
    }

    /// <param name="body">The answer.</param>
    /// <param name="content">What is read of each item.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The page, to be disposed.</returns>
    /// <exception cref="JsonException">It is not JSON, or not of the form that every listing has.</exception>
    public static async ValueTask<ListingPage?> ReadAsync(Stream body, ListingContent content, CancellationToken cancellationToken)
    {
        var page = new ListingPage();
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var parser = new ListingParser(page, content);
            for (var (filled, enough) = (0, ByteOrderMark.Length); ;)
            {
                if (filled == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var count = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                filled += count;
                if (filled < enough && count > 0)
                {
                    continue;
                }

                var isMarked = parser._place is Place.Start && buffer.AsSpan(0, filled).StartsWith(ByteOrderMark);
                var consumed = isMarked ? ByteOrderMark.Length : 0;
                consumed += parser.Parse(buffer.AsSpan(consumed, filled - consumed), isLast: count == 0);
                if (count == 0)
                {
                    return parser._hasContainer ? page : throw new JsonException("There is no container.");
                }

                buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
                filled -= consumed;
                // A step that begins anew with each packet would take hours for one that never seems to end.
                enough = filled < FirstBuffer ? 0 : 2 * filled;
            }
        }
        catch
        {
            page.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads on as far as what has come makes whole steps; returns how many bytes these were.</summary>
    private int Parse(ReadOnlySpan<byte> data, bool isLast)
    {
        var reader = new Utf8JsonReader(data, isLast, _state);
        while (true)
        {
            var before = reader;
            var text = _page.TextLength;
            if (!TryStep(ref reader))
            {
                // The step begins anew when more of it has come.
                _page.Revert(text);
                _state = before.CurrentState;
                return (int)before.BytesConsumed;
            }
        }
    }

    /// <summary>One field of the answer or the container, or one item; false where it is not all there, or nothing follows.</summary>
    private bool TryStep(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (_place, reader.TokenType)
        {
            case (Place.Start, JsonTokenType.StartObject):
                _place = Place.Root;
                return true;
            case (Place.Root, JsonTokenType.PropertyName):
                return reader.ValueTextEquals("MediaContainer"u8) ? TryOpenContainer(ref reader) : TryPass(ref reader);
            case (Place.Root, JsonTokenType.EndObject):
                _place = Place.End;
                return true;
            case (Place.Container, JsonTokenType.PropertyName):
                return TryReadContainer(ref reader);
            case (Place.Container, JsonTokenType.EndObject):
                _place = Place.Root;
                return true;
            case (Place.Items, JsonTokenType.StartObject):
                return TryReadItem(ref reader);
            case (Place.Items, JsonTokenType.EndArray):
                _place = Place.Container;
                return true;
            default:
                throw new JsonException($"{reader.TokenType} stands where it cannot.");
        }
    }

    private bool TryOpenContainer(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            throw new JsonException("The container is no object.");
        }

        (_place, _hasContainer) = (Place.Container, true);
        return true;
    }

    private bool TryReadContainer(ref Utf8JsonReader reader)
    {
        var isSize = reader.ValueTextEquals("size"u8);
        var isTotal = reader.ValueTextEquals("totalSize"u8);
        var isOffset = reader.ValueTextEquals("offset"u8);
        if (reader.ValueTextEquals("Metadata"u8))
        {
            if (!reader.Read())
            {
                return false;
            }

            _page.Clear();
            if (reader.TokenType is JsonTokenType.StartArray)
            {
                _place = Place.Items;
            }
            else if (reader.TokenType is not JsonTokenType.Null)
            {
                throw new JsonException("The items are no list.");
            }

            return true;
        }

        if (!(isSize || isTotal || isOffset))
        {
            return TryPass(ref reader);
        }

        if (!TryReadValue(ref reader))
        {
            return false;
        }

        var number = TolerantInt64Converter.Read(ref reader, damaged: null);
        (_page.Size, _page.Total, _page.Offset) =
            (isSize ? number : _page.Size, isTotal ? number : _page.Total, isOffset ? number : _page.Offset);
        return true;
    }

    private bool TryReadItem(ref Utf8JsonReader reader)
    {
        var row = new ListingPage.StoredRow
        {
            Season = ItemRow.None,
            Episode = ItemRow.None,
            Year = ItemRow.None,
            Day = ItemRow.None,
        };
        var (isTyped, isDamaged) = (false, false);
        while (true)
        {
            if (!reader.Read())
            {
                return false;
            }

            if (reader.TokenType is JsonTokenType.EndObject)
            {
                break;
            }

            var field = FieldOf(ref reader);
            if (field is Field.Other || (!_content.WithIds && field is Field.PlexGuid or Field.ExternalIds))
            {
                if (!TryPass(ref reader))
                {
                    return false;
                }

                continue;
            }

            if (field is Field.ExternalIds ? !TryReadIds(ref reader, out row.ExternalIds) : !TryReadValue(ref reader))
            {
                return false;
            }

            switch (field)
            {
                case Field.RatingKey:
                    row.Key = ReadText(ref reader);
                    break;
                case Field.Type:
                    isTyped = TryReadType(ref reader, out row.Type);
                    break;
                case Field.Title:
                    row.Title = ReadText(ref reader, isTitle: true);
                    break;
                case Field.Show:
                    row.Show = ReadText(ref reader, isTitle: true);
                    break;
                case Field.ShowKey:
                    row.ShowKey = ReadText(ref reader);
                    break;
                case Field.Season:
                    row.Season = ReadSmall(ref reader);
                    break;
                case Field.Episode:
                    row.Episode = ReadSmall(ref reader);
                    break;
                case Field.Year:
                    row.Year = ReadSmall(ref reader);
                    break;
                case Field.Day:
                    row.Day = WireDay.Read(ref reader)?.DayNumber ?? ItemRow.None;
                    break;
                case Field.Duration:
                    row.Duration = TolerantInt64Converter.Read(ref reader, damaged: null) is > 0 and <= LongestMilliseconds and var duration
                        ? duration : 0;
                    break;
                // These two decide what is written, and absent would mean "never watched".
                case Field.ViewCount:
                    row.ViewCount = (int)ReadState(ref reader, int.MaxValue, ref isDamaged);
                    break;
                case Field.ViewOffset:
                    row.ViewOffset = ReadState(ref reader, LongestMilliseconds, ref isDamaged);
                    break;
                case Field.LastViewedAt:
                    row.LastViewedAt = TolerantInt64Converter.Read(ref reader, damaged: null) ?? 0;
                    break;
                case Field.LastRatedAt:
                    row.LastRatedAt = TolerantInt64Converter.Read(ref reader, damaged: null) ?? 0;
                    break;
                case Field.UserRating:
                    // Zero is how some clients take a rating away (plex-facts §6.5).
                    row.UserRating = TolerantDoubleConverter.Read(ref reader) is > 0 and <= 10 and var rating ? rating : null;
                    break;
                case Field.PlexGuid:
                    row.PlexGuid = ReadText(ref reader, LongestGuid);
                    break;
            }
        }

        row.Type = isTyped ? row.Type : _content.Type;
        row.IsStateDamaged = isDamaged || !isTyped;
        row.IsPart = row.Type == MediaType.Episode || row.Type == MediaType.Track;
        if (!OpaqueKey.IsValid(_page.At(row.ShowKey)))
        {
            row.ShowKey = default;
        }

        if (!row.IsPart)
        {
            (row.Show, row.ShowKey, row.Season, row.Episode) = (default, default, ItemRow.None, ItemRow.None);
        }

        _page.Add(row);
        return true;
    }

    /// <summary>Goes to a value that has come whole.</summary>
    private static bool TryReadValue(ref Utf8JsonReader reader)
    {
        return reader.Read() && (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || IsWhole(reader));

        static bool IsWhole(Utf8JsonReader copy) => copy.TrySkip();
    }

    /// <summary>Passes over the value of a property.</summary>
    private static bool TryPass(ref Utf8JsonReader reader) => reader.Read()
        && (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || reader.TrySkip());

    private static Field FieldOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return FieldOf(reader.ValueSpan);
        }

        // None of the names that matter is as long, even where each of its letters is escaped.
        if (reader.ValueSpan.Length > LongestName)
        {
            return Field.Other;
        }

        Span<byte> name = stackalloc byte[LongestName];
        try
        {
            return FieldOf(name[..reader.CopyString(name)]);
        }
        catch (InvalidOperationException)
        {
            // No Unicode, and so none of them.
            return Field.Other;
        }
    }

    private static Field FieldOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => name.SequenceEqual("type"u8) ? Field.Type
            : name.SequenceEqual("year"u8) ? Field.Year
            : name.SequenceEqual("guid"u8) ? Field.PlexGuid
            : name.SequenceEqual("Guid"u8) ? Field.ExternalIds
            : Field.Other,
        5 => name.SequenceEqual("title"u8) ? Field.Title : name.SequenceEqual("index"u8) ? Field.Episode : Field.Other,
        8 => name.SequenceEqual("duration"u8) ? Field.Duration : Field.Other,
        9 => name.SequenceEqual("ratingKey"u8) ? Field.RatingKey : name.SequenceEqual("viewCount"u8) ? Field.ViewCount : Field.Other,
        10 => name.SequenceEqual("viewOffset"u8) ? Field.ViewOffset : name.SequenceEqual("userRating"u8) ? Field.UserRating : Field.Other,
        11 => name.SequenceEqual("parentIndex"u8) ? Field.Season
            : name.SequenceEqual("lastRatedAt"u8) ? Field.LastRatedAt
            : Field.Other,
        12 => name.SequenceEqual("lastViewedAt"u8) ? Field.LastViewedAt : Field.Other,
        16 => name.SequenceEqual("grandparentTitle"u8) ? Field.Show : Field.Other,
        20 => name.SequenceEqual("grandparentRatingKey"u8) ? Field.ShowKey : Field.Other,
        21 => name.SequenceEqual("originallyAvailableAt"u8) ? Field.Day : Field.Other,
        _ => Field.Other,
    };

    /// <summary>Text as it is decoded, straight into the page; what is longer than any of Plex's is absent, but a title is cut.</summary>
    private ListingPage.Slice ReadText(ref Utf8JsonReader reader, int longest = TolerantStringConverter.Longest, bool isTitle = false)
    {
        longest = isTitle ? TitleConverter.Longest : longest;
        if (reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length <= longest)
        {
            try
            {
                return _page.Keep(reader.CopyString(_page.Reserve(reader.ValueSpan.Length)));
            }
            catch (InvalidOperationException)
            {
                // No Unicode; it is mended below.
            }
        }

        var text = TolerantStringConverter.ReadText(ref reader);
        text = isTitle ? TitleConverter.Cut(text) : text?.Length > longest ? null : text;
        text.AsSpan().CopyTo(_page.Reserve(text?.Length ?? 0));
        return _page.Keep(text?.Length ?? 0);
    }

    /// <summary>False where the server does not say in a word what kind of item it is.</summary>
    private static bool TryReadType(ref Utf8JsonReader reader, out MediaType type)
    {
        type = default;
        if (reader.TokenType is JsonTokenType.String && !reader.ValueIsEscaped)
        {
            type = reader.ValueSpan.SequenceEqual("movie"u8) ? MediaType.Movie
                : reader.ValueSpan.SequenceEqual("episode"u8) ? MediaType.Episode
                : reader.ValueSpan.SequenceEqual("track"u8) ? MediaType.Track
                : default;
        }

        if (type == default && TolerantStringConverter.ReadText(ref reader) is { Length: > 0 and <= TolerantStringConverter.Longest } word
            && char.IsAsciiLetter(word[0]) && word.AsSpan().IndexOfAnyExcept(WordCharacters) < 0)
        {
            type = MediaType.Parse(word);
        }

        return type != default;
    }

    private static int ReadSmall(ref Utf8JsonReader reader) =>
        TolerantInt64Converter.Read(ref reader, damaged: null) is >= 0 and <= int.MaxValue and var number ? (int)number : ItemRow.None;

    private static long ReadState(ref Utf8JsonReader reader, long most, ref bool isDamaged)
    {
        var number = TolerantInt64Converter.Read(ref reader, damaged: -1) ?? 0;
        isDamaged |= number < 0 || number > most;
        return isDamaged ? 0 : number;
    }

    /// <summary>
    /// The ids of a list of <c>{"id":"imdb://…"}</c>, each on a line of its own: every item of a library has three. False where the list is
    /// not all there.
    /// </summary>
    private bool TryReadIds(ref Utf8JsonReader reader, out ListingPage.Slice ids)
    {
        var (start, count) = (_page.TextLength, 0);
        ids = default;
        if (!reader.Read())
        {
            return false;
        }

        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            return reader.TrySkip();
        }

        while (true)
        {
            if (!reader.Read())
            {
                return false;
            }

            if (reader.TokenType is JsonTokenType.EndArray)
            {
                ids = new ListingPage.Slice(start, _page.TextLength - start);
                return true;
            }

            if (reader.TokenType is JsonTokenType.StartObject ? !TryReadIdsOf(ref reader, ref count) : !reader.TrySkip())
            {
                return false;
            }
        }
    }

    private bool TryReadIdsOf(ref Utf8JsonReader reader, ref int count)
    {
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject)
            {
                return true;
            }

            var isId = reader.ValueTextEquals("id"u8);
            if (!TryReadValue(ref reader))
            {
                return false;
            }

            if (isId && reader.TokenType is JsonTokenType.String && count < MostIds)
            {
                count += TryKeepId(ref reader, isFirst: count == 0) ? 1 : 0;
            }
            else
            {
                WireText.Skip(ref reader);
            }
        }

        return false;
    }

    private bool TryKeepId(ref Utf8JsonReader reader, bool isFirst)
    {
        var start = _page.TextLength;
        if (!isFirst)
        {
            _page.Reserve(1)[0] = '\n';
            _page.Keep(1);
        }

        var id = ReadText(ref reader, LongestId);
        if (id.Length > 0 && !_page.At(id).Contains('\n'))
        {
            return true;
        }

        _page.Revert(start);
        return false;
    }
}
