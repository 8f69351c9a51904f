namespace PlexSync;

/// <summary>The one place that knows what Plex Media Server can be made to store (plex-facts §6).</summary>
internal static class PlexWriteRules
{
    /// <summary>Positions up to here are ignored, 60 seconds included (plex-facts §6.3).</summary>
    public static readonly TimeSpan IgnoredStart = TimeSpan.FromSeconds(60);

    /// <summary>Why a position cannot be stored; null if it can.</summary>
    public static SkipReason? Refuse(TimeSpan position, TimeSpan? duration, double playedThreshold) =>
        position <= IgnoredStart ? SkipReason.PositionTooShort
        : duration is not { } length ? SkipReason.NoDuration
        : position > length ? SkipReason.PositionBeyondEnd
        : position >= length * playedThreshold ? SkipReason.PositionNearEnd
        : null;

    /// <summary>The part of a desired state that can be reached, and why the rest cannot.</summary>
    public static (WatchState After, SkipReason? Skipped) Reach(
        WatchState before, WatchState desired, TimeSpan? duration, double playedThreshold)
    {
        var after = before with { ViewCount = desired.IsWatched ? Math.Max(before.ViewCount, 1) : 0, Position = desired.Position };
        if (after.Matches(before))
        {
            return (before, null);
        }

        SkipReason? skipped = null;
        if (StateWrites.WritesPosition(before, after))
        {
            skipped = Refuse(after.Position, duration, playedThreshold);
        }

        if (skipped is not null)
        {
            if (after.IsWatched == before.IsWatched)
            {
                return (before, skipped);
            }

            // The position cannot be stored, but the mark can.
            after = after with { Position = TimeSpan.Zero };
        }

        // After marks, the view count is 1.
        return (after.IsWatched && StateWrites.MarksFrom(before, after).Length > 0 ? after with { ViewCount = 1 } : after, skipped);
    }
}
