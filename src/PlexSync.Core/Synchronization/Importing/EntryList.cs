using System.Runtime.InteropServices;
using System.Text.Json;

namespace PlexSync;

/// <summary>Gathers the entries of a history, and names those of no use.</summary>
internal sealed class EntryList
{
    /// <summary>Several times what the largest library holds: a limit on the memory that a history can take.</summary>
    private const int MostItems = 2_000_000;

    private readonly List<ImportedState> _items = [];
    private readonly List<UnusableEntry> _unusable = [];
    private readonly Dictionary<string, long> _otherKinds = new(StringComparer.Ordinal);
    private long _unusableCount;

    /// <summary>How many entries were counted.</summary>
    public long Count { get; private set; }

    public void Add(ImportedState state)
    {
        if (state.FindFault() is { } fault)
        {
            Reject(state.Title, fault);
            return;
        }

        Count++;
        _items.Add(_items.Count < MostItems ? state : throw new JsonException("There are too many items."));
    }

    /// <summary>Counts an entry about something else than movies and episodes.</summary>
    public void Leave(string? title, string? type)
    {
        if (KindOf(type) is { } kind)
        {
            Count++;
            CollectionsMarshal.GetValueRefOrAddDefault(_otherKinds, kind, out _)++;
        }
        else
        {
            Reject(title, UnusableReason.Damaged);
        }
    }

    /// <summary>What kind of item it is, in a word; null where that is damaged.</summary>
    public static string? KindOf(string? type) =>
        string.IsNullOrWhiteSpace(type) ? null : type.Length <= 20 && type.All(char.IsAsciiLetter) ? type : "other";

    public void Reject(string? title, UnusableReason reason, long? position = null)
    {
        Count++;
        _unusableCount++;
        if (_unusable.Count < ImportedStates.MostNamed)
        {
            _unusable.Add(new UnusableEntry(position ?? Count, title, reason));
        }
    }

    public ImportedStates ToStates() => new()
    {
        Items = _items,
        Entries = Count,
        Unusable = _unusable,
        UnusableCount = _unusableCount,
        OtherKinds = _otherKinds,
    };
}
