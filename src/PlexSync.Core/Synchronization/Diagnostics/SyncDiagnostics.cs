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

    /// <summary>A library's key where it is a number, as on every server seen; nothing else that a server says is passed on.</summary>
    public static object? NumberOf(LibraryKey key) =>
        int.TryParse(key.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Skipped(SkipReason reason) => Skips.Add(1, new TagList { { "plexsync.reason", Words.ToWord(reason) } });
}
