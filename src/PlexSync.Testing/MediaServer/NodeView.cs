namespace PlexSync.Testing.MediaServer;

/// <summary>Nodes as one user sees them: states, and counts over visible leaves only. Use it under the server's gate.</summary>
internal readonly struct NodeView(SimulatedServer server, long userId)
{
    public long UserId { get; } = userId;

    /// <summary>Whose ratings the user reads (plex-facts §6.5).</summary>
    private long Rater => server.Switches.SharedRatingsAreOwners ? server.OwnerId : UserId;

    public ItemState State(SimulatedItem item)
    {
        var state = server.State(UserId, item.RatingKey);
        return Rater == UserId ? state : Rated(state, item.RatingKey);
    }

    public IEnumerable<SimulatedItem> Leaves(Node node)
    {
        var user = UserId;
        return node.Leaves.Where(leaf => !leaf.HiddenFrom.Contains(user));
    }

    public int LeafCount(Node node) => Leaves(node).Count();

    public int ViewedLeafCount(Node node)
    {
        var (user, from) = (UserId, server);
        return Leaves(node).Count(leaf => from.State(user, leaf.RatingKey).IsWatched);
    }

    /// <summary>A leaf's own state; a container counts as viewed when its last leaf was.</summary>
    public ItemState State(Node node)
    {
        if (node.IsLeaf) return State(node.First);
        var (user, from) = (UserId, server);
        var states = Leaves(node).Select(leaf => from.State(user, leaf.RatingKey)).ToList();
        return Rated(new ItemState(states.Sum(state => state.ViewCount), 0, states.Max(state => state.LastViewedAt)), node.RatingKey);
    }

    private ItemState Rated(ItemState state, string ratingKey)
    {
        var rated = server.State(Rater, ratingKey);
        return state with { UserRating = rated.UserRating, LastRatedAt = rated.LastRatedAt };
    }
}
