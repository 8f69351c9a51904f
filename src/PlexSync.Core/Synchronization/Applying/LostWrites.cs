using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Finds out what became of marks whose answers were lost, since sending them again could count a view twice.</summary>
internal sealed partial class LostWrites(ILogger logger, PlexServer target, IProgress<SyncProgress>? progress)
{
    /// <summary>Enough for a mark, its one repetition, and a server that is slow with both.</summary>
    private const int MaxRounds = 4;

    /// <summary>Changes whose marks were sent a second time; there is no third.</summary>
    private readonly HashSet<ChangeExecution> _repeated = [];

    /// <summary>
    /// Reads the items until two reads that are far enough apart agree: by then the server has done what it was going to do. A mark that
    /// took no effect is sent once more, unless the user has changed the item. What remains in doubt stays
    /// <see cref="ChangeOutcome.Unknown"/>.
    /// </summary>
    /// <param name="entries">The changes of the run.</param>
    /// <param name="mark">Sends the marks of a change; null where no more is to be sent.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task SettleAsync(
        IReadOnlyList<ChangeExecution> entries, Func<ChangeExecution, Task>? mark, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var lost = entries.Where(static entry => entry.IsLost).ToArray();
            if (lost.Length == 0)
            {
                return;
            }

            var agreed = await ReadTwiceAsync(lost, stopped: null, static _ => WriteTimes.Settling, cancellationToken)
                .ConfigureAwait(false);
            var readAt = target.Time.GetUtcNow();
            foreach (var (entry, item) in agreed)
            {
                if (item?.State is not { } settled)
                {
                    entry.Skip(SkipReason.NotVisibleToTarget);
                }
                else if (!entry.IsOfRun(settled))
                {
                    entry.Leave(settled);
                }
                else if (IsReached(settled, entry.Change))
                {
                    entry.Observed(settled);
                    entry.Reached();
                }
                else if (mark is null || _repeated.Contains(entry))
                {
                    entry.GiveUp(settled);
                }
                else if (!StateRefresher.IsOld(readAt, target.Time))
                {
                    _repeated.Add(entry);
                    entry.ReadAgain(readAt, item.Duration);
                    entry.Observed(settled);
                    await mark(entry).ConfigureAwait(false);
                }
                // Else the marks before it took so long that it is read again first.
            }
        }
    }

    /// <summary>
    /// Finds out in the same way what a killed run had done; if its writes are old enough, one read is enough. Changes on which the reads
    /// never agree stay <see cref="ChangeOutcome.Unknown"/>.
    /// </summary>
    /// <param name="entries">The changes of the run.</param>
    /// <param name="stopped">The run.</param>
    /// <param name="finish">Whether changes that were not begun are to be done after all.</param>
    /// <param name="cancellationToken">Ends the reading; what is not known by then is settled another time.</param>
    public async Task AdoptAsync(IReadOnlyList<ChangeExecution> entries, RunId? stopped, bool finish, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var lost = entries.Where(static entry => entry.IsLost).ToArray();
            if (lost.Length == 0)
            {
                break;
            }

            foreach (var (entry, item) in await ReadTwiceAsync(lost, stopped, Rest, cancellationToken).ConfigureAwait(false))
            {
                Adopt(entry, item, finish);
                if (entry.State is ChangeState.Theirs)
                {
                    Log.Left(logger, entry.Change.Item.DisplayTitle, entry.Key, target.User.Title, stopped);
                }
            }
        }

        foreach (var entry in entries.Where(static entry => entry.IsLost))
        {
            entry.GiveUp();
        }

        if (entries.Count(static entry => entry.State is ChangeState.Theirs) is > 0 and var count)
        {
            progress?.Report(new SyncProgress(SyncPhase.Settling, UserReference.To(target.User), null, entries.Count - count, entries.Count)
            {
                Server = target.MachineIdentifier,
                Stopped = stopped,
                InDoubt = count,
            });
        }
    }

    /// <summary>
    /// Decides, from a read of the item, what became of a change that a killed run had announced: it was made, half-made, or took no
    /// effect. A half-made change is completed in any case, since nobody asked for that state; one that took no effect is made only if the
    /// run is to be finished. If the item is out of sight, or its state is damaged or was changed by the user since, the outcome stays
    /// unknown: only the journal still has what the run may have destroyed.
    /// </summary>
    internal static void Adopt(ChangeExecution entry, MediaItem? item, bool finish)
    {
        var (change, isRating) = (entry.Change, entry.IsRating);
        if (item is null or { IsStateDamaged: true } || !item.IsSameWork(change.Item))
        {
            // A damaged state looks empty, which would pass for "nothing was done".
            entry.Leave(item is { IsStateDamaged: false } ? item.State : null);
        }
        else if (isRating ? change.IsStill(item.State, change.Before) : StateWrites.IsUntouched(item.State, change.Before))
        {
            entry.NothingCame(item.State, finish);
        }
        else if (entry.IsOfRun(item.State)
            && (change.IsReachedBy(item.State) || (!isRating && StateWrites.IsHalfway(item.State, change.Before, change.After))))
        {
            entry.Observed(item.State);
        }
        else
        {
            entry.Leave(item.State);
        }
    }

    /// <summary>
    /// How long the server may still need for a write that was announced some time ago, by its own clock. If that clock was set back, or
    /// its time was not recorded, it is the whole time.
    /// </summary>
    private TimeSpan Rest(ChangeExecution entry) =>
        target.Clock.Now is { } now && entry.Announced is [.., var announced] && now >= announced
        ? TimeSpan.FromTicks(Math.Max(0, (announced + WriteTimes.Settling - now).Ticks))
        : WriteTimes.Settling;

    /// <summary>
    /// Reads the items twice, the second time when the server has had its time, and returns those on whose state both reads agree; the item
    /// is null if neither read saw it.
    /// </summary>
    private async Task<IEnumerable<Agreement>> ReadTwiceAsync(
        ChangeExecution[] lost, RunId? stopped, Func<ChangeExecution, TimeSpan> rest, CancellationToken cancellationToken)
    {
        var keys = Array.ConvertAll(lost, static entry => entry.Key);
        var first = await target.GetItemsAsync(keys, cancellationToken).ConfigureAwait(false);
        var wait = lost.Max(rest);
        Log.Settling(logger, lost.Length, target.User.Title, wait.TotalSeconds);
        progress?.Report(new SyncProgress(SyncPhase.Settling, UserReference.To(target.User), null, 0, lost.Length)
        {
            Server = target.MachineIdentifier,
            Wait = wait > TimeSpan.Zero ? wait : null,
            Stopped = stopped,
        });
        if (wait <= TimeSpan.Zero)
        {
            return lost.Select(entry => new Agreement(entry, first.GetValueOrDefault(entry.Key)));
        }

        await Task.Delay(wait, target.Time, cancellationToken).ConfigureAwait(false);
        var second = await target.GetItemsAsync(keys, cancellationToken).ConfigureAwait(false);
        // A state that is damaged shows nothing.
        return lost.Where(entry => second.GetValueOrDefault(entry.Key) is not { IsStateDamaged: true })
            .Where(entry => first.GetValueOrDefault(entry.Key) is not { IsStateDamaged: true })
            .Where(entry => second.GetValueOrDefault(entry.Key)?.State == first.GetValueOrDefault(entry.Key)?.State)
            .Select(entry => new Agreement(entry, second.GetValueOrDefault(entry.Key)));
    }

    // An item that was to become watched, and is, counts as reached: its view count is not reset because of a position that was not there
    // before.
    private static bool IsReached(WatchState state, PlannedChange change) =>
        (state.IsWatched && change.After.IsWatched && !change.Before.IsWatched)
            || StateWrites.MarksFrom(state, change.After).Length == 0;

    private sealed record Agreement(ChangeExecution ChangeExecution, MediaItem? Item);

    private static partial class Log
    {
        [LoggerMessage(
            3110, LogLevel.Information, "{Count} writes for '{User}' are in doubt; reading what became of them, {Seconds:0} s apart")]
        public static partial void Settling(ILogger logger, int count, string user, double seconds);

        [LoggerMessage(
            3112,
            LogLevel.Warning,
            "What run {Run} did to '{Item}' ({Key}) for '{User}' cannot be told: it is out of sight, or changed since")]
        public static partial void Left(ILogger logger, string item, RatingKey key, string user, RunId? run);
    }
}
