using PlexSync;

/// <summary>Copies that something was watched, never how far: for a household in which everybody keeps a place of their own.</summary>
internal sealed class WatchedOnlyPolicy : IConflictPolicy
{
    private static readonly ChangeReason SeenBySource = ChangeReason.Parse("seenBySource");

    public string Name => "watched-only";

    public Resolution Resolve(in ConflictContext context) =>
        context.Source.IsWatched && context.Target.IsEmpty
            ? context.ChangeTarget(context.Target with { ViewCount = 1 }, SeenBySource)
            : context.Unchanged();
}
