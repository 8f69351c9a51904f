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
    private readonly SemaphoreSlim _refreshing = new(1);
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

    /// <summary>Every change was tried, and it is known what became of it.</summary>
    public bool IsComplete => Array.TrueForAll(_entries, static entry => entry.Outcome is not (ChangeOutcome.Planned or ChangeOutcome.Unknown));

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
            await WriteAsync(entry => entry.Marks.Length > 0, MarkAsync, grace.Token).ConfigureAwait(false);
            await SettleAsync(grace.Token, cancellationToken).ConfigureAwait(false);
            await WriteAsync(static entry => entry.AwaitsPosition, SetPositionAsync, grace.Token).ConfigureAwait(false);
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

    public void Dispose()
    {
        _stop.Dispose();
        _refreshing.Dispose();
    }

    private async Task WriteAsync(Func<Entry, bool> isWanted, Func<Entry, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var entries = Array.FindAll(_entries, entry => isWanted(entry) && entry.IsPending);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _target.Options.MaxConcurrency, CancellationToken = CancellationToken.None };
        await Parallel.ForEachAsync(Enumerable.Range(0, entries.Length), parallel, async (at, _) =>
        {
            var entry = entries[at];
            if (!_stop.IsCancellationRequested && await IsAsPlannedAsync(entries, at, cancellationToken).ConfigureAwait(false))
            {
                await write(entry, cancellationToken).ConfigureAwait(false);
                await PaceAsync(entry).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Reads again what was read too long ago, this change and those that follow, and leaves out what is no longer as planned.</summary>
    private async Task<bool> IsAsPlannedAsync(Entry[] entries, int at, CancellationToken cancellationToken)
    {
        var entry = entries[at];
        entry.IsTaken = true;
        if (IsStale(entry))
        {
            await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (IsStale(entry))
                {
                    await RefreshAsync([entry, .. entries.Skip(at + 1).Take(BatchSize - 1).Where(next => !next.IsTaken && IsStale(next))], cancellationToken)
                        .ConfigureAwait(false);
                }
            }
            catch (PlexException e)
            {
                Stop(e);
            }
            finally
            {
                _refreshing.Release();
            }
        }

        return entry.IsPending && !_stop.IsCancellationRequested;
    }

    private bool IsStale(Entry entry) => (_target.Time.GetUtcNow() - entry.ReadAt).Duration() > StaleAfter;

    private async Task RefreshAsync(Entry[] stale, CancellationToken cancellationToken)
    {
        var now = _target.Time.GetUtcNow();
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
                entry.Sending();
                await (mark is Mark.Watched
                    ? _target.MarkWatchedAsync(entry.Key, cancellationToken)
                    : _target.MarkUnwatchedAsync(entry.Key, cancellationToken)).ConfigureAwait(false);
                entry.Marked(mark);
            }

            entry.Reached();
        }
        catch (PlexException e)
        {
            Fail(entry, e);
        }
        catch (OperationCanceledException)
        {
            entry.Doubt(null);
        }
        finally
        {
            entry.IsTaken = false;
        }
    }

    private async Task SettleAsync(CancellationToken grace, CancellationToken cancellationToken)
    {
        try
        {
            // A server that was given up is still asked what it did, but sent nothing more.
            await new LostMarks(_logger, _target, _progress).SettleAsync(_entries, _stop.IsCancellationRequested ? null : RepeatAsync, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Log.NotSettled(_logger, _target.User.Title, e.Message);
        }

        async Task RepeatAsync(Entry entry)
        {
            if (!_stop.IsCancellationRequested)
            {
                await MarkAsync(entry, grace).ConfigureAwait(false);
                await PaceAsync(entry).ConfigureAwait(false);
            }
        }
    }

    private async Task SetPositionAsync(Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            // A plan read from elsewhere may lack what the rules of this server ask for; it is refused here rather than sent.
            if (WriteRules.Refuse(entry.Change.After.Position, entry.Change.Item.Duration, _target.PlayedThreshold) is { } reason)
            {
                entry.Skip(reason);
                return;
            }

            await _target.SetPositionAsync(entry.Key, entry.Change.After.Position, entry.Change.Item.Duration ?? default, cancellationToken)
                .ConfigureAwait(false);
            entry.Positioned();
        }
        catch (PlexException e)
        {
            Fail(entry, e);
        }
        catch (OperationCanceledException)
        {
            entry.Doubt(null);
        }
        finally
        {
            entry.IsTaken = false;
        }
    }

    private void Fail(Entry entry, PlexException e)
    {
        if (e.MayHaveTakenEffect)
        {
            entry.Doubt(e);
        }
        else
        {
            entry.Refused(e);
        }

        Log.NotWritten(_logger, entry.Change.Item.DisplayTitle, entry.Key, _target.User.Title, e.Message);
    }

    /// <summary>Gives a struggling server time, and gives up on one that turns everything away or that no longer takes the token.</summary>
    private async Task PaceAsync(Entry entry)
    {
        if (!entry.IsPending)
        {
            _progress?.Report(new SyncProgress(SyncPhase.Writing, _plan.Target, null, Interlocked.Increment(ref _done), _entries.Length));
        }

        switch (entry.Error?.Kind)
        {
            case null:
                Interlocked.Exchange(ref _failuresInARow, 0);
                break;
            // Gone from this user's sight: nothing is wrong with the server.
            case PlexErrorKind.NotFound:
                break;
            case PlexErrorKind.InvalidToken or PlexErrorKind.Redirected or PlexErrorKind.CertificateRejected:
                Stop(entry.Error);
                break;
            default:
                var failures = Interlocked.Increment(ref _failuresInARow);
                var pause = entry.Error.RetryAfter ?? _target.Options.RetryDelay * Math.Pow(2, Math.Min(failures, 5));
                if (failures >= MaxFailuresInARow || entry.Error.RetryAfter > PlexTransport.LongestWait)
                {
                    Stop(entry.Error);
                }
                else if (entry.Error.Kind is not (PlexErrorKind.Forbidden or PlexErrorKind.Rejected))
                {
                    await Task.Delay(pause < PlexTransport.LongestWait ? pause : PlexTransport.LongestWait, _target.Time, _stop.Token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

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
        var refused = Array.FindAll(_entries, static entry => entry.Error?.Kind is PlexErrorKind.NotFound or PlexErrorKind.Forbidden);
        if (refused.Length == 0 || _stop.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var current = await _target.GetItemsAsync(refused.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
            foreach (var entry in refused.Where(entry => !current.ContainsKey(entry.Key)))
            {
                entry.Skip(SkipReason.NotVisibleToTarget);
            }
        }
        catch (PlexException e)
        {
            // They stay what they are: refused.
            Log.NotSettled(_logger, _target.User.Title, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3100, LogLevel.Warning, "'{Item}' ({Key}) was not written for '{User}': {Reason}")]
        public static partial void NotWritten(ILogger logger, string item, RatingKey key, string user, string reason);

        [LoggerMessage(3101, LogLevel.Error, "Writing for '{User}' stopped: {Reason}")]
        public static partial void Stopped(ILogger logger, string user, string reason);

        [LoggerMessage(3111, LogLevel.Warning, "What became of writes for '{User}' could not be read: {Reason}")]
        public static partial void NotSettled(ILogger logger, string user, string reason);
    }
}
