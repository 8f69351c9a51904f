using System.Diagnostics.Metrics;
using System.Text.Json;

namespace PlexSync.Hosting;

/// <summary>Counts what the jobs do.</summary>
internal sealed class JobMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "PlexSync.Hosting";

    private readonly Counter<long> _runs;
    private readonly Counter<long> _changes;
    private readonly Counter<long> _failures;

    public JobMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName, typeof(JobMetrics).Assembly.GetName().Version?.ToString(3));
        _runs = meter.CreateCounter<long>("plexsync.job.runs", "{run}", "Runs that came to their end");
        _changes = meter.CreateCounter<long>("plexsync.job.changes", "{change}", "Changes that were written");
        _failures = meter.CreateCounter<long>("plexsync.job.failures", "{failure}", "Times a job failed and is tried again");
    }

    public void CountRun(string job) => _runs.Add(1, Tag(job));

    public void CountChanges(string job, int changes)
    {
        if (changes > 0)
        {
            _changes.Add(changes, Tag(job));
        }
    }

    public void CountFailure(string job, PlexErrorKind kind) => _failures.Add(
        1, Tag(job), new KeyValuePair<string, object?>("error.type", JsonNamingPolicy.CamelCase.ConvertName(kind.ToString())));

    private static KeyValuePair<string, object?> Tag(string job) => new("plexsync.job", job);
}
