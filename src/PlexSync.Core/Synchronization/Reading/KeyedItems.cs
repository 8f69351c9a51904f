namespace PlexSync;

/// <summary>The items of a catalogue by their rating keys, found without a string for each question.</summary>
internal sealed class KeyedItems
{
    private readonly Dictionary<string, CatalogueItem> _items = new(StringComparer.Ordinal);
#if NET9_0_OR_GREATER
    private readonly Dictionary<string, CatalogueItem>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public KeyedItems() => _lookup = _items.GetAlternateLookup<ReadOnlySpan<char>>();

    public CatalogueItem? Find(ReadOnlySpan<char> key) => _lookup.TryGetValue(key, out var item) ? item : null;
#else
    public CatalogueItem? Find(ReadOnlySpan<char> key) => _items.GetValueOrDefault(key.ToString());
#endif

    public Dictionary<string, CatalogueItem>.ValueCollection Values => _items.Values;

    public void Add(CatalogueItem item) => _items.Add(item.Key.ToString(), item);

    public void Remove(CatalogueItem item) => _items.Remove(item.Key.ToString());

    public void TrimExcess() => _items.TrimExcess();
}
