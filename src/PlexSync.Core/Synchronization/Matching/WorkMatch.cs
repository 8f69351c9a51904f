namespace PlexSync;

/// <summary>One work: which participants have copies of it, and which copies.</summary>
internal sealed class WorkMatch(IReadOnlyList<Participant> participants)
{
    private readonly List<Copies> _everybody = [.. participants.Select(static participant => new Copies(participant))];

    /// <summary>The copies of each participant who has any.</summary>
    public List<Copies> Copies { get; } = [];

    /// <summary>The copies of each participant who has any and may change.</summary>
    public IEnumerable<Copies> Written => Copies.Where(static copies => copies.Owner.IsWritten);

    public List<CatalogueItem> Source => _everybody[0].Items;

    public List<CatalogueItem> Target => _everybody[1].Items;

    /// <summary>Of two participants: the copies of the other one.</summary>
    public Copies OtherThan(Copies own) => own == Copies[0] ? Copies[1] : Copies[0];

    public bool Exists(Func<Participant, CatalogueItem, bool> isSo) =>
        Copies.Exists(copies => copies.Items.Exists(item => isSo(copies.Owner, item)));

    /// <summary>Makes these items the copies of the work; true if at least two participants have one of them.</summary>
    public bool Set(ReadOnlySpan<CatalogueItem> items)
    {
        Copies.Clear();
        foreach (var copies in _everybody)
        {
            copies.Items.Clear();
            foreach (var item in items)
            {
                if (item.IsListedBy(copies.Owner.Number))
                {
                    copies.Items.Add(item);
                }
            }

            if (copies.Items.Count > 0)
            {
                Copies.Add(copies);
            }
        }

        return Copies.Count > 1;
    }
}

/// <summary>The copies that one participant has of a work.</summary>
internal sealed class Copies(Participant owner)
{
    public Participant Owner => owner;

    public List<CatalogueItem> Items { get; } = [];
}
