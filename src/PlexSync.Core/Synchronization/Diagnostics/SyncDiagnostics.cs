using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace PlexSync;

/// <summary>The metrics of plans, changes and the parts of a run (<c>docs/diagnostics.md</c>).</summary>
internal static class SyncDiagnostics
{
    private static readonly Counter<long> Changes =
        PlexSyncDiagnostics.Meter.CreateCounter<long>(
            "plexsync.changes", "{change}", "Changes of watch state that were tried, and what became of them.");

    private static readonly Counter<long> Skips =
        PlexSyncDiagnostics.Meter.CreateCounter<long>("plexsync.skips", "{item}", "Differences that were left as they are, by reason.");

    private static readonly Histogram<double> PhaseDuration =
        PlexSyncDiagnostics.Meter.CreateHistogram<double>(
            "plexsync.phase.duration", "s", "How long the parts of a run took.", tags: null, new()
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
            });

    /// <summary>Counts what was left out of plans, which have one policy, and tags their activity.</summary>
    public static void Planned(PhaseScope phase, IReadOnlyList<SyncPlan> plans)
    {
        if (!PlexSyncDiagnostics.IsSupported)
        {
            return;
        }

        phase.Tag("plexsync.policy", plans.Count > 0 ? plans[0].Policy : null);
        phase.Tag("plexsync.changes", plans.Sum(static plan => plan.Changes.Count));
        phase.Tag("plexsync.skips", plans.Sum(static plan => plan.Skipped.Count));
        foreach (var skipped in Skips.Enabled ? plans.SelectMany(static plan => plan.Skipped) : [])
        {
            Skipped(skipped.Reason);
        }
    }

    /// <inheritdoc cref="Planned(PhaseScope, IReadOnlyList{SyncPlan})"/>
    public static void Planned(PhaseScope phase, SyncPlan plan) => Planned(phase, [plan]);

    /// <summary>Counts a change that was tried, or left out on purpose.</summary>
    public static void Tried(ChangeResult result)
    {
        if (!PlexSyncDiagnostics.IsSupported)
        {
            return;
        }

        if (Changes.Enabled && result.Outcome is not ChangeOutcome.Planned)
        {
            var action = Words.ToWord(result.Change.Action);
            Changes.Add(1, new TagList { { "plexsync.action", action }, { "plexsync.outcome", Words.ToWord(result.Outcome) } });
        }

        if (Skips.Enabled && result.SkipReason is { } reason)
        {
            Skipped(reason);
        }
    }

    /// <summary>Starts an activity; null where nobody listens.</summary>
    public static Activity? Start(string phase) =>
        PlexSyncDiagnostics.IsSupported && PlexSyncDiagnostics.Source.HasListeners()
            ? PlexSyncDiagnostics.Source.StartActivity($"plexsync.{phase}") : null;

    public static void Ended(string phase, string? error, TimeSpan elapsed)
    {
        if (!PlexSyncDiagnostics.IsSupported || !PhaseDuration.Enabled)
        {
            return;
        }

        var tags = new TagList { { "plexsync.phase", phase } };
        if (error is not null)
        {
            tags.Add(PlexSyncDiagnostics.ErrorType, error);
        }

        PhaseDuration.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>A library's key where it is a number, as on every server seen; nothing else that a server says is passed on.</summary>
    public static object? NumberOf(LibraryKey key) =>
        int.TryParse(key.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Skipped(SkipReason reason) => Skips.Add(1, new TagList { { "plexsync.reason", Words.ToWord(reason) } });
}
