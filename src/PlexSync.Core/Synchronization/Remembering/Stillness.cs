namespace PlexSync;

/// <summary>
/// Tells whether what is read of a user may be relied on: while a run on that user is open, and where one begins or ends meanwhile, it may
/// be half of a change. Users who are only read are not locked, so the journal is looked at before and after.
/// </summary>
internal sealed class Stillness
{
    private readonly IJournal? _journal;
    private readonly PlexServer _user;
    private readonly RunId? _own;
    private readonly HashSet<string>? _before;

    private Stillness(IJournal? journal, PlexServer user, RunId? own, HashSet<string>? before)
    {
        _journal = journal;
        _user = user;
        _own = own;
        _before = before;
    }

    /// <summary>No run on the user was open when this was made.</summary>
    public bool IsStill => _before is not null;

    /// <summary>To be called before the user is read.</summary>
    /// <param name="journal">Knows the runs; without one, nothing is known of any.</param>
    /// <param name="user">The server as the user.</param>
    /// <param name="own">A run that does not count.</param>
    /// <param name="cancellationToken">Cancels the reading of the journal.</param>
    public static async Task<Stillness> StartAsync(IJournal? journal, PlexServer user, RunId? own, CancellationToken cancellationToken) =>
        new(journal, user, own, await ReadAsync(journal, user, own, cancellationToken).ConfigureAwait(false));

    /// <summary>To be called after the user was read: no run on them is open, and none began or ended since this was made.</summary>
    public async Task<bool> HoldsAsync(CancellationToken cancellationToken) =>
        _before is { } before
        && await ReadAsync(_journal, _user, _own, cancellationToken).ConfigureAwait(false) is { } now
        && before.SetEquals(now);

    /// <summary>The runs on the user; null where one of them is open, or the journal cannot tell.</summary>
    private static async Task<HashSet<string>?> ReadAsync(
        IJournal? journal, PlexServer user, RunId? own, CancellationToken cancellationToken)
    {
        if (journal is null)
        {
            return [];
        }

        try
        {
            var names = (journal as IRunIndex)?.ListNames(user.MachineIdentifier, user.User.Id, own);
            if (names?.Any(static name => name.EndsWith(Freshness.Unfinished, StringComparison.Ordinal)) is false)
            {
                return names;
            }

            // A file whose beginning did not reach the disk looks unfinished, but nothing was written by it.
            var runs = (await journal.ListAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false))
                .Where(run => run.Id != own).ToList();
            return runs.Exists(static run => !run.IsFinished) ? null : names ?? runs.Select(static run => $"{run.Id}").ToHashSet();
        }
        catch (PlexException)
        {
            return null;
        }
    }
}
