namespace PlexSync.Cli.Output;

/// <summary>How many differences were left as they are for one reason, planned so or found so while writing.</summary>
internal sealed record SkipCount(SkipReason Reason, int Count)
{
    public static List<SkipCount> Of(SyncReport report)
    {
        var counts = new List<SkipCount>();
        foreach (var reason in Enum.GetValues<SkipReason>())
        {
            var count = report.Plan.Skipped.Count(skipped => skipped.Reason == reason) + report.Results.Count(
                result => result.SkipReason == reason);
            if (count > 0)
            {
                counts.Add(new SkipCount(reason, count));
            }
        }

        return counts;
    }
}
