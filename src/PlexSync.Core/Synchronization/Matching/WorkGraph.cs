namespace PlexSync;

/// <summary>
/// Which items are copies of one work: those that share an external identifier, then those that share Plex's own; never those that an
/// external catalogue tells apart.
/// </summary>
internal sealed class WorkGraph
{
    /// <summary>Nobody has more copies of one film: an identifier that more items share identifies nothing.</summary>
    private const int MostCopies = 12;

    private readonly Func<CatalogueItem, CatalogueItem, bool> _areOnOneServer;
    private readonly Dictionary<CatalogueItem, int> _numbers = [];
    private readonly List<CatalogueItem> _items = [];

    // The copies of a work form a tree, to compare works by its root, and a ring, to go through them.
    private readonly List<int> _parents = [];
    private readonly List<int> _next = [];
    private readonly List<int> _sizes = [];
    private readonly HashSet<int> _doubtful = [];

    /// <param name="seeds">The items whose copies are wanted.</param>
    /// <param name="pool">Where copies may be; only those that identifiers lead to from a seed are looked at.</param>
    /// <param name="areOnOneServer">Two items are on the same server, where Plex's own identifiers tell works apart.</param>
    public WorkGraph(
        IReadOnlyCollection<CatalogueItem> seeds, IEnumerable<CatalogueItem> pool, Func<CatalogueItem, CatalogueItem, bool> areOnOneServer)
    {
        _areOnOneServer = areOnOneServer;
        var items = seeds.ToList();
        // The identifiers of a copy can lead to further copies. An item that takes more rounds to reach belongs to a chain of more items
        // than a work can have copies.
        var (known, wanted) = (seeds.ToHashSet(), new HashSet<WorkId>());
        Predicate<WorkId> isWanted = wanted.Contains;
        for (var (found, round) = (items, 0); WantIdsOf(found) && round < 2 * MostCopies; round++)
        {
            found = pool.Where(item => Array.Exists(item.Ids, isWanted) && known.Add(item)).ToList();
            items.AddRange(found);
        }

        var owners = new Dictionary<WorkId, int>();
        foreach (var (one, other) in Sharing(items, owners, static id => id.IsExternal))
        {
            Unite(NumberOf(one), NumberOf(other));
        }

        DoubtContradictions();
        owners.Clear();
        foreach (var item in Unite([.. Sharing(items, owners, static id => !id.IsExternal)]))
        {
            if (CopiesOf(NumberOf(item)) is [_])
            {
                Doubt(item);
            }
        }

        // False where they lead no further.
        bool WantIdsOf(List<CatalogueItem> found)
        {
            var before = wanted.Count;
            wanted.UnionWith(found.SelectMany(static item => item.Ids));
            return wanted.Count > before;
        }
    }

    private void DoubtContradictions()
    {
        for (var number = 0; number < _items.Count; number++)
        {
            if (Root(number) == number && _next[number] != number && IsContradictory(CopiesOf(number)))
            {
                _doubtful.Add(number);
            }
        }
    }

    /// <summary>The copies of an item, itself among them; null if the graph does not have the item.</summary>
    public List<CatalogueItem>? Of(CatalogueItem item) => _numbers.TryGetValue(item, out var number) ? CopiesOf(number) : null;

    /// <summary>The copies of each work.</summary>
    public IEnumerable<List<CatalogueItem>> All
    {
        get
        {
            for (var number = 0; number < _items.Count; number++)
            {
                if (Root(number) == number)
                {
                    yield return CopiesOf(number);
                }
            }
        }
    }

    /// <summary>Whether identifiers contradict each other, so that it cannot be told what the item is a copy of.</summary>
    public bool IsDoubtful(CatalogueItem item) => _numbers.TryGetValue(item, out var number) && _doubtful.Contains(Root(number));

    /// <summary>
    /// Unites the two items of each pair, unless the group that this makes would contradict itself. Then nothing in the group is united: it
    /// cannot be told which pair is right, and the order of the pairs must not decide. Returns the items that were not united.
    /// </summary>
    public List<CatalogueItem> Unite(IReadOnlyCollection<(CatalogueItem One, CatalogueItem Other)> pairs)
    {
        var groups = new Dictionary<int, List<int>>();
        foreach (var (one, other) in pairs)
        {
            var (mine, theirs) = (GroupOf(one), GroupOf(other));
            if (mine != theirs)
            {
                var (larger, smaller) = mine.Count < theirs.Count ? (theirs, mine) : (mine, theirs);
                larger.AddRange(smaller);
                smaller.ForEach(root => groups[root] = larger);
            }
        }

        var refused = new List<CatalogueItem>();
        foreach (var group in groups.Values.Distinct().ToList())
        {
            if (group.Sum(root => _sizes[root]) > MostCopies
                || group.Exists(_doubtful.Contains)
                || IsContradictory([.. group.SelectMany(CopiesOf)]))
            {
                refused.AddRange(group.SelectMany(CopiesOf));
            }
            else
            {
                group.ForEach(root => Unite(group[0], root));
            }
        }

        return refused;

        List<int> GroupOf(CatalogueItem item)
        {
            var root = Root(NumberOf(item));
            if (!groups.TryGetValue(root, out var group))
            {
                groups.Add(root, group = [root]);
            }

            return group;
        }
    }

    public void Doubt(CatalogueItem item) => _doubtful.Add(Root(NumberOf(item)));

    /// <summary>Both are in one external catalogue, and not as the same work.</summary>
    public static bool Contradict(CatalogueItem one, CatalogueItem other) => WorkId.Contradict(one.Ids, other.Ids);

    /// <summary>Pairs of items that share a wanted identifier and are not united yet.</summary>
    private IEnumerable<(CatalogueItem One, CatalogueItem Other)> Sharing(
        List<CatalogueItem> items, Dictionary<WorkId, int> owners, Func<WorkId, bool> isWanted)
    {
        foreach (var item in items)
        {
            var number = NumberOf(item);
            foreach (var id in item.Ids)
            {
                if (isWanted(id) && !owners.TryAdd(id, number) && Root(owners[id]) != Root(number))
                {
                    yield return (_items[owners[id]], item);
                }
            }
        }
    }

    private bool IsContradictory(List<CatalogueItem> copies) => copies.Exists(one => copies.Exists(other =>
        Contradict(one, other) || (_areOnOneServer(one, other) && (DifferForPlex(one, other) || AreEpisodesOfOneShow(one, other)))));

    private static bool AreEpisodesOfOneShow(CatalogueItem one, CatalogueItem other) =>
        one != other && one.ShowKey != default && one.ShowKey == other.ShowKey && one.Number != other.Number;

    private static bool DifferForPlex(CatalogueItem one, CatalogueItem other) =>
        Array.Find(one.Ids, static id => id.IsPlex) is { Value: > 0 } mine
            && Array.Find(other.Ids, static id => id.IsPlex) is { Value: > 0 } theirs && mine != theirs;

    private List<CatalogueItem> CopiesOf(int number)
    {
        var copies = new List<CatalogueItem> { _items[number] };
        for (var next = _next[number]; next != number; next = _next[next])
        {
            copies.Add(_items[next]);
        }

        return copies;
    }

    private int NumberOf(CatalogueItem item)
    {
        if (!_numbers.TryGetValue(item, out var number))
        {
            _numbers.Add(item, number = _items.Count);
            _items.Add(item);
            _parents.Add(number);
            _next.Add(number);
            _sizes.Add(1);
        }

        return number;
    }

    private int Root(int number)
    {
        while (_parents[number] != number)
        {
            number = _parents[number] = _parents[_parents[number]];
        }

        return number;
    }

    private void Unite(int one, int other)
    {
        (one, other) = (Root(one), Root(other));
        if (one == other)
        {
            return;
        }

        if (_sizes[one] + _sizes[other] > MostCopies)
        {
            _doubtful.Add(one);
            _doubtful.Add(other);
            return;
        }

        _sizes[one] += _sizes[other];

        _parents[other] = one;
        (_next[one], _next[other]) = (_next[other], _next[one]);
        if (_doubtful.Contains(other))
        {
            _doubtful.Add(one);
        }
    }
}
