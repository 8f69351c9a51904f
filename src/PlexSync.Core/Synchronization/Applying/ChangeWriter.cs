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
            await AnnounceAndWriteAsync(entry, MarkAsync, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task WriteAsync(
        ChangeExecution[] entries, Func<ChangeExecution, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var parallel =
            new ParallelOptions { MaxDegreeOfParallelism = target.Options.MaxConcurrency, CancellationToken = CancellationToken.None };
        return Parallel.ForEachAsync(Enumerable.Range(0, entries.Length), parallel, async (at, _) =>
        {
            if (!pace.IsStopped && await states.TryTakeAsync(entries, at, cancellationToken).ConfigureAwait(false))
            {
                await AnnounceAndWriteAsync(entries[at], write, cancellationToken).ConfigureAwait(false);
                states.Release(entries[at]);
            }
        });
    }

    private async Task AnnounceAndWriteAsync(
        ChangeExecution entry, Func<ChangeExecution, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        if (!await recorder.TryAnnounceAsync(entry).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await write(entry, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Fail(entry, e);
        }
        catch (OperationCanceledException)
        {
            entry.Doubt(null);
        }

        await recorder.RecordAsync(entry).ConfigureAwait(false);
        progress.Count(entry);
        await pace.WaitAsync(entry).ConfigureAwait(false);
    }

    private async Task MarkAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        foreach (var mark in entry.Marks)
        {
            if (!await recorder.TryAnnounceAsync(entry).ConfigureAwait(false))
            {
                return;
            }

            entry.Sending();
            await target.MarkAsync(mark, entry.Key, failure => RepeatAsync(entry, failure), cancellationToken).ConfigureAwait(false);
            entry.Marked(mark);
        }

        entry.Reached();
    }

    private async Task SetPositionAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        var position = entry.Change.After.Position;
        // A plan from a file may have a position that this server does not store; it is refused here rather than sent.
        if (PlexWriteRules.Refuse(position, entry.Duration, target.PlayedThreshold) is { } reason)
        {
            entry.Skip(reason);
            return;
        }

        entry.Sending();
        await target.SetPositionAsync(
            entry.Key, position, entry.Duration ?? default, failure => RepeatAsync(entry, failure), cancellationToken)
            .ConfigureAwait(false);
        entry.Positioned();
    }

    private async Task SetRatingAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        entry.Sending();
        await target.SetRatingAsync(entry.Key, entry.Change.After.UserRating, cancellationToken).ConfigureAwait(false);
        entry.Rated();
    }

    /// <summary>Notes the failure of a write, and announces it again before it is sent again.</summary>
    private async Task RepeatAsync(ChangeExecution entry, PlexException failure)
    {
        entry.FailedOnce(failure);
        if (!await recorder.TryAnnounceAsync(entry).ConfigureAwait(false))
        {
            throw failure;
        }
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
}
