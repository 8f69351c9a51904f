using System.Diagnostics;

namespace PlexSync;

/// <summary>A part of a run while it lasts: an activity, and a duration under the same name.</summary>
internal sealed class PhaseScope : IDisposable
{
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
        _activity = SyncDiagnostics.Start(name);
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
            SyncDiagnostics.Ended(_name, _error, _time.GetElapsedTime(_started));
        }
    }
}
