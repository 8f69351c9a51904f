using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Sends the writes of changes, a bounded number at once: each is announced before, and its outcome recorded after.</summary>
internal sealed class ChangeWriter(
    ILogger logger, PlexServer target, StateRefresher states, RunRecorder recorder, WritePace pace, RunProgress progress)
{
    public Task WriteMarksAsync(ChangeExecution[] entries, CancellationToken cancellationToken) =>
        WriteAsync(Array.FindAll(entries, static entry => entry is { IsPending: true, Marks.Length: > 0 }), MarkAsync, cancellationToken);

    public Task WritePositionsAsync(ChangeExecution[] entries, CancellationToken cancellationToken) =>
        WriteAsync(Array.FindAll(entries, static entry => entry.AwaitsPosition), SetPositionAsync, cancellationToken);

    public Task WriteRatingsAsync(ChangeExecution[] entries, CancellationToken cancellationToken) =>
        WriteAsync(Array.FindAll(entries, static entry => entry is { IsPending: true, IsRating: true }), SetRatingAsync, cancellationToken);

    /// <summary>Sends the marks of a change again, after a read has shown that they did not take effect.</summary>
    public async Task RepeatMarksAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        if (!pace.IsStopped)
        {
            await AnnounceAndWriteAsync(entry, MarkAsync, () => states.IsToRead(entry), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes one change more only when another is done, so that a write can overtake no more than the others that may be under way.
    /// </summary>
    private Task WriteAsync(ChangeExecution[] entries, Write write, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = target.Options.MaxWrites,
            CancellationToken = CancellationToken.None,
        };
        return Parallel.ForEachAsync(Enumerable.Range(0, entries.Length), parallel, async (at, _) =>
        {
            var entry = entries[at];
            var isBegun = false;
            // Again if it waited so long for its turn that its state has to be read again.
            while (!isBegun && !pace.IsStopped && await states.TryTakeAsync(entries, at, cancellationToken).ConfigureAwait(false))
            {
                isBegun = await AnnounceAndWriteAsync(entry, write, () => states.IsToRead(entry), cancellationToken)
                    .ConfigureAwait(false);
                states.Release(entry);
            }
        });
    }

    /// <summary>Sends the writes of a change, and records what became of them. False if none was sent.</summary>
    private async Task<bool> AnnounceAndWriteAsync(
        ChangeExecution entry, Write write, Func<bool> isOutdated, CancellationToken cancellationToken)
    {
        var isBegun = false;
        try
        {
            await write(entry, SendingAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Fail(entry, e);
        }
        catch (OperationCanceledException)
        {
            if (isBegun && !entry.IsLost && cancellationToken.IsCancellationRequested)
            {
                // Cut off between two marks: the next run completes it, as if the second were in doubt.
                entry.Sending();
            }

            if (entry.IsLost)
            {
                entry.Doubt(null);
            }
        }

        await recorder.RecordAsync(entry).ConfigureAwait(false);
        progress.Count(entry);
        if (isBegun)
        {
            // What was not sent says nothing about the server.
            await pace.WaitAsync(entry).ConfigureAwait(false);
        }

        return isBegun;

        // Only when it is the turn of the request: a change must not be announced long before it is sent.
        async Task SendingAsync(PlexException? failure)
        {
            if (failure is not null)
            {
                entry.FailedOnce(failure);
                if (!entry.IsToVerify && isOutdated())
                {
                    // Nothing of it was accepted, and meanwhile the user may have viewed the item.
                    throw failure.Final();
                }
            }

            var isHeld = !isBegun && (pace.IsStopped || isOutdated());
            if (isHeld || !await recorder.TryAnnounceAsync(entry).ConfigureAwait(false))
            {
                throw failure ?? (Exception)new OperationCanceledException();
            }

            if (failure is null)
            {
                entry.Sending();
            }

            isBegun = true;
        }
    }

    private async Task MarkAsync(ChangeExecution entry, Func<PlexException?, Task> sending, CancellationToken cancellationToken)
    {
        foreach (var mark in entry.Marks)
        {
            await target.MarkAsync(mark, entry.Key, sending, cancellationToken).ConfigureAwait(false);
            entry.Marked(mark);
        }

        entry.Reached();
    }

    private async Task SetPositionAsync(ChangeExecution entry, Func<PlexException?, Task> sending, CancellationToken cancellationToken)
    {
        var position = entry.Change.After.Position;
        // A plan from a file may have a position that this server does not store; it is refused here rather than sent.
        if (PlexWriteRules.Refuse(position, entry.Duration, target.PlayedThreshold) is { } reason)
        {
            entry.Skip(reason);
            return;
        }

        await target.SetPositionAsync(entry.Key, position, entry.Duration ?? default, sending, cancellationToken).ConfigureAwait(false);
        entry.Positioned();
    }

    private async Task SetRatingAsync(ChangeExecution entry, Func<PlexException?, Task> sending, CancellationToken cancellationToken)
    {
        await target.SetRatingAsync(entry.Key, entry.Change.After.UserRating, sending, cancellationToken).ConfigureAwait(false);
        entry.Rated();
    }

    private void Fail(ChangeExecution entry, PlexException e)
    {
        if (e.MayHaveTakenEffect)
        {
            entry.Doubt(e);
        }
        else
        {
            entry.Refused(e);
        }

        ApplyingLog.NotWritten(logger, entry.Change.Item.DisplayTitle, entry.Key, target.User.Title, e.Message);
    }

    private delegate Task Write(ChangeExecution entry, Func<PlexException?, Task> sending, CancellationToken cancellationToken);
}
