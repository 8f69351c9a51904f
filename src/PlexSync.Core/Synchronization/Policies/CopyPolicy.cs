namespace PlexSync;

/// <summary>The target gets what the source has seen; it never loses what it has seen itself.</summary>
internal sealed class CopyPolicy : IConflictPolicy
{
    public string Name => "copy";

    public Resolution Resolve(in ConflictContext context)
    {
        var (source, target) = (context.Source, context.Target);
        if (source.IsWatched)
        {
            // A date stamped by our own write is later than the source's; so a second run leaves the position alone.
            var follows = source.IsInProgress && IsLater(source, target);
            var position = follows ? source.Position : target.IsWatched ? target.Position : TimeSpan.Zero;
            var desired = target with { ViewCount = Math.Max(target.ViewCount, 1), Position = position };
            return desired.Matches(target)
                ? context.Unchanged()
                : context.ChangeTarget(desired, follows ? ChangeReason.SourceRewatching : ChangeReason.SourceWatched);
        }

        return source.IsInProgress && !target.IsWatched && !source.Matches(target)
            ? context.ChangeTarget(target with { Position = source.Position }, ChangeReason.SourceInProgress)
            : context.Unchanged();
    }

    private static bool IsLater(WatchState source, WatchState target) =>
        target.IsEmpty || (source.LastViewedAt is { } mine && (target.LastViewedAt is not { } theirs || mine > theirs));
}
