namespace PlexSync;

/// <summary>Keeps what outlives a run: what runs were about to do, what became of it, and what users have agreed on.</summary>
/// <remarks>
/// The library writes to nobody before <see cref="BeginAsync"/> has returned. A store that cannot keep its promises throws; any exception
/// ends the run as <see cref="PlexErrorKind.JournalFailed"/>. It never gets tokens or PINs. <see cref="RunLog"/> does for a store what is
/// the same in all of them.
/// </remarks>
public interface ISyncStore
{
    /// <summary>
    /// Begins a run on one or several targets: alone on each of them, and with the plans where a crash or a power cut leaves them. Either
    /// all of it is begun or nothing.
    /// </summary>
    /// <param name="plans">What is about to be done, one plan for each target, with every state that it changes.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <returns>
    /// One lease for each plan, in their order. They share the run's name, which no other run has, and its number, which is larger than
    /// that of every run before it.
    /// </returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.RunInProgress"/> when another run holds a target, <see cref="PlexErrorKind.JournalFailed"/>.
    /// </exception>
    Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a run that did not finish; alone on its target, like <see cref="BeginAsync"/>.</summary>
    /// <inheritdoc cref="BeginAsync"/>
    /// <param name="run">The run, as <see cref="ListRunsAsync"/> gives it.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <returns>The lease.</returns>
    Task<IRunLease> ResumeAsync(SyncRun run, CancellationToken cancellationToken = default);

    /// <summary>The runs, newest first.</summary>
    /// <param name="server">Only of this server, if given.</param>
    /// <param name="target">Only of this target, if given.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.JournalFailed"/>, <see cref="PlexErrorKind.InvalidFile"/> or
    /// <see cref="PlexErrorKind.UnsupportedVersion"/>.
    /// </exception>
    Task<IReadOnlyList<SyncRun>> ListRunsAsync(
        MachineIdentifier? server = null, UserId? target = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Which runs on a target have begun, and which of them have finished: tells whether anything has happened since it was asked last.
    /// Cheap, since it is asked several times in a run.
    /// </summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default);

    /// <summary>
    /// A run with its plan and every outcome that was recorded. Changes that were announced and have none are
    /// <see cref="ChangeOutcome.Unknown"/>, the others <see cref="ChangeOutcome.Planned"/>.
    /// </summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default);

    /// <summary>The changes of a target that its server accepted and did not keep (<see cref="UnkeptChange.Update"/>).</summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default);

    /// <summary>What two users agree on, in either order; null where nothing is remembered, or nothing that can be used.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default);

    /// <summary>Changes what is agreed on, while nobody else does; waits for whoever is at it.</summary>
    /// <param name="change">Reads and writes. What it has written stays, even if it throws in the end.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default);
}

/// <summary>
/// The right to write to one target, and the record of what is written under it. Disposing it lets others begin on the target; a run that
/// was not completed by then waits to be settled.
/// </summary>
/// <remarks>
/// Every member that records throws <see cref="PlexErrorKind.LeaseLost"/> once somebody else holds the target, and records nothing.
/// </remarks>
public interface IRunLease : IAsyncDisposable
{
    /// <summary>The name of the run.</summary>
    RunId Run { get; }

    /// <summary>Which lease of the target this is: larger than that of every lease of this target before it.</summary>
    long Number { get; }

    /// <summary>
    /// Records that a change is about to be sent: from here on, and until its outcome is recorded, only reading tells what became of it.
    /// </summary>
    /// <param name="change">The change; one can be announced several times.</param>
    /// <param name="serverTime">
    /// What the server's clock says, null where it does not tell: what is settled later is waited for only as long as the server may still
    /// be at it.
    /// </param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default);

    /// <summary>Records what became of a change; the last record of a change counts. Called by several writers at once.</summary>
    ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes the run: it is known what became of everything, as far as it can be, and what the report says of a change counts. A run that
    /// wrote nothing leaves no trace but in what was not kept (<see cref="UnkeptChange.Update"/>).
    /// </summary>
    Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default);
}

/// <summary>What is agreed on, while nobody else can change it.</summary>
public interface IAgreementsChange
{
    /// <summary>What two users agree on now; null where nothing is remembered, or nothing that can be used.</summary>
    Task<Agreements?> ReadAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default);

    /// <summary>What a user agrees on with each of the others.</summary>
    Task<IReadOnlyList<Agreements>> ListAsync(ServerUser user, CancellationToken cancellationToken = default);

    /// <summary>Replaces what the two users agree on.</summary>
    Task WriteAsync(Agreements agreements, CancellationToken cancellationToken = default);
}
