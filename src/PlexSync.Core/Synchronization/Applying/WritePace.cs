using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Gives a struggling server time, and stops the run where going on makes no sense.</summary>
internal sealed partial class WritePace(ILogger logger, PlexServer target) : IDisposable
{
    /// <summary>After this many failures in a row, the cause is the server and not the items.</summary>
    private const int MaxFailuresInARow = 10;

    private readonly CancellationTokenSource _stop = new();
    private PlexException? _error;
    private int _failuresInARow;

    /// <summary>Nothing more is to be sent.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>What ended the run early: the first error that did.</summary>
    public PlexException? Error => _error;

    /// <summary>Stops the run because of an error.</summary>
    public void Stop(PlexException error)
    {
        if (TryKeep(error))
        {
            Log.Stopped(logger, target.User.Title, error.Message);
        }

        Stop();
    }

    /// <summary>Stops the run because it was cancelled.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Keeps the error that ended the run, unless there is one already.</summary>
    public bool TryKeep(PlexException error) => Interlocked.CompareExchange(ref _error, error, null) is null;

    /// <summary>Waits after a change that the server had trouble with; gives up on a server that turns everything away.</summary>
    public async Task WaitAsync(ChangeExecution entry)
    {
        switch (entry.Error?.Kind)
        {
            case null:
                Interlocked.Exchange(ref _failuresInARow, 0);
                break;
            case PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired or PlexErrorKind.GatewayRefused or PlexErrorKind.Redirected
                or PlexErrorKind.CertificateRejected or PlexErrorKind.CertificateUntrusted or PlexErrorKind.CertificateExpired
                or PlexErrorKind.TlsNotSpoken:
                Stop(entry.Error);
                break;
            case PlexErrorKind.ServerError or PlexErrorKind.Unavailable or PlexErrorKind.RateLimited
                or PlexErrorKind.Timeout or PlexErrorKind.Unreachable or PlexErrorKind.NotPlex:
                await PauseAsync(entry.Error, Interlocked.Increment(ref _failuresInARow)).ConfigureAwait(false);
                break;
            // A refusal of one item says nothing about the others.
            default:
                break;
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task PauseAsync(PlexException error, int failures)
    {
        if (failures >= MaxFailuresInARow || error.RetryAfter > PlexTransport.LongestWait)
        {
            Stop(error);
            return;
        }

        var pause = error.RetryAfter ?? target.Options.RetryDelay * Math.Pow(2, Math.Min(failures, 5));
        await Task.Delay(pause < PlexTransport.LongestWait ? pause : PlexTransport.LongestWait, target.Time, _stop.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Error, "Writing for '{User}' stopped: {Reason}")]
        public static partial void Stopped(ILogger logger, string user, string reason);
    }
}
