namespace PlexSync;

/// <summary>
/// What two users were seen to have watched, both of them, at the end of their last run: what one of them has unwatched since, the other
/// may lose too. The order of the two does not matter.
/// </summary>
public sealed class Agreements
{
    private readonly Dictionary<(RatingKey One, RatingKey Other), ulong> _items = [];

    /// <summary>Nothing agreed on yet.</summary>
    public Agreements(ServerUser one, ServerUser other)
    {
        var isOrdered = string.CompareOrdinal($"{one}", $"{other}") <= 0;
        (One, Other) = isOrdered ? (one, other) : (other, one);
    }

    /// <summary>One of the two: the one that comes first in the order of their text.</summary>
    public ServerUser One { get; }

    /// <summary>The other.</summary>
    public ServerUser Other { get; }

    /// <summary>A run that was asked to let un-watching travel has been through: from now on it does.</summary>
    public bool IsArmed { get; set; }

    /// <summary>What both have watched.</summary>
    public IEnumerable<AgreedItem> Items => _items.Select(static item => new AgreedItem(item.Key.One, item.Key.Other, item.Value));

    /// <summary>Adds what both have watched.</summary>
    /// <returns>True if it was not known like that.</returns>
    public bool Add(AgreedItem item)
    {
        var isKnown = Contains(item);
        _items[(item.One, item.Other)] = item.Work;
        return !isKnown;
    }

    /// <summary>Both have watched the items, and their rating keys still belonged to that work.</summary>
    public bool Contains(AgreedItem item) => _items.TryGetValue((item.One, item.Other), out var work) && work == item.Work;

    /// <summary>The items are known, whatever work they were.</summary>
    public bool Knows(AgreedItem item) => _items.ContainsKey((item.One, item.Other));

    /// <summary>Forgets two items, whatever work they were.</summary>
    /// <returns>True if they were known.</returns>
    public bool Remove(AgreedItem item) => _items.Remove((item.One, item.Other));

    /// <summary>Forgets whatever meets a condition.</summary>
    /// <returns>True if anything does.</returns>
    public bool RemoveWhere(Predicate<AgreedItem> isGone)
    {
        ArgumentNullException.ThrowIfNull(isGone);
        var gone = Items.Where(item => isGone(item)).ToList();
        gone.ForEach(item => Remove(item));
        return gone.Count > 0;
    }

    /// <summary>The rating key of one of the two users.</summary>
    internal RatingKey KeyOf(ServerUser user, AgreedItem item) => user == One ? item.One : item.Other;

    /// <summary>Two items, of which the first is that of <paramref name="user"/>.</summary>
    internal AgreedItem Pair(ServerUser user, RatingKey item, RatingKey other, ulong work) =>
        user == One ? new(item, other, work) : new(other, item, work);
}

/// <summary>Two items that two users have both watched.</summary>
/// <param name="One">The rating key at <see cref="Agreements.One"/>.</param>
/// <param name="Other">The rating key at <see cref="Agreements.Other"/>; the same on one server.</param>
/// <param name="Work">Tells whether the rating keys still belong to the same work: they are given out anew when a server's database is
/// rebuilt.</param>
public readonly record struct AgreedItem(RatingKey One, RatingKey Other, ulong Work);
