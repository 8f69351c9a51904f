namespace PlexSync.Cli.Output;

/// <summary>How many differences were left as they are for one reason, planned so or found so while writing.</summary>
internal sealed record SkipCount(SkipReason Reason, int Count)
{
    public static List<SkipCount> Of(SyncReport report) => report.Plan.Skipped.Select(static skipped => skipped.Reason)
        .Concat(report.Results.Select(static result => result.SkipReason).OfType<SkipReason>())
        .GroupBy(static reason => reason).OrderBy(static group => group.Key)
        .Select(static group => new SkipCount(group.Key, group.Count())).ToList();
}
