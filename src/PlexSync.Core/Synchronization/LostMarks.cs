using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Finds out what became of marks whose answers were lost, since sending them again could count a view twice.</summary>
internal sealed partial class LostMarks(ILogger logger, PlexServer target, IProgress<SyncProgress>? progress)
{
    /// <summary>Enough for a mark, its one repetition, and a server that takes its time over either.</summary>
    private const int MaxRounds = 4;

    /// <summary>
    /// Reads the items until two reads a timeout apart agree: by then the server has done what it was going to do. What is still not as it
    /// should be is sent once more. What remains in doubt after that stays <see cref="ChangeOutcome.Unknown"/>.
    /// </summary>
    /// <param name="entries">The changes of the run.</param>
    /// <param name="mark">Sends the marks of a change; null where no more is to be sent.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task SettleAsync(
        IReadOnlyList<Entry> entries, Func<Entry, Task>? mark, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var lost = entries.Where(static entry => entry.IsLost).ToArray();
            if (lost.Length == 0)
            {
                return;
            }

            foreach (var (entry, item) in await ReadTwiceAsync(lost, cancellationToken).ConfigureAwait(false))
            {
                if (item?.State is not { } settled)
                {
                    entry.Skip(SkipReason.NotVisibleToTarget);
                }
                else if (IsReached(settled, entry.Change))
                {
                    entry.Observed(settled);
                    entry.Reached();
                }
                else if (mark is not null && !entry.IsRepeated)
                {
                    entry.IsRepeated = true;
                    entry.Observed(settled);
                    await mark(entry).ConfigureAwait(false);
                }
                else
                {
                    entry.GiveUp(settled);
                }
            }
        }
    }

    /// <summary>Finds out what a run that was killed had done, by the same two reads; what they never agree on stays <see cref="ChangeOutcome.Unknown"/>.</summary>
    /// <param name="entries">The changes of the run.</param>
    /// <param name="finish">What was not begun is to be done after all.</param>
    /// <param name="cancellationToken">Ends the reading; what is not known by then is settled another time.</param>
    public async Task AdoptAsync(IReadOnlyList<Entry> entries, bool finish, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var lost = entries.Where(static entry => entry.IsLost).ToArray();
            if (lost.Length == 0)
            {
                return;
            }

            foreach (var (entry, item) in await ReadTwiceAsync(lost, cancellationToken).ConfigureAwait(false))
            {
                entry.Adopt(item, finish);
            }
        }

        foreach (var entry in entries)
        {
            entry.GiveUp();
        }
    }

    /// <summary>Those on whose state two reads a timeout apart agree; null where neither saw the item.</summary>
    private async Task<IEnumerable<Agreement>> ReadTwiceAsync(Entry[] lost, CancellationToken cancellationToken)
    {
        Log.Settling(logger, lost.Length, target.User.Title);
        progress?.Report(new SyncProgress(SyncPhase.Settling, UserReference.To(target.User), null, 0, lost.Length) { Server = target.MachineIdentifier });
        var keys = Array.ConvertAll(lost, static entry => entry.Key);
        var first = await target.GetItemsAsync(keys, cancellationToken).ConfigureAwait(false);
        await Task.Delay(target.Options.Timeout, target.Time, cancellationToken).ConfigureAwait(false);
        var second = await target.GetItemsAsync(keys, cancellationToken).ConfigureAwait(false);
        // A state that is damaged shows nothing.
        return lost.Where(entry => second.GetValueOrDefault(entry.Key) is not { IsStateDamaged: true })
            .Where(entry => first.GetValueOrDefault(entry.Key) is not { IsStateDamaged: true })
            .Where(entry => second.GetValueOrDefault(entry.Key)?.State == first.GetValueOrDefault(entry.Key)?.State)
            .Select(entry => new Agreement(entry, second.GetValueOrDefault(entry.Key)));
    }

    // What became watched is watched: a view count above zero is not reset for the sake of a position that was not there before.
    private static bool IsReached(WatchState state, PlannedChange change) =>
        (state.IsWatched && change.After.IsWatched && !change.Before.IsWatched) || WriteRules.MarksFrom(state, change.After).Length == 0;

    private sealed record Agreement(Entry Entry, MediaItem? Item);

    private static partial class Log
    {
        [LoggerMessage(3110, LogLevel.Information, "{Count} marks for '{User}' were not answered; reading what became of them")]
        public static partial void Settling(ILogger logger, int count, string user);
    }
}
