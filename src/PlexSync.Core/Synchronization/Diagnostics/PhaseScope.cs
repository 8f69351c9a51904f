using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PlexSync;

/// <summary>A part of a run while it lasts: an activity, and a duration under the same name.</summary>
internal sealed class PhaseScope : IDisposable
{
    private static readonly Histogram<double> PhaseDuration =
        PlexSyncDiagnostics.Meter.CreateHistogram<double>(
            "plexsync.phase.duration", "s", "How long the parts of a run took.", tags: null, new()
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
            });

    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Activity? _activity;
    private string? _error;

    private PhaseScope(string name, TimeProvider time)
    {
        _name = name;
        _time = time;
        _started = time.GetTimestamp();
        _activity = Start(name);
    }

    /// <summary>Begins a part. For async methods: when they return, their caller's activity is the current one again.</summary>
    public static PhaseScope Begin(string name, TimeProvider time) => new(name, time);

    /// <summary>Does something as a part of its own.</summary>
    public static async Task<T> RunAsync<T>(string name, TimeProvider time, Func<Task<T>> run, Action<PhaseScope, T>? conclude = null)
    {
        using var phase = Begin(name, time);
        try
        {
            var result = await run().ConfigureAwait(false);
            conclude?.Invoke(phase, result);
            return result;
        }
        catch (Exception e)
        {
            phase.Fail(e);
            throw;
        }
    }

    public void Tag(string key, object? value)
    {
        if (PlexSyncDiagnostics.IsSupported)
        {
            _activity?.SetTag(key, value);
        }
    }

    /// <summary>Without a description: messages name users and titles.</summary>
    public void Fail(Exception failure)
    {
        if (PlexSyncDiagnostics.IsSupported)
        {
            _error = PlexSyncDiagnostics.WordOf(failure);
            _activity?.SetStatus(ActivityStatusCode.Error).SetTag(PlexSyncDiagnostics.ErrorType, _error);
        }
    }

    public void Dispose()
    {
        if (PlexSyncDiagnostics.IsSupported)
        {
            _activity?.Dispose();
            Ended(_name, _error, _time.GetElapsedTime(_started));
        }
    }

    /// <summary>Starts an activity; null where nobody listens.</summary>
    private static Activity? Start(string phase) =>
        PlexSyncDiagnostics.IsSupported && PlexSyncDiagnostics.Source.HasListeners()
            ? PlexSyncDiagnostics.Source.StartActivity($"plexsync.{phase}") : null;

    private static void Ended(string phase, string? error, TimeSpan elapsed)
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
}
