using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;

namespace PlexSync;

/// <summary>What the library tells whoever listens to the activity source and the meter <c>PlexSync</c> (<c>docs/diagnostics.md</c>).</summary>
/// <remarks>Numbers and words of closed lists only: a title is nobody's business elsewhere, and what a server says could be anything.</remarks>
internal static class PlexSyncDiagnostics
{
    private const string Name = "PlexSync";

    public const string ErrorType = "error.type";

    private static readonly ActivitySource Source = new(Name, PlexTransport.ProductVersion);
    private static readonly Meter Meter = new(Name, PlexTransport.ProductVersion);

    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("plexsync.requests", "{request}", "HTTP attempts, retries and plex.tv included.");

    private static readonly Histogram<double> RequestDuration =
        Meter.CreateHistogram<double>("plexsync.request.duration", "s", "How long HTTP attempts took, their bodies included.", tags: null, new()
        {
            // As OpenTelemetry recommends for HTTP.
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        });

    private static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("plexsync.retries", "{retry}", "Requests that are sent again, by what went wrong.");

    private static readonly Counter<long> Changes =
        Meter.CreateCounter<long>("plexsync.changes", "{change}", "Changes of watch state that were tried, and what became of them.");

    private static readonly Counter<long> Skips =
        Meter.CreateCounter<long>("plexsync.skips", "{item}", "Differences that were left as they are, by reason.");

    private static readonly Histogram<double> PhaseDuration =
        Meter.CreateHistogram<double>("plexsync.phase.duration", "s", "How long the parts of a run took.", tags: null, new()
        {
            HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
        });

    /// <summary>False where <c>PlexSync.Diagnostics.IsSupported</c> is switched off: a trimmed app that does so has none of this in it.</summary>
    public static bool IsSupported { get; } = !AppContext.TryGetSwitch("PlexSync.Diagnostics.IsSupported", out var isOn) || isOn;

    /// <summary>An attempt has come to its end, in whatever way.</summary>
    public static void Requested(bool isWrite, HttpStatusCode? status, Exception? failure, TimeSpan elapsed)
    {
        if (!IsSupported || (!Requests.Enabled && !RequestDuration.Enabled))
        {
            return;
        }

        var tags = new TagList { { "plexsync.operation", isWrite ? "write" : "read" } };
        if (status is { } code)
        {
            tags.Add("http.response.status_code", (int)code);
        }

        if (failure is not null)
        {
            tags.Add(ErrorType, WordOf(failure));
        }

        Requests.Add(1, tags);
        RequestDuration.Record(elapsed.TotalSeconds, tags);
    }

    public static void Retrying(PlexException failure)
    {
        if (IsSupported && Retries.Enabled)
        {
            Retries.Add(1, new TagList { { ErrorType, WordOf(failure) } });
        }
    }

    /// <summary>Plans of one policy were made: what they leave out is left out.</summary>
    public static void Planned(Phase phase, IReadOnlyList<SyncPlan> plans)
    {
        if (!IsSupported)
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

    /// <inheritdoc cref="Planned(Phase, IReadOnlyList{SyncPlan})"/>
    public static void Planned(Phase phase, SyncPlan plan) => Planned(phase, [plan]);

    /// <summary>A change was tried, or left out on purpose.</summary>
    public static void Tried(ChangeResult result)
    {
        if (!IsSupported)
        {
            return;
        }

        if (Changes.Enabled && result.Outcome is not ChangeOutcome.Planned)
        {
            var action = PlanMapping.Word(result.Change.Action);
            Changes.Add(1, new TagList { { "plexsync.action", action }, { "plexsync.outcome", PlanMapping.Word(result.Outcome) } });
        }

        if (Skips.Enabled && result.SkipReason is { } reason)
        {
            Skipped(reason);
        }
    }

    /// <summary>An activity, where somebody listens and wants it.</summary>
    public static Activity? Start(string phase) => IsSupported && Source.HasListeners() ? Source.StartActivity($"plexsync.{phase}") : null;

    public static void Ended(string phase, string? error, TimeSpan elapsed)
    {
        if (!IsSupported || !PhaseDuration.Enabled)
        {
            return;
        }

        var tags = new TagList { { "plexsync.phase", phase } };
        if (error is not null)
        {
            tags.Add(ErrorType, error);
        }

        PhaseDuration.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>A library's key where it is a number, as on every server seen; nothing else that a server says is passed on.</summary>
    public static object? NumberOf(LibraryKey key) =>
        int.TryParse(key.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A failure as one of the words that <c>docs/json.md</c> lists.</summary>
    public static string WordOf(Exception failure) => failure switch
    {
        PlexException e => PlanMapping.Word(e.Kind),
        OperationCanceledException => "cancelled",
        _ => "unexpected",
    };

    private static void Skipped(SkipReason reason) => Skips.Add(1, new TagList { { "plexsync.reason", PlanMapping.Word(reason) } });
}
