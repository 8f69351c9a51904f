namespace PlexSync;

/// <summary>
/// Announces changes to the store before they are sent, and records what became of them. If the store fails, the run ends, since nothing
/// may be written that could not be undone.
/// </summary>
/// <param name="journal">Null without a store.</param>
/// <param name="target">Whose clock counts.</param>
/// <param name="pace">Stopped when the store fails.</param>
internal sealed class RunRecorder(IRunLease? journal, PlexServer target, WritePace pace)
{
    /// <summary>For how long an announcement covers what is sent after it: its age tells how old the last write can be.</summary>
    private static readonly TimeSpan AnnouncedFor = TimeSpan.FromSeconds(1);

    private bool _isBroken;

    /// <summary>
    /// Announces a change before it is sent, so that nothing is sent that the store does not know of: once, again after its outcome was
    /// recorded, and again when some time has passed, since settling must know the latest time of the last write.
    /// </summary>
    public async Task<bool> TryAnnounceAsync(ChangeExecution entry)
    {
        var now = target.Clock.Now;
        var isCovered = entry.IsAnnounced
            && (now is null || (entry.Announced is [.., var last] && (now - last).Value.Duration() < AnnouncedFor));
        try
        {
            if (!isCovered)
            {
                if (journal is not null)
                {
                    await journal.AnnounceAsync(entry.Change, now, CancellationToken.None).ConfigureAwait(false);
                }

                entry.Announce(now);
            }

            // Last of all: whatever held this process up before, the request is over before another run may write.
            journal?.RequireFor(target.Options.Timeout);
            return true;
        }
        catch (Exception e)
        {
            Break(e);
            return false;
        }
    }

    /// <summary>Records the outcome of a change that has one.</summary>
    /// <param name="entry">The change.</param>
    /// <param name="isLast">Nothing more is done about it in this run.</param>
    public async Task RecordAsync(ChangeExecution entry, bool isLast = false)
    {
        if (journal is null || _isBroken || !(entry.IsDecided || (isLast && entry is { IsAnnounced: true, IsLost: false })))
        {
            return;
        }

        var result = entry.ToResult();
        if (result == entry.Recorded)
        {
            return;
        }

        try
        {
            await journal.RecordAsync(result, CancellationToken.None).ConfigureAwait(false);
            entry.Record(result);
        }
        catch (Exception e)
        {
            Break(e);
        }
    }

    /// <summary>The result that was recorded, since there may be many; made anew if there is none, or if the store has failed.</summary>
    public ChangeResult ResultOf(ChangeExecution entry) => _isBroken ? entry.ToResult() : entry.Recorded ?? entry.ToResult();

    /// <summary>Closes the run, unless the store has failed.</summary>
    public async Task CompleteAsync(SyncReport report)
    {
        if (journal is null || _isBroken)
        {
            return;
        }

        try
        {
            await journal.CompleteAsync(report, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Break(e);
        }
    }

    /// <summary>Whatever a store throws, as the failure that it is.</summary>
    public static PlexException ToFailure(Exception e) =>
        e as PlexException ?? new PlexException(PlexErrorKind.JournalFailed, $"The journal failed: {e.Message}", e);

    private void Break(Exception e)
    {
        _isBroken = true;
        pace.Stop(ToFailure(e));
    }
}
