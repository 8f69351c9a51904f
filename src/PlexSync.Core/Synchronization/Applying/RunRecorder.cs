namespace PlexSync;

/// <summary>
/// Announces changes to the journal before they are sent, and records what became of them. A journal that fails ends the run, since
/// nothing may be written that could not be taken back.
/// </summary>
/// <param name="journal">Null where nothing is kept.</param>
/// <param name="target">Whose clock counts.</param>
/// <param name="pace">Stopped when the journal fails.</param>
internal sealed class RunRecorder(IRunLease? journal, PlexServer target, WritePace pace)
{
    /// <summary>So long an announcement stands for what is sent after it: its age tells how long ago that was.</summary>
    private static readonly TimeSpan AnnouncedFor = TimeSpan.FromSeconds(1);

    private bool _isBroken;

    /// <summary>
    /// Nothing is sent that the journal does not know of; once per change, again once its outcome was recorded, and again when some time
    /// has passed: whoever settles the run must know how old its last write is at most.
    /// </summary>
    public async Task<bool> TryAnnounceAsync(ChangeExecution entry)
    {
        var now = target.Clock.Now;
        if (entry.IsAnnounced && (now is null || (entry.Announced is [.., var last] && (now - last).Value.Duration() < AnnouncedFor)))
        {
            return true;
        }

        try
        {
            if (journal is not null)
            {
                await journal.AnnounceAsync(entry.Change, now, CancellationToken.None).ConfigureAwait(false);
            }

            entry.Announce(now);
            return true;
        }
        catch (Exception e)
        {
            Break(e);
            return false;
        }
    }

    /// <summary>Records what is decided.</summary>
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

    /// <summary>What was recorded is what came of a change; made once, since there may be many.</summary>
    public ChangeResult ResultOf(ChangeExecution entry) => _isBroken ? entry.ToResult() : entry.Recorded ?? entry.ToResult();

    /// <summary>Closes the run, if the journal is still there.</summary>
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
