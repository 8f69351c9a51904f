namespace PlexSync;

/// <summary>Whoever came further: watched if either side has watched, else the larger position.</summary>
internal sealed class FurthestPolicy : IConflictPolicy
{
    public string Name => "furthest";

    public Resolution Resolve(in ConflictContext context)
    {
        var (source, target) = (context.Source, context.Target);
        if (target.IsWatched)
        {
            // As far as one can be; whether and where it is being watched again is the target's own affair.
            return context.Unchanged();
        }

        if (source.IsWatched)
        {
            return context.ChangeTarget(target with { ViewCount = 1, Position = TimeSpan.Zero }, ChangeReason.SourceWatched);
        }

        return source.Position > target.Position && !source.Matches(target)
            ? context.ChangeTarget(target with { Position = source.Position }, ChangeReason.SourceInProgress)
            : context.Unchanged();
    }
}
