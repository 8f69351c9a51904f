namespace PlexSync;

/// <summary>Keeps what outlives a run: plans, their outcomes, changes that servers did not keep, and what users have agreed on.</summary>
/// <remarks>
/// Nothing is written to a server without a lease. A store that cannot keep a promise throws: a
/// <see cref="PlexException"/> ends the run as it is, any other exception as <see cref="PlexErrorKind.JournalFailed"/>. A store never gets
/// tokens or PINs. <see cref="RunLog"/> does what is the same in every store, and <c>SyncStoreConformance</c> in PlexSync.Testing checks
/// the promises.
/// </remarks>
public interface ISyncStore
{
    /// <summary>
    /// Begins a run on one or several targets: on all of them or on none. When it returns, no other run holds any of them, and the plans
    /// survive a crash or a power cut.
    /// </summary>
    /// <param name="plans">The plans, one for each target, with every state that they change.</param>
    /// <param name="cancellationToken">Cancels the beginning.</param>
    /// <returns>
    /// One lease for each plan, in the order of the plans. They share the name of the run, which no other run on these targets has, and
    /// its number, which is larger than that of every earlier run.
    /// </returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.RunInProgress"/> when another run holds a target, <see cref="PlexErrorKind.JournalFailed"/>.
    /// </exception>
    Task<IReadOnlyList<IRunLease>> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes up a run that did not finish when it was listed; as with <see cref="BeginAsync"/>, no other run holds its target then. One
    /// that has finished since can be taken up, too; one that is gone is refused.
    /// </summary>
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
    /// Lists which runs on a target have begun, and which of them have finished. If a run that wrote has begun or ended in between, two
    /// answers differ. It should be cheap: it is asked several times in a run.
    /// </summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<IReadOnlySet<RunMark>> ListMarksAsync(ServerUser target, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a run with its plan and every recorded outcome. A change without an outcome is <see cref="ChangeOutcome.Unknown"/> if it was
    /// announced, else <see cref="ChangeOutcome.Planned"/>.
    /// </summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<SyncReport> ReadRunAsync(SyncRun run, CancellationToken cancellationToken = default);

    /// <summary>The changes of a target that its server accepted and did not keep (<see cref="UnkeptChange.Update"/>).</summary>
    /// <exception cref="PlexException">As <see cref="ListRunsAsync"/>.</exception>
    Task<IReadOnlyList<UnkeptChange>> ReadUnkeptAsync(ServerUser target, CancellationToken cancellationToken = default);

    /// <summary>Reads what two users agree on, whichever of them is named first; null if nothing usable is stored.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task<Agreements?> ReadAgreementsAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes agreements while nobody else can change them; waits until another change has ended. Meanwhile the store can be read, by the
    /// change itself, too: it asks for the marks.
    /// </summary>
    /// <param name="change">Reads and writes agreements. What it has written stays, even if it throws afterwards.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task ChangeAgreementsAsync(Func<IAgreementsChange, Task> change, CancellationToken cancellationToken = default);

    /// <summary>Reads what was last known when this was asked; null if nothing usable is stored, which is never a failure.</summary>
    /// <param name="question">As in <see cref="LastReading.Question"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task<LastReading?> ReadLastReadingAsync(string question, CancellationToken cancellationToken = default);

    /// <summary>Stores what is now known, whole or not at all, in place of what was known when the same was asked.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    Task WriteLastReadingAsync(LastReading reading, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a job, so that no other process keeps its users in step at the same time. It holds no target: runs by hand go on meanwhile.
    /// </summary>
    /// <param name="job">The name of the job; capitals do not matter.</param>
    /// <param name="cancellationToken">Cancels the taking.</param>
    /// <returns>The lease; disposing of it releases the job.</returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.JobInProgress"/> when another process has it, with who that is as the candidate where it is known;
    /// <see cref="PlexErrorKind.JournalFailed"/>.
    /// </exception>
    Task<IWatchLease> WatchAsync(string job, CancellationToken cancellationToken = default);
}

/// <summary>The right to keep the users of a job in step.</summary>
public interface IWatchLease : IAsyncDisposable
{
    /// <summary>Throws once another process may have the job.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.LeaseLost"/>.</exception>
    ValueTask RequireAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// The right to write to one target, and the record of what is written under it. Disposing it releases the target; a run that was not
/// completed by then waits to be settled.
/// </summary>
/// <remarks>
/// Once another run may hold the target, every member that records throws <see cref="PlexErrorKind.LeaseLost"/> and records nothing.
/// Several writers announce and record at once. What was recorded survives the end of the process in whatever way. Disposing does not
/// throw.
/// </remarks>
public interface IRunLease : IAsyncDisposable
{
    /// <summary>The name of the run.</summary>
    RunId Run { get; }

    /// <summary>The number of the lease: larger than that of every earlier lease that the store knows of.</summary>
    long Number { get; }

    /// <summary>
    /// Records that a change is about to be sent. Until its outcome is recorded, only reading the item tells what became of it.
    /// </summary>
    /// <param name="change">The change; one can be announced several times.</param>
    /// <param name="serverTime">
    /// The time by the server's clock; null if it is not known. If the change has to be settled later, its age tells how long the server
    /// may still need for it.
    /// </param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    ValueTask AnnounceAsync(PlannedChange change, DateTimeOffset? serverTime, CancellationToken cancellationToken = default);

    /// <summary>
    /// Throws if a request that is sent now could outlast the lease. It is asked right before each request that writes, after the change
    /// was announced, and answers at once, by what is known already.
    /// </summary>
    /// <param name="duration">How long the request may take.</param>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.LeaseLost"/>.</exception>
    void RequireFor(TimeSpan duration);

    /// <summary>Records what became of a change; the last record of a change counts.</summary>
    ValueTask RecordAsync(ChangeResult result, CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes the run. Every outcome that is known was recorded before; what the run is listed with, and whether it wrote anything, is what
    /// the report says. A run that wrote nothing is removed; only the changes that were not kept are remembered
    /// (<see cref="UnkeptChange.Update"/>).
    /// </summary>
    Task CompleteAsync(SyncReport report, CancellationToken cancellationToken = default);
}

/// <summary>Reads and writes agreements while nobody else can change them.</summary>
public interface IAgreementsChange
{
    /// <summary>Reads what two users agree on now; null if nothing usable is stored.</summary>
    Task<Agreements?> ReadAsync(ServerUser one, ServerUser other, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the agreements of a user with every other user, one after the other, since each may have hundreds of thousands of items. Those
    /// that were read may be written meanwhile.
    /// </summary>
    IAsyncEnumerable<Agreements> ListAsync(ServerUser user, CancellationToken cancellationToken = default);

    /// <summary>Replaces what the two users agree on.</summary>
    Task WriteAsync(Agreements agreements, CancellationToken cancellationToken = default);
}
