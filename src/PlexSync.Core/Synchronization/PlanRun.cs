using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>One execution of one plan: all marks, a barrier, then the positions; oldest views first, a bounded number at once.</summary>
internal sealed partial class PlanRun : IDisposable
{
    /// <summary>States older than this are read again before they are relied on.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(2);

    /// <summary>How long writes under way may take to answer once the run is cancelled.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>So many failures in a row are the server's, not the items'.</summary>
    private const int MaxFailuresInARow = 10;

    private const int BatchSize = 200;

    private readonly ILogger _logger;
    private readonly SyncPlan _plan;
    private readonly PlexServer _target;
    private readonly IProgress<SyncProgress>? _progress;
    private readonly Entry[] _entries;
    private readonly CancellationTokenSource _stop = new();
    private PlexException? _error;
    private int _failuresInARow;
    private int _done;

    public PlanRun(ILogger logger, SyncPlan plan, PlexServer target, IProgress<SyncProgress>? progress)
    {
        _logger = logger;
        _plan = plan;
        _target = target;
        _progress = progress;
        var readAt = plan.Freshness?.TryUse() is true ? plan.CreatedAt : DateTimeOffset.MinValue;
        _entries = plan.Changes.Select(change => new Entry(change, readAt)).ToArray();
    }

    /// <summary>Runs the plan. Cancelled, it starts no more writes, waits a little for those under way, and reports what it did.</summary>
    public async Task<SyncReport> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var grace = new CancellationTokenSource();
        using var cancelled = cancellationToken.Register(() =>
        {
            _stop.Cancel();
            grace.CancelAfter(Grace);
        });
        try
        {
            await WriteAsync(_entries.Where(static entry => entry.Marks.Length > 0), MarkAsync, grace.Token).ConfigureAwait(false);
            await new LostMarks(_logger, _target, _progress, MarkAsync).SettleAsync(_entries, cancellationToken).ConfigureAwait(false);
            await WriteAsync(_entries.Where(static entry => entry.AwaitsPosition), SetPositionAsync, grace.Token).ConfigureAwait(false);
            await ExplainRefusalsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The report tells how far it came.
        }
        catch (PlexException e)
        {
            _error ??= e;
        }

        return new SyncReport { Plan = _plan, Results = Array.ConvertAll(_entries, static entry => entry.ToResult()), Error = _error };
    }

    public void Dispose() => _stop.Dispose();

    private async Task WriteAsync(IEnumerable<Entry> entries, Func<Entry, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        foreach (var batch in entries.ToArray().Chunk(BatchSize))
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            await RefreshAsync(batch, cancellationToken).ConfigureAwait(false);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _target.Options.MaxConcurrency, CancellationToken = CancellationToken.None };
            await Parallel.ForEachAsync(
                batch.Where(static entry => entry.IsPending),
                parallel,
                async (entry, _) =>
                {
                    if (!_stop.IsCancellationRequested)
                    {
                        await write(entry, cancellationToken).ConfigureAwait(false);
                        await PaceAsync(entry).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
        }
    }

    /// <summary>Reads again what was read too long ago, and leaves out what is no longer as planned.</summary>
    private async Task RefreshAsync(Entry[] batch, CancellationToken cancellationToken)
    {
        var now = _target.Time.GetUtcNow();
        var stale = Array.FindAll(batch, entry => now - entry.ReadAt > StaleAfter);
        if (stale.Length == 0)
        {
            return;
        }

        var current = await _target.GetItemsAsync(stale.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
        foreach (var entry in stale)
        {
            entry.ReadAt = now;
            if (!current.TryGetValue(entry.Key, out var item))
            {
                entry.Skip(SkipReason.NotVisibleToTarget);
            }
            else if (!item.State.Matches(entry.Known))
            {
                entry.Skip(SkipReason.ChangedSincePlanned);
            }
        }
    }

    private async Task MarkAsync(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var mark in entry.Marks)
            {
                entry.IsLost = true;
                await (mark is Mark.Watched
                    ? _target.MarkWatchedAsync(entry.Key, cancellationToken)
                    : _target.MarkUnwatchedAsync(entry.Key, cancellationToken)).ConfigureAwait(false);
                entry.Marked(mark);
            }

            entry.Reached();
        }
        catch (PlexException e)
        {
            entry.IsLost = e.MayHaveTakenEffect;
            entry.Fail(e, e.MayHaveTakenEffect ? ChangeOutcome.Unknown : ChangeOutcome.Failed);
            Log.NotWritten(_logger, entry.Change.Item.DisplayTitle, entry.Key, _target.User.Title, e.Message);
        }
        catch (OperationCanceledException)
        {
            entry.Fail(null, ChangeOutcome.Unknown);
        }
    }

    private async Task SetPositionAsync(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            // A plan read from elsewhere may lack what the rules of this server ask for; it is refused here rather than sent.
            var duration = entry.Change.Item.Duration ?? TimeSpan.Zero;
            if (WriteRules.Refuse(entry.Change.After.Position, entry.Change.Item.Duration, _target.PlayedThreshold) is { } reason)
            {
                entry.Skip(reason);
                return;
            }

            await _target.SetPositionAsync(entry.Key, entry.Change.After.Position, duration, cancellationToken).ConfigureAwait(false);
            entry.Positioned();
        }
        catch (PlexException e)
        {
            entry.Fail(e, e.MayHaveTakenEffect ? ChangeOutcome.Unknown : ChangeOutcome.Failed);
            Log.NotWritten(_logger, entry.Change.Item.DisplayTitle, entry.Key, _target.User.Title, e.Message);
        }
        catch (OperationCanceledException)
        {
            entry.Fail(null, ChangeOutcome.Unknown);
        }
    }

    /// <summary>Gives a struggling server time, and gives up on one that answers nobody or that no longer takes the token.</summary>
    private async Task PaceAsync(Entry entry)
    {
        if (!entry.IsPending)
        {
            _progress?.Report(new SyncProgress(SyncPhase.Writing, _plan.Target, null, Interlocked.Increment(ref _done), _entries.Length));
        }

        switch (entry.Error?.Kind)
        {
            case PlexErrorKind.InvalidToken:
                Stop(entry.Error);
                break;
            case PlexErrorKind.Unreachable or PlexErrorKind.Timeout or PlexErrorKind.Unavailable or PlexErrorKind.ServerError or PlexErrorKind.RateLimited:
                var failures = Interlocked.Increment(ref _failuresInARow);
                if (failures >= MaxFailuresInARow)
                {
                    Stop(entry.Error);
                }
                else
                {
                    var pause = entry.Error.RetryAfter ?? _target.Options.RetryDelay * Math.Pow(2, Math.Min(failures, 5));
                    await Task.Delay(pause, _target.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            case null:
                Interlocked.Exchange(ref _failuresInARow, 0);
                break;
        }
    }

    private void Stop(PlexException error)
    {
        if (Interlocked.CompareExchange(ref _error, error, null) is null)
        {
            Log.Stopped(_logger, _target.User.Title, error.Message);
        }

        _stop.Cancel();
    }

    /// <summary>An item that was listed but refused on write may have gone from the target's sight meanwhile: then it is no failure.</summary>
    private async Task ExplainRefusalsAsync(CancellationToken cancellationToken)
    {
        var refused = _entries.Where(static entry => entry.Error?.Kind is PlexErrorKind.NotFound or PlexErrorKind.Forbidden).ToArray();
        if (refused.Length == 0 || _stop.IsCancellationRequested)
        {
            return;
        }

        var current = await _target.GetItemsAsync(refused.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
        foreach (var entry in refused.Where(entry => !current.ContainsKey(entry.Key)))
        {
            entry.Skip(SkipReason.NotVisibleToTarget);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3100, LogLevel.Warning, "'{Item}' ({Key}) was not written for '{User}': {Reason}")]
        public static partial void NotWritten(ILogger logger, string item, RatingKey key, string user, string reason);

        [LoggerMessage(3101, LogLevel.Error, "Writing for '{User}' stopped: {Reason}")]
        public static partial void Stopped(ILogger logger, string user, string reason);
    }
}
