using System.Buffers;

namespace PlexSync;

/// <summary>One page of a listing, in memory that is used again for other pages: dispose it, and keep nothing of it.</summary>
internal sealed class ListingPage : IDisposable
{
    /// <summary>Far more than a page holds, and than an unpaged answer should.</summary>
    private const int MaxCount = 50_000;

    private StoredRow[] _rows = [];
    private char[] _text = [];
    private int _textLength;

    /// <summary>How many items there are on the page.</summary>
    public int Count { get; private set; }

    /// <summary>How many the page says that it holds.</summary>
    public long? Size { get; set; }

    /// <summary>Where the page says that it starts.</summary>
    public long? Offset { get; set; }

    /// <summary>How many items it says there are in all.</summary>
    public long? Total { get; set; }

    /// <summary>How many bytes it was.</summary>
    public long Length { get; set; }

    /// <summary>The last second that is not in the future by the server's clock: a later view or rating counts as undated.</summary>
    public long Latest { get; set; } = long.MaxValue;

    public ItemRow this[int index]
    {
        get
        {
            ref readonly var row = ref _rows[index];
            return new ItemRow
            {
                Key = At(row.Key),
                Type = row.Type,
                Title = At(row.Title),
                IsPart = row.IsPart,
                Show = At(row.Show),
                ShowKey = At(row.ShowKey),
                Season = row.Season,
                Episode = row.Episode,
                Year = row.Year,
                Day = row.Day,
                Duration = TimeSpan.FromMilliseconds(row.Duration),
                PlexGuid = At(row.PlexGuid),
                ExternalIds = At(row.ExternalIds),
                IsStateDamaged = row.IsStateDamaged,
                State = row.IsStateDamaged ? default : new WatchState
                {
                    ViewCount = row.ViewCount,
                    Position = TimeSpan.FromMilliseconds(row.ViewOffset),
                    LastViewedAt = ToDate(row.LastViewedAt),
                    UserRating = row.UserRating,
                    LastRatedAt = ToDate(row.LastRatedAt),
                },
            };
        }
    }

    /// <summary>The rating key of an item; what is none there is no key, or cannot be one.</summary>
    public ReadOnlySpan<char> KeyOf(int index) => At(_rows[index].Key);

    /// <summary>How many of the items have an impossible state.</summary>
    public int CountDamaged()
    {
        var count = 0;
        foreach (ref readonly var row in _rows.AsSpan(0, Count))
        {
            count += row.IsStateDamaged ? 1 : 0;
        }

        return count;
    }

    /// <summary>Takes the items off the page, and disposes it.</summary>
    public MediaItem[] TakeItems(TextPool texts)
    {
        var items = new MediaItem[Count];
        for (var at = 0; at < items.Length; at++)
        {
            items[at] = this[at].ToItem(texts);
        }

        Dispose();
        return items;
    }

    /// <summary>Drops the items of other types.</summary>
    public void DropOthers(MediaType type)
    {
        var kept = 0;
        for (var at = 0; at < Count; at++)
        {
            if (_rows[at].Type == type)
            {
                _rows[kept++] = _rows[at];
            }
        }

        Count = kept;
    }

    public void Add(in StoredRow row)
    {
        if (Count == MaxCount)
        {
            throw new System.Text.Json.JsonException($"A list has more than {MaxCount} elements.");
        }

        Reserve(ref _rows, Count, 1);
        _rows[Count++] = row;
    }

    /// <summary>Forgets the items: what came was not the list that counts.</summary>
    public void Clear() => (Count, _textLength) = (0, 0);

    /// <summary>Room for text, which <see cref="Keep"/> then keeps.</summary>
    public Span<char> Reserve(int length)
    {
        Reserve(ref _text, _textLength, length);
        return _text.AsSpan(_textLength);
    }

    /// <summary>Keeps so many of the characters that were written last.</summary>
    public Slice Keep(int length)
    {
        var slice = new Slice(_textLength, length);
        _textLength += length;
        return slice;
    }

    /// <summary>Where the next text will be, to <see cref="Revert"/> to.</summary>
    public int TextLength => _textLength;

    /// <summary>Drops the texts that were added since.</summary>
    public void Revert(int textLength) => _textLength = textLength;

    public void Dispose()
    {
        ReturnTo(ref _rows, isCleared: true);
        ReturnTo(ref _text, isCleared: false);
        Clear();
    }

    public ReadOnlySpan<char> At(Slice slice) => _text.AsSpan(slice.Start, slice.Length);

    private DateTimeOffset? ToDate(long seconds) =>
        seconds > 0 && seconds <= LastUnixSecond && seconds <= Latest ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private static readonly long LastUnixSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static void Reserve<T>(ref T[] array, int used, int more)
    {
        if (used + more <= array.Length)
        {
            return;
        }

        var larger = ArrayPool<T>.Shared.Rent(Math.Max(used + more, Math.Max(1024, 2 * used)));
        array.AsSpan(0, used).CopyTo(larger);
        (array, var old) = (larger, array);
        if (old.Length > 0)
        {
            ArrayPool<T>.Shared.Return(old, clearArray: false);
        }
    }

    private static void ReturnTo<T>(ref T[] array, bool isCleared)
    {
        (array, var old) = ([], array);
        if (old.Length > 0)
        {
            ArrayPool<T>.Shared.Return(old, isCleared);
        }
    }

    /// <summary>A part of the page's text.</summary>
    internal readonly record struct Slice(int Start, int Length);

    /// <summary>One item; its dates as the server sent them.</summary>
    internal struct StoredRow
    {
        public Slice Key;
        public Slice Title;
        public Slice Show;
        public Slice ShowKey;
        public Slice PlexGuid;
        public Slice ExternalIds;
        public MediaType Type;
        public bool IsPart;
        public bool IsStateDamaged;
        public int Season;
        public int Episode;
        public int Year;
        public int Day;
        public int ViewCount;
        public long ViewOffset;
        public long Duration;
        public long LastViewedAt;
        public long LastRatedAt;
        public double? UserRating;
    }
}
