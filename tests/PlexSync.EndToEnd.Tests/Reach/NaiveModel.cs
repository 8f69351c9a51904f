namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>A state as the tables of docs/policies.md have it: watched or not, where, when.</summary>
internal sealed record Seen(bool Watched, long Position, long Date)
{
    public static readonly Seen Nothing = new(false, 0, 0);

    public bool IsNothing => !Watched && Position == 0;

    public bool IsLike(Seen other) =>
        Watched == other.Watched && Position > 0 == other.Position > 0 && Math.Abs(Position - other.Position) <= 1000;
}

/// <summary>
/// The policies as their definitions read, written once more and without a thought for speed: what a run must lead to, and what the tables
/// of the documentation are held against.
/// </summary>
internal static class NaiveModel
{
    /// <summary>What the target becomes.</summary>
    public static Seen Follow(string policy, Seen own, Seen other)
    {
        switch (policy)
        {
            case "copy" when other.Watched:
                var isLater = own.IsNothing || (other.Date > 0 && other.Date > own.Date);
                return new Seen(true, other.Position > 0 && isLater ? other.Position : own.Watched ? own.Position : 0, own.Date);
            case "copy" when other.Position > 0 && !own.Watched:
                return own with { Position = other.Position };
            case "fill" when own.IsNothing:
                return Follow("copy", own, other);
            case "furthest" when !own.Watched && other.Watched:
                return own with { Watched = true, Position = 0 };
            case "furthest" when !own.Watched:
                return own with { Position = Math.Max(own.Position, other.Position) };
            case "newest":
                var latest = Latest(own, other).Position;
                return own with { Watched = own.Watched || other.Watched, Position = own.Watched && latest == 0 ? own.Position : latest };
            case "mirror":
                return own with { Watched = other.Watched, Position = other.Position };
            default:
                return own;
        }
    }

    /// <summary>What the source becomes where both may change.</summary>
    public static Seen Return(string policy, Seen own, Seen other) => policy is "furthest" or "newest" ? Follow(policy, own, other)
        : own.IsNothing ? own with { Watched = other.Watched, Position = other.Position }
        : !own.Watched && other.Watched ? own with { Watched = true, Position = 0 }
        : own;

    /// <summary>What several copies, or several users, have together.</summary>
    public static Seen Together(string policy, IEnumerable<Seen> states)
    {
        var all = states.ToList();
        var watched = all.Exists(state => state.Watched);
        var date = all.Max(state => state.Date);
        return policy == "furthest"
            ? new Seen(watched, watched ? 0 : all.Max(state => state.Position), date)
            : all.Aggregate(Latest) with { Watched = watched, Date = date };
    }

    /// <summary>What Plex can be made to store of it (plex-facts §6).</summary>
    public static Seen Stored(Seen before, Seen desired, long? duration) =>
        desired.IsLike(before) ? before
        : desired.Position == 0 || (desired.Position > 60_000 && duration is { } length && desired.Position < length * 0.9) ? desired
        : desired.Watched == before.Watched ? before
        : desired with { Position = 0 };

    /// <summary>Lets two users' copies of one work come to rest.</summary>
    public static void Settle(
        string policy, bool twoWay, Dictionary<string, Seen> source, Dictionary<string, Seen> target, Func<string, long?> duration)
    {
        var (mine, theirs) = (new Dictionary<string, Seen>(source), new Dictionary<string, Seen>(target));
        for (var round = 0; round < 12; round++)
        {
            var common = Together(policy, source.Values);
            foreach (var key in target.Keys.ToList())
            {
                target[key] = Move(policy, theirs[key], target[key], Follow(policy, target[key], common), common, duration(key));
            }

            common = Together(policy, target.Values);
            foreach (var key in twoWay ? source.Keys.ToList() : [])
            {
                source[key] = Move(policy, mine[key], source[key], Return(policy, source[key], common), common, duration(key));
            }
        }
    }

    public static Seen Move(string policy, Seen original, Seen current, Seen desired, Seen other, long? duration)
    {
        if (desired.IsLike(current))
        {
            return current;
        }

        var stored = Stored(original, desired, duration);
        return stored.IsLike(original) ? original
            : stored with { Date = policy == "newest" ? Math.Max(original.Date, other.Date) : other.Date };
    }

    private static Seen Latest(Seen one, Seen other) =>
        one.Date != other.Date ? (one.Date > other.Date ? one : other) : one.Position >= other.Position ? one : other;
}
