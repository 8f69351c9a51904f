using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>What earlier runs did to one user. It is read once, before the user's state is read.</summary>
internal sealed class TargetHistory
{
    private readonly ISyncStore? _store;
    private readonly PlexServer _user;
    private readonly RunId? _own;
    private readonly HashSet<RunMark> _marks;
    private WrittenStates.Written? _written;
    private Dictionary<ChangeKey, PlannedChange> _unkept = [];

    private TargetHistory(ISyncStore? store, PlexServer user, RunId? own, HashSet<RunMark> marks)
    {
        _store = store;
        _user = user;
        _own = own;
        _marks = marks;
    }

    /// <summary>Whether a run on the user is going on or was killed: the user's state may then be half-way through a change.</summary>
    public bool HasOpenRun => OpenRun is not null;

    /// <summary>The name of such a run; null if there is none.</summary>
    public RunId? OpenRun => _marks.Where(static mark => !mark.IsFinished).Select(static mark => (RunId?)mark.Run).FirstOrDefault();

    /// <summary>Stands for the runs there are: another text if one has begun, ended or gone.</summary>
    public string Runs => Describe(_marks);

    /// <summary>Reads which runs there are.</summary>
    /// <param name="store">The store; without one there are no runs.</param>
    /// <param name="user">The server as the user.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <param name="own">A run that does not count.</param>
    public static async Task<TargetHistory> ReadAsync(
        ISyncStore? store, PlexServer user, CancellationToken cancellationToken, RunId? own = null) =>
        new(store, user, own, await ReadMarksAsync(store, user, own, cancellationToken).ConfigureAwait(false));

    /// <summary>Whether no other run on the user has begun or ended since this was read.</summary>
    /// <param name="own">A run that does not count.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<bool> IsCurrentAsync(RunId? own, CancellationToken cancellationToken) =>
        _marks.SetEquals(await ReadMarksAsync(_store, _user, own ?? _own, cancellationToken).ConfigureAwait(false));

    /// <summary>The same, but false if the store cannot be read.</summary>
    public async Task<bool> IsKnownToBeCurrentAsync(RunId? own, CancellationToken cancellationToken)
    {
        try
        {
            return await IsCurrentAsync(own, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// <see cref="Runs"/> after the run <paramref name="own"/>; null if a run is open, or another one has begun or ended meanwhile.
    /// </summary>
    public async Task<string?> DescribeAfterAsync(RunId? own, CancellationToken cancellationToken)
    {
        var marks = await ReadMarksAsync(_store, _user, own: null, cancellationToken).ConfigureAwait(false);
        return marks.All(static mark => mark.IsFinished) && _marks.SetEquals(marks.Where(mark => mark.Run != own)) ? Describe(marks) : null;
    }

    /// <summary>
    /// Whether those runs are still there, and every other one has done all it planned and took nothing away: what was added, and read
    /// back, a list of views shows.
    /// </summary>
    /// <param name="runs">What <see cref="Runs"/> was.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<bool> HaveOnlyAddedSinceAsync(string runs, CancellationToken cancellationToken)
    {
        if (runs == Runs)
        {
            return true;
        }

        var last = runs.Split(' ') is [_, var name] ? name : "";
        var before = _marks.Where(mark => string.CompareOrdinal($"{mark.Run}", last) <= 0).ToHashSet();
        var since = _marks.Except(before).ToDictionary(static mark => mark.Run, static mark => mark.IsFinished);
        if (Describe(before) != runs || since.ContainsValue(false))
        {
            return false;
        }

        foreach (var run in await _store!.ListRunsAsync(_user.MachineIdentifier, _user.User.Id, cancellationToken).ConfigureAwait(false))
        {
            if (since.Remove(run.Id))
            {
                if (await TryReadRunAsync(_store, run, cancellationToken).ConfigureAwait(false) is not { } report
                    || run.Undoes is not null || !run.IsComplete || report.Verified < report.Count(ChangeOutcome.Applied)
                    || report.Plan.Changes.Any(static change => change.IsRemoval))
                {
                    return false;
                }
            }
        }

        return since.Count == 0;
    }

    /// <summary>Reads a run that was listed; null if it has been removed since.</summary>
    public static async Task<SyncReport?> TryReadRunAsync(ISyncStore store, SyncRun run, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadRunAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.RunNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads which changes the server did not keep.</summary>
    public async Task ReadUnkeptAsync(CancellationToken cancellationToken)
    {
        var unkept = _store is null ? [] : await _store.ReadUnkeptAsync(_user.ServerUser, cancellationToken).ConfigureAwait(false);
        var now = _user.Time.GetUtcNow();
        _unkept = unkept.Where(one => one.IsCurrent(now)).DistinctBy(static one => one.Change.Key)
            .ToDictionary(static one => one.Change.Key, static one => one.Change);
    }

    /// <summary>
    /// Reads what earlier runs wrote, for <see cref="Date"/>: Plex dates every write "now", so that a copied state looks newer than its
    /// source.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <param name="known">What is known of it already.</param>
    public async Task ReadWritesAsync(CancellationToken cancellationToken, WrittenStates? known = null) =>
        _written = _store is null ? null
            : await (known ?? new WrittenStates()).ReadAsync(_store, _user, cancellationToken).ConfigureAwait(false);

    /// <summary>The same change was made before, and the server did not keep it.</summary>
    public bool WasNotKept(PlannedChange change) =>
        _unkept.TryGetValue(change.Key, out var unkept) && change.IsReachedBy(unkept.After)
        && unkept.SourceViewedAt == change.SourceViewedAt;

    /// <summary>
    /// The state with its original dates: if it still is as a run left it, date included, it gets the date of the state that it was copied
    /// from.
    /// </summary>
    public WatchState Date(RatingKey key, WatchState state)
    {
        if (_written is not { IsEmpty: false })
        {
            return state;
        }

        // A mark made by hand is the user's own doing, as old as the server says.
        if (_written.FindState(key) is { } written && !written.Result.Change.IsMark
            && written.IsAsLeft(state, _user.Clock.Lead))
        {
            state = state with { LastViewedAt = written.Result.Change.SourceViewedAt };
        }

        if (_written.FindRating(key) is { } rated && state.UserRating == rated.StateAfterRun!.Value.UserRating)
        {
            state = state with { LastRatedAt = rated.Change.SourceViewedAt };
        }

        return state;
    }

    /// <summary>The hash of all of them, and the name of the last, since names begin with the time.</summary>
    private static string Describe(IEnumerable<RunMark> marks)
    {
        var lines = marks.Select(static mark => $"{mark.Run} {mark.IsFinished}").Order(StringComparer.Ordinal).ToList();
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))), 0, 16);
        return lines is [.., var last] ? $"{hash} {last.Split(' ')[0]}" : hash;
    }

    private static async Task<HashSet<RunMark>> ReadMarksAsync(
        ISyncStore? store, PlexServer user, RunId? own, CancellationToken cancellationToken) =>
        store is null ? []
            : (await store.ListMarksAsync(user.ServerUser, cancellationToken).ConfigureAwait(false))
                .Where(mark => mark.Run != own).ToHashSet();
}
