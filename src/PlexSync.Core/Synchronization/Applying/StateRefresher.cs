namespace PlexSync;

/// <summary>Reads again, right before a write, what was read too long ago, and leaves out what is no longer as planned.</summary>
/// <param name="plan">The plan.</param>
/// <param name="target">Whose states are read.</param>
/// <param name="entries">All changes of the run.</param>
/// <param name="proof">Reads again what removals rest on.</param>
/// <param name="recorder">Records what is left out.</param>
/// <param name="pace">Stopped when the server cannot be read.</param>
/// <param name="progress">Counts what is left out.</param>
internal sealed class StateRefresher(
    SyncPlan plan, PlexServer target, ChangeExecution[] entries, RemovalProof proof, RunRecorder recorder, WritePace pace,
    RunProgress progress) : IDisposable
{
    /// <summary>States older than this are read again before they are relied on.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>Changes that are being written: their states must not be compared.</summary>
    private readonly HashSet<ChangeExecution> _taken = [];

    /// <summary>
    /// Takes a change in order to write it, if it is still as planned. If its state has to be read again, the states of the next changes
    /// are read with it.
    /// </summary>
    public async Task<bool> TryTakeAsync(ChangeExecution[] batch, int at, CancellationToken cancellationToken)
    {
        var entry = batch[at];
        if (IsToRead(entry))
        {
            await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await RefreshAsync(batch, at, cancellationToken).ConfigureAwait(false);
            }
            catch (PlexException e)
            {
                pace.Stop(e);
            }
            finally
            {
                _reading.Release();
            }
        }

        lock (_taken)
        {
            return entry.IsPending && !pace.IsStopped && _taken.Add(entry);
        }
    }

    /// <summary>Whether the change cannot be sent before something is read again.</summary>
    public bool IsToRead(ChangeExecution entry) => IsStale(entry) || IsToProve(entry);

    /// <summary>The change may be compared again.</summary>
    public void Release(ChangeExecution entry)
    {
        lock (_taken)
        {
            _taken.Remove(entry);
        }
    }

    /// <summary>Whether what was read at that time must not be relied on any more.</summary>
    internal static bool IsOld(DateTimeOffset readAt, TimeProvider time) => (time.GetUtcNow() - readAt).Duration() > StaleAfter;

    /// <summary>Compares a state that was read again with the one that the next write relies on.</summary>
    internal static void Compare(ChangeExecution entry, MediaItem? item, DateTimeOffset now)
    {
        var (change, known) = (entry.Change, entry.Known);
        entry.ReadAgain(now, item is null ? entry.Duration : item.Duration);
        if (item is null or { IsStateDamaged: true } || !item.IsSameWork(change.Item))
        {
            entry.Skip(item is null ? SkipReason.NotVisibleToTarget
                : item.IsStateDamaged ? SkipReason.StateDamaged
                : SkipReason.NotSameItem);
            return;
        }

        // Before anything was sent, another date alone shows that the user has viewed the item.
        if (entry.IsTouched || entry.IsRating ? change.IsStill(item.State, known) : StateWrites.IsUntouched(item.State, known))
        {
            return;
        }

        if (!change.IsReachedBy(item.State))
        {
            entry.Skip(SkipReason.ChangedSincePlanned);
        }
        else if (entry.IsTouched)
        {
            entry.Observed(item.State);
        }
        else
        {
            entry.Skip(SkipReason.AlreadyDone);
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task RefreshAsync(ChangeExecution[] batch, int at, CancellationToken cancellationToken)
    {
        var entry = batch[at];
        if (entry.IsPending && IsToProve(entry))
        {
            await ProveAsync(TakeWith(entry, entries, IsToProve), cancellationToken).ConfigureAwait(false);
        }

        if (entry.IsPending && IsStale(entry))
        {
            // Only the writers that are under way can be behind this one.
            var next = batch.Skip(Math.Max(0, at - target.Options.MaxWrites));
            await ReadAsync(TakeWith(entry, next, IsStale), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The change, and others that need the same, in the order of the plan, so that the requests do not depend on which writer comes first.
    /// </summary>
    private ChangeExecution[] TakeWith(ChangeExecution entry, IEnumerable<ChangeExecution> others, Func<ChangeExecution, bool> isNeeded)
    {
        var taken = others.Where(next => next == entry || (IsFree(next) && isNeeded(next))).Take(Verifier.BatchSize).ToArray();
        if (Array.IndexOf(taken, entry) < 0)
        {
            taken[^1] = entry;
        }

        return taken;
    }

    /// <summary>Leaves out the removals whose basis has changed.</summary>
    private async Task ProveAsync(ChangeExecution[] removals, CancellationToken cancellationToken)
    {
        var now = target.Time.GetUtcNow();
        var objections = await proof.FindObjectionsAsync(Array.ConvertAll(removals, static entry => entry.Change), cancellationToken)
            .ConfigureAwait(false);
        foreach (var entry in removals)
        {
            await LookAtAsync(entry, () =>
            {
                entry.Proved(now);
                if (objections.TryGetValue(entry.Change, out var objection))
                {
                    entry.Skip(objection);
                }
            }).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(ChangeExecution[] stale, CancellationToken cancellationToken)
    {
        var now = target.Time.GetUtcNow();
        var current = await target.GetItemsAsync(stale.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
        foreach (var entry in stale)
        {
            await LookAtAsync(entry, () => Compare(entry, current.GetValueOrDefault(entry.Key), now)).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at a change that nobody has taken meanwhile, and records it if it is left out.</summary>
    private async Task LookAtAsync(ChangeExecution entry, Action look)
    {
        lock (_taken)
        {
            if (!IsFree(entry))
            {
                return;
            }

            look();
            if (entry.IsPending)
            {
                return;
            }
        }

        await recorder.RecordAsync(entry).ConfigureAwait(false);
        progress.Count(entry);
    }

    private bool IsFree(ChangeExecution entry)
    {
        lock (_taken)
        {
            return entry.IsPending && !_taken.Contains(entry);
        }
    }

    private bool IsStale(ChangeExecution entry) => IsOld(entry.ReadAt);

    private bool IsToProve(ChangeExecution entry) =>
        RemovalProof.IsNeededFor(plan, entry.Change) && !entry.IsTouched && IsOld(entry.ProvedAt ?? DateTimeOffset.MinValue);

    private bool IsOld(DateTimeOffset readAt) => IsOld(readAt, target.Time);
}
