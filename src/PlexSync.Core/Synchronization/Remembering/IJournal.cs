namespace PlexSync;

/// <summary>Keeps what runs were about to do and what became of it, so that they can be settled and taken back.</summary>
/// <remarks>
/// The library writes to nobody before <see cref="BeginAsync"/> has returned. An implementation that cannot keep its promises throws; any
/// exception ends the run as <see cref="PlexErrorKind.JournalFailed"/>.
/// </remarks>
public interface IJournal
{
    /// <summary>Begins a run on one target: alone there, and with the plan where a crash or a power cut leaves it.</summary>
    /// <param name="run">The name of the run; runs on several targets share one.</param>
    /// <param name="plan">What is about to be done, with every state that it changes.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.RunInProgress"/> when another run holds the target, <see cref="PlexErrorKind.JournalFailed"/>.
    /// </exception>
    Task<IJournalRun> BeginAsync(RunId run, SyncPlan plan, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a run that did not finish; alone there, like <see cref="BeginAsync"/>.</summary>
    /// <inheritdoc cref="BeginAsync"/>
    Task<IJournalRun> ResumeAsync(JournaledRun run, CancellationToken cancellationToken = default);

    /// <summary>What is known of the runs, newest first.</summary>
    /// <param name="server">Only of this server, if given.</param>
    /// <param name="target">Only of this target, if given.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.JournalFailed"/>, <see cref="PlexErrorKind.InvalidFile"/> or
    /// <see cref="PlexErrorKind.UnsupportedVersion"/>.
    /// </exception>
    Task<IReadOnlyList<JournaledRun>> ListAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// A run with its plan and every outcome that was recorded. Changes that were announced and have none are
    /// <see cref="ChangeOutcome.Unknown"/>, the others <see cref="ChangeOutcome.Planned"/>.
    /// </summary>
    /// <exception cref="PlexException">As <see cref="ListAsync"/>.</exception>
    Task<SyncReport> ReadAsync(JournaledRun run, CancellationToken cancellationToken = default);

    /// <summary>The changes that a server did not keep although it accepted them.</summary>
    /// <exception cref="PlexException">As <see cref="ListAsync"/>.</exception>
    Task<IReadOnlyList<PlannedChange>> GetRefusedAsync(
        MachineIdentifier server, UserId target, CancellationToken cancellationToken = default);
}

/// <summary>A run being recorded. Disposing it lets others begin on the target; a run not completed by then waits to be settled.</summary>
public interface IJournalRun : IAsyncDisposable
{
    /// <summary>
    /// Records that a change is about to be sent: from here on, and until its outcome is recorded, only reading tells what became of it.
    /// </summary>
    ValueTask AnnounceAsync(PlannedChange change, CancellationToken cancellationToken = default);

    /// <summary>Records the same, and when: what is settled later is waited for only as long as the server may still be at it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="serverTime">What the server's clock says; null where it does not tell.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <remarks>A change can be announced several times. A journal that does not keep the time waits longer than it must.</remarks>
    ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default) =>
        AnnounceAsync(change, cancellationToken);

    /// <summary>Records what became of a change; the last record of a change counts. Called by several writers at once.</summary>
    ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default);

    /// <summary>Closes the run: it is known what became of everything, as far as it can be.</summary>
    Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default);
}

/// <summary>A run on one target, as the journal lists it.</summary>
public sealed record JournaledRun
{
    /// <summary>Its name; runs on several targets share one.</summary>
    public required RunId Id { get; init; }

    /// <summary>The server.</summary>
    public required ServerReference Server { get; init; }

    /// <summary>Whose state was copied.</summary>
    public required UserReference Source { get; init; }

    /// <summary>Whose state changed.</summary>
    public required UserReference Target { get; init; }

    /// <summary>The name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Which of all runs in the journal it is, by when they began; 0 where that was not recorded.</summary>
    internal long Order { get; init; }

    /// <summary>The run that this one takes back, if it is an undo.</summary>
    public RunId? Undoes { get; init; }

    /// <summary>How many changes were planned.</summary>
    public required int Changes { get; init; }

    /// <summary>It is known what became of everything; otherwise the run was killed, and is settled before the next one writes.</summary>
    public required bool IsFinished { get; init; }

    /// <summary>How many changes have this outcome, as far as it was recorded.</summary>
    public required IReadOnlyDictionary<ChangeOutcome, int> Outcomes { get; init; }

    /// <summary>How many items it wrote to, or may have.</summary>
    public required int Written { get; init; }

    /// <summary>
    /// The run that "undo the last one" means: the newest that wrote something, is not an undo, and was not undone; null if there is
    /// none.
    /// </summary>
    /// <param name="runs">The runs, newest first, as <see cref="IJournal.ListAsync"/> gives them.</param>
    public static RunId? FindLast(IReadOnlyList<JournaledRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        for (var at = 0; at < runs.Count; at++)
        {
            if (runs[at] is { Written: > 0, Undoes: null } && !IsUndone(at))
            {
                return runs[at].Id;
            }
        }

        return null;

        // An undo that was undone undoes nothing; one that came to half of it leaves the rest to be undone. What undoes a run began after
        // it, wherever the list has it. Two that say they undo each other were never written here: the depth ends that.
        bool IsUndone(int at, int depth = 0)
        {
            for (var other = 0; other < runs.Count && depth <= runs.Count; other++)
            {
                if (runs[other].Undoes == runs[at].Id && runs[other].Target.Id == runs[at].Target.Id
                    && runs[other].Server.MachineIdentifier == runs[at].Server.MachineIdentifier
                    && runs[other].IsComplete && !IsUndone(other, depth + 1))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>It finished, and every change was made or left out on purpose.</summary>
    public bool IsComplete =>
        IsFinished && Outcomes.GetValueOrDefault(ChangeOutcome.Failed) + Outcomes.GetValueOrDefault(ChangeOutcome.Unknown)
        + Outcomes.GetValueOrDefault(ChangeOutcome.Planned) == 0;
}
