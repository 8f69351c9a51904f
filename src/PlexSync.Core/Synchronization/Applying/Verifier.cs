using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Reads back what was written, and decides what the server did not keep.</summary>
internal sealed class Verifier(ILogger logger, PlexServer target, WritePace pace, RunProgress progress)
{
    /// <summary>How many items are read at once.</summary>
    public const int BatchSize = 200;

    /// <summary>
    /// Reads back what was written. What the server accepted and does not show is looked up like a lost mark, written once more, and looked
    /// for again; if it is still missing, it counts as not kept.
    /// </summary>
    /// <param name="entries">The changes of the run.</param>
    /// <param name="rewriteAsync">Looks up what was lost, and writes it once more.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task VerifyAsync(ChangeExecution[] entries, Func<Task> rewriteAsync, CancellationToken cancellationToken)
    {
        if (!Array.Exists(entries, static entry => entry.IsToVerify))
        {
            return;
        }

        using var phase = PhaseScope.Begin("verify", target.Time);
        try
        {
            var missing = await FindMissingAsync(entries, cancellationToken).ConfigureAwait(false);
            Array.ForEach(Array.FindAll(missing, static entry => entry.IsRating), RefuseUnkept);
            missing = Array.FindAll(missing, static entry => !entry.IsRating);
            if (missing.Length == 0)
            {
                return;
            }

            Array.ForEach(missing, static entry => entry.Missed());
            await rewriteAsync().ConfigureAwait(false);
            var unknown = missing.Where(static entry => entry.State is ChangeState.InDoubt);
            foreach (var entry in (await FindMissingAsync(entries, cancellationToken).ConfigureAwait(false)).Union(unknown))
            {
                RefuseUnkept(entry);
            }
        }
        catch (OperationCanceledException e)
        {
            phase.Fail(e);
            throw;
        }
        catch (PlexException e)
        {
            phase.Fail(e);
            ApplyingLog.NotSettled(logger, target.User.Title, e.Message);
        }
    }

    /// <summary>Whether the server shows what was written; null if that cannot be found out.</summary>
    public async Task<bool?> IsShownAsync(ChangeExecution entry, CancellationToken cancellationToken)
    {
        try
        {
            var shown = await target.GetItemsAsync([entry.Key], cancellationToken).ConfigureAwait(false);
            if (!shown.TryGetValue(entry.Key, out var item) || item.IsStateDamaged)
            {
                return null;
            }

            if (!entry.IsMissingIn(item.State))
            {
                return true;
            }

            RefuseUnkept(entry);
            return false;
        }
        catch (PlexException e)
        {
            ApplyingLog.NotSettled(logger, target.User.Title, e.Message);
            return null;
        }
    }

    /// <summary>
    /// An item that was listed but refused on write may have gone from the target's sight meanwhile: then it is no failure.
    /// </summary>
    public async Task ExplainRefusalsAsync(ChangeExecution[] entries, CancellationToken cancellationToken)
    {
        var refused = Array.FindAll(entries, static entry =>
            entry is
            {
                Outcome: ChangeOutcome.Failed or ChangeOutcome.Unknown,
                Error.Kind: PlexErrorKind.NotFound or PlexErrorKind.Forbidden,
            });
        if (refused.Length == 0 || pace.IsStopped)
        {
            return;
        }

        try
        {
            var current = await target.GetItemsAsync(refused.Select(static entry => entry.Key), cancellationToken).ConfigureAwait(false);
            foreach (var entry in refused.Where(entry => !current.ContainsKey(entry.Key)))
            {
                entry.Skip(SkipReason.NotVisibleToTarget);
            }
        }
        catch (PlexException e)
        {
            // They stay refused.
            ApplyingLog.NotSettled(logger, target.User.Title, e.Message);
        }
    }

    private async Task<ChangeExecution[]> FindMissingAsync(ChangeExecution[] entries, CancellationToken cancellationToken)
    {
        var written = Array.FindAll(entries, static entry => entry.IsToVerify
            && entry.State is ChangeState.Written or ChangeState.Verified or ChangeState.InDoubt or ChangeState.Failed);
        if (written.Length == 0 || pace.IsStopped)
        {
            return [];
        }

        var parts = written.Chunk(BatchSize).ToArray();
        var missing = new ChangeExecution[parts.Length][];
        var done = 0;
        progress.Report(SyncPhase.Verifying, done, written.Length);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = target.Options.MaxReads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, parts.Length), parallel, async (at, token) =>
        {
            var current = await target.GetItemsAsync(parts[at].Select(static entry => entry.Key), token).ConfigureAwait(false);
            missing[at] = Array.FindAll(parts[at], entry =>
                current.TryGetValue(entry.Key, out var item) && !item.IsStateDamaged && entry.IsMissingIn(item.State));
            lock (parts)
            {
                progress.Report(SyncPhase.Verifying, done += parts[at].Length, written.Length);
            }
        }).ConfigureAwait(false);

        return [.. missing.SelectMany(static part => part)];
    }

    /// <summary>
    /// Fails a change that the server accepted and does not show; if an attempt had failed, with that failure. To a user who does not own
    /// the server, it may show the owner's rating instead.
    /// </summary>
    private void RefuseUnkept(ChangeExecution entry)
    {
        var title = entry.Change.Item.DisplayTitle;
        var error = entry.Error ?? entry.Doubted ?? new PlexException(
            PlexErrorKind.DidNotStick, $"The server accepted '{title}' ({entry.Key}) and does not show it.")
        { Subject = title };
        entry.Refused(error);
        ApplyingLog.NotWritten(logger, title, entry.Key, target.User.Title, error.Message);
        if (entry.IsRating && !target.IsOwner)
        {
            entry.Skip(SkipReason.OwnersRating);
        }
    }
}
