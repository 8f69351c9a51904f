using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>
/// The items that two users had both watched at the end of their last run. What one of them has unwatched since can be unwatched for the
/// other, too. The order of the two users does not matter.
/// </summary>
public sealed class Agreements
{
    private readonly Dictionary<(RatingKey One, RatingKey Other), ulong> _items = [];

    /// <summary>Agreements of two users, without any items yet.</summary>
    public Agreements(ServerUser one, ServerUser other)
    {
        var isOrdered = string.CompareOrdinal($"{one}", $"{other}") <= 0;
        (One, Other) = isOrdered ? (one, other) : (other, one);
    }

    /// <summary>Agreements as they were kept.</summary>
    /// <param name="one">One of the two users.</param>
    /// <param name="other">The other.</param>
    /// <param name="isArmed">See <see cref="IsArmed"/>.</param>
    /// <param name="items">What both have watched, the key of <paramref name="one"/> first.</param>
    [JsonConstructor]
    public Agreements(ServerUser one, ServerUser other, bool isArmed, IEnumerable<AgreedItem> items)
        : this(one, other)
    {
        IsArmed = isArmed;
        foreach (var item in items ?? [])
        {
            Add(Pair(one, item.One, item.Other, item.Work));
        }
    }

    /// <summary>One of the two users: the one whose text comes first in ordinal order.</summary>
    public ServerUser One { get; }

    /// <summary>The other user.</summary>
    public ServerUser Other { get; }

    /// <summary>
    /// Whether these users have had a run with <see cref="SyncOptions.Unwatched"/>: from the next one on, un-watching travels between them.
    /// </summary>
    public bool IsArmed { get; set; }

    /// <summary>The items that both have watched.</summary>
    public IEnumerable<AgreedItem> Items => _items.Select(static item => new AgreedItem(item.Key.One, item.Key.Other, item.Value));

    /// <summary>Adds items that both have watched.</summary>
    /// <returns>True if they were not known, or were known as another work.</returns>
    public bool Add(AgreedItem item)
    {
        var isKnown = Contains(item);
        _items[(item.One, item.Other)] = item.Work;
        return !isKnown;
    }

    /// <summary>Whether both had watched the items, as the same work.</summary>
    public bool Contains(AgreedItem item) => _items.TryGetValue((item.One, item.Other), out var work) && work == item.Work;

    /// <summary>Whether the two rating keys are known, as this work or another.</summary>
    public bool Knows(AgreedItem item) => _items.ContainsKey((item.One, item.Other));

    /// <summary>Removes two rating keys, whichever work they were kept as.</summary>
    /// <returns>True if they were known.</returns>
    public bool Remove(AgreedItem item) => _items.Remove((item.One, item.Other));

    /// <summary>Removes the items that meet a condition.</summary>
    /// <returns>True if there were any.</returns>
    public bool RemoveWhere(Predicate<AgreedItem> isGone)
    {
        ArgumentNullException.ThrowIfNull(isGone);
        var gone = Items.Where(item => isGone(item)).ToList();
        gone.ForEach(item => Remove(item));
        return gone.Count > 0;
    }

    /// <summary>The users, and how many items.</summary>
    public override string ToString() => $"{One}, {Other}: {_items.Count} items";

    /// <summary>The rating key of the item for one of the two users.</summary>
    internal RatingKey KeyOf(ServerUser user, AgreedItem item) => user == One ? item.One : item.Other;

    /// <summary>Two items, of which the first is that of <paramref name="user"/>.</summary>
    internal AgreedItem Pair(ServerUser user, RatingKey item, RatingKey other, ulong work) =>
        user == One ? new(item, other, work) : new(other, item, work);
}

/// <summary>Two items that two users have both watched.</summary>
/// <param name="One">The rating key at <see cref="Agreements.One"/>.</param>
/// <param name="Other">The rating key at <see cref="Agreements.Other"/>; the same on one server.</param>
/// <param name="Work">
/// A number for the work, by which one sees that a rating key still belongs to it: a server whose database is rebuilt gives its keys to
/// other items.
/// </param>
public readonly record struct AgreedItem(RatingKey One, RatingKey Other, ulong Work);
