namespace PlexSync;

/// <summary>A change that a server accepted and did not keep. It is remembered, since every run would otherwise write it again.</summary>
/// <param name="Change">The change.</param>
/// <param name="At">When that was noticed.</param>
public sealed record UnkeptChange(PlannedChange Change, DateTimeOffset At)
{
    /// <summary>After this a change is tried again: the server may have been repaired or replaced.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether it still counts. A date in the future, from a clock that was ahead, counts for no longer than the same distance in the past.
    /// </summary>
    public bool IsCurrent(DateTimeOffset now) => (now - At).Duration() < Life;

    /// <summary>What is to be remembered after a run: what it found unkept is added, what it wrote is forgotten.</summary>
    /// <param name="known">What was remembered before.</param>
    /// <param name="report">The run.</param>
    /// <param name="now">When it ended.</param>
    /// <returns>The new list; the same one where nothing changes.</returns>
    public static IReadOnlyList<UnkeptChange> Update(IReadOnlyList<UnkeptChange> known, SyncReport report, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(report);
        var unkept = report.Results.Where(IsUnkept).Select(result => new UnkeptChange(result.Change, now)).ToList();
        var written = report.Results.Where(static result => result.StateAfterRun is not null && !IsUnkept(result))
            .Select(static result => result.Change.Key)
            .ToHashSet();
        return unkept.Count == 0 && !known.Any(old => written.Contains(old.Change.Key))
            ? known
            : [.. unkept.Concat(known.Where(old => !written.Contains(old.Change.Key))).DistinctBy(static one => one.Change.Key)];
    }

    private static bool IsUnkept(ChangeResult result) =>
        result.Error?.Kind is PlexErrorKind.DidNotStick or PlexErrorKind.PositionCounted || result.SkipReason is SkipReason.OwnersRating;
}
