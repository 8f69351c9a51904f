using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;

namespace PlexSync;

/// <summary>
/// The activity source and the meter <c>PlexSync</c>, and the metrics of requests (<c>docs/diagnostics.md</c>).
/// </summary>
/// <remarks>
/// Tells numbers and words of closed lists only: no titles, which are private, and nothing that a server says.
/// </remarks>
internal static class PlexSyncDiagnostics
{
    private const string Name = "PlexSync";

    public const string ErrorType = "error.type";

    public static readonly ActivitySource Source = new(Name, PlexClientOptions.ProductVersion);
    public static readonly Meter Meter = new(Name, PlexClientOptions.ProductVersion);

    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("plexsync.requests", "{request}", "HTTP attempts, retries and plex.tv included.");

    private static readonly Histogram<double> RequestDuration =
        Meter.CreateHistogram<double>(
            "plexsync.request.duration", "s", "How long HTTP attempts took, their bodies included.", tags: null, new()
            {
                // As OpenTelemetry recommends for HTTP.
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
            });

    private static readonly Counter<long> Retries =
        Meter.CreateCounter<long>("plexsync.retries", "{retry}", "Requests that are sent again, by what went wrong.");

    /// <summary>
    /// False where <c>PlexSync.Diagnostics.IsSupported</c> is switched off: a trimmed app that does so has none of this in it.
    /// </summary>
    public static bool IsSupported { get; } = !AppContext.TryGetSwitch("PlexSync.Diagnostics.IsSupported", out var isOn) || isOn;

    /// <summary>Counts an attempt that has ended, whether it succeeded or not.</summary>
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

    /// <summary>A failure as one of the words that <c>docs/json.md</c> lists.</summary>
    public static string WordOf(Exception failure) => failure switch
    {
        PlexException e => Words.ToWord(e.Kind),
        OperationCanceledException => "cancelled",
        _ => "unexpected",
    };
}
