using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>One user of one server, as a part of a pair.</summary>
internal sealed record BaselineSide(MachineIdentifier Server, UserId User)
{
    public static BaselineSide Of(PlexServer server) => new(server.MachineIdentifier, server.User.Id);

    public override string ToString() => $"{Server}/{User}";
}

/// <summary>
/// What two users were seen to have watched, both of them, at the end of their last run. The order of the two does not matter.
/// </summary>
internal sealed class Baseline
{
    /// <summary>By the rating key, or by both with a space between them where they differ: no key has one.</summary>
    private readonly Dictionary<string, ulong> _items = new(StringComparer.Ordinal);

    /// <summary>What was changed since it was read.</summary>
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    public Baseline(BaselineSide one, BaselineSide other)
    {
        var isOrdered = string.CompareOrdinal($"{one}", $"{other}") <= 0;
        (One, Other) = isOrdered ? (one, other) : (other, one);
    }

    public BaselineSide One { get; }

    public BaselineSide Other { get; }

    /// <summary>A run that was asked to let un-watching travel has been through: from now on it does.</summary>
    public bool IsArmed { get; set; }

    /// <summary>What tells the work of two items, of which the one belongs to <paramref name="side"/>.</summary>
    public ulong WorkOf(BaselineSide side, CatalogueItem item, CatalogueItem other) => WorkOf(side == One ? item : other);

    /// <summary>The items of both sides, with what tells whether a rating key still belongs to the same work.</summary>
    public IReadOnlyDictionary<string, ulong> Items => _items;

    /// <param name="side">Whose <paramref name="item"/> is.</param>
    /// <param name="item">An item of that side.</param>
    /// <param name="other">The item of the other side.</param>
    public bool Contains(BaselineSide side, CatalogueItem item, CatalogueItem other) =>
        _items.TryGetValue(KeyOf(side, item.Key, other.Key), out var work) && work == WorkOf(side == One ? item : other);

    public void Add(BaselineSide side, RatingKey item, RatingKey other, ulong work)
    {
        var key = KeyOf(side, item, other);
        _items[key] = work;
        _added.Add(key);
        _removed.Remove(key);
    }

    /// <summary>As it was read.</summary>
    public void Add(string items, ulong work) => _items[items] = work;

    public bool Remove(BaselineSide side, RatingKey item, RatingKey other) => Remove(KeyOf(side, item, other));

    /// <summary>Forgets pairs of items, of which the first is one of <paramref name="side"/>; true if there was anything.</summary>
    public bool RemoveWhere(BaselineSide side, Func<string, string, bool> isGone) =>
        RemoveWhere(pair => pair.Split(' ') is var keys && (side == One ? isGone(keys[0], keys[^1]) : isGone(keys[^1], keys[0])));

    /// <summary>
    /// Makes the changes of this one to what is remembered now, which other runs may have changed since this one was read: what they have
    /// forgotten stays forgotten, unless it was agreed on anew.
    /// </summary>
    /// <param name="now">What is remembered now.</param>
    /// <param name="isCurrent">Nobody has written to either user since: what was agreed on still holds.</param>
    public void CarryTo(Baseline now, bool isCurrent)
    {
        now.IsArmed |= IsArmed;
        foreach (var pair in _removed)
        {
            now.Remove(pair);
        }

        if (!isCurrent)
        {
            now.RemoveWhere(pair => !_items.ContainsKey(pair));
            return;
        }

        foreach (var pair in _added)
        {
            now._items[pair] = _items[pair];
        }
    }

    /// <summary>Forgets what concerns these items of one side; true if there was anything.</summary>
    public bool Remove(BaselineSide side, IReadOnlySet<string> items) => RemoveWhere(side, (item, _) => items.Contains(item));

    /// <summary>What the item is called, as a number: rating keys are given out anew when a server's database is rebuilt.</summary>
    public static ulong WorkOf(CatalogueItem item)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{item.Type}\n{item.Title}\n{item.Year}\n{item.Show}\n{item.Number}");
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    private bool RemoveWhere(Func<string, bool> isGone)
    {
        var gone = _items.Keys.Where(isGone).ToList();
        gone.ForEach(pair => Remove(pair));
        return gone.Count > 0;
    }

    private bool Remove(string pair)
    {
        if (!_items.Remove(pair))
        {
            return false;
        }

        _added.Remove(pair);
        _removed.Add(pair);
        return true;
    }

    private string KeyOf(BaselineSide side, RatingKey item, RatingKey other) =>
        item == other ? item.ToString() : side == One ? $"{item} {other}" : $"{other} {item}";
}
