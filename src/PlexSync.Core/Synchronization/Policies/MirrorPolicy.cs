namespace PlexSync;

/// <summary>The target gets exactly what the source has, and loses what the source has not.</summary>
internal sealed class MirrorPolicy : IConflictPolicy
{
    public string Name => "mirror";

    public Resolution Resolve(in ConflictContext context)
    {
        var (source, target) = (context.Source, context.Target);
        if (source.Matches(target))
        {
            return context.Unchanged();
        }

        // Counts cannot be set: a watched target keeps its own, so that nothing is lost that could not be given back.
        var desired = target with { ViewCount = source.IsWatched ? Math.Max(target.ViewCount, 1) : 0, Position = source.Position };
        return context.ChangeTarget(desired, ReasonOf(source, target));
    }

    private static ChangeReason ReasonOf(WatchState source, WatchState target) =>
        source.IsEmpty ? ChangeReason.SourceUnwatched
        : source.IsWatched && (!target.IsWatched || !source.IsInProgress) ? ChangeReason.SourceWatched
        : ChangeReason.SourceInProgress;
}
