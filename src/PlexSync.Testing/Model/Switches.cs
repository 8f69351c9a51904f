namespace PlexSync.Testing;

/// <summary>
/// The open points of plex-facts §13 and other ways in which one media server differs from the next. May be turned at any time.
/// </summary>
public sealed class ServerSwitches
{
    private int _startingWrites;

    /// <summary>Scrobbling leaves the position (plex-facts §6.1, the second report).</summary>
    public bool ScrobbleKeepsPosition { get; set; }

    /// <summary>A position at or above the played threshold is stored as sent instead of ignored (plex-facts §6.3).</summary>
    public bool StoresPositionsNearEnd { get; set; }

    /// <summary>
    /// A report at or above the played threshold counts as a view though its session reported nothing below it; of several in one session,
    /// the first (versions differ from plex-facts §6.3 here).
    /// </summary>
    public bool CountsLoneReportsNearEnd { get; set; }

    /// <summary>A position that is reported again moves lastViewedAt, as servers before 1.43.4 may do (plex-facts §14.1).</summary>
    public bool RepeatedPositionsMoveDate { get; set; }

    /// <summary>Listings are not filtered by labels, as by any field that a server does not know.</summary>
    public bool IgnoresLabels { get; set; }

    /// <summary>Answers have the fields and elements that newer servers add, which clients pass over (plex-facts §14.1).</summary>
    public bool SendsNewFields { get; set; }

    /// <summary>Pages never hold more than this, whatever is asked.</summary>
    public int? MaxPageSize { get; set; }

    /// <summary>excludeElements and excludeFields have no effect (plex-facts §1.5).</summary>
    public bool IgnoresTrimming { get; set; }

    /// <summary>A library listing without a container size is refused with 400 (plex-facts §1.3).</summary>
    public bool RequiresPaging { get; set; } = true;

    /// <summary>
    /// Bodies are compressed for clients that accept gzip, as real servers do (plex-facts §9); off to keep benchmarks about the client.
    /// </summary>
    public bool Compresses { get; set; }

    /// <summary>
    /// Pages of libraries are rendered once and kept until something on them changes. For benchmarks: the simulator shares the
    /// processor with the client. Libraries may then be changed only by <see cref="SimulatedServer.Edit"/>, and switches not at all.
    /// </summary>
    public bool KeepsPages { get; set; }

    /// <summary>No totalSize, neither in bodies nor in headers.</summary>
    public bool OmitsTotals { get; set; }

    /// <summary>Any token or none acts as the owner, for reads and writes (plex-facts §2.3, "networks allowed without auth").</summary>
    public bool LetsEveryoneInAsOwner { get; set; }

    /// <summary>Numbers turn up as strings and booleans as 0, 1, "1" in JSON (plex-facts §1.2).</summary>
    public bool DriftingTypes { get; set; }

    /// <summary>unwatched= and inProgress= give an empty list (plex-facts §4.3).</summary>
    public bool FiltersReturnNothing { get; set; }

    /// <summary>LibraryVideoPlayedThreshold of /:/prefs.</summary>
    public int PlayedThresholdPercent { get; set; } = 90;

    /// <summary>503 with the XML of plex-facts §12 on everything, /identity included.</summary>
    public bool Maintenance { get; set; }

    /// <summary>
    /// Writes are answered with 400 and a body that says that the server is still starting; reads work already (plex-facts §14.1).
    /// </summary>
    public bool IsStartingUp { get; set; }

    /// <summary>As above, for the next <paramref name="writes"/> writes.</summary>
    public void StartUp(int writes) => Volatile.Write(ref _startingWrites, writes);

    /// <summary>
    /// The server is no longer signed in at plex.tv: /identity says so, and everything else refuses every token (plex-facts §14.3).
    /// </summary>
    public bool HasLostSignIn { get; set; }

    /// <summary>What answers in the server's place.</summary>
    public Gatekeeper Gatekeeper { get; set; }

    /// <summary>403 instead of 404 for a timeline on an item the user does not see.</summary>
    public bool TimelineForbiddenWhenInvisible { get; set; }

    /// <summary>
    /// Everybody reads the owner's ratings, and what others rate is answered and forgotten (plex-facts §6.5, the report of shared tokens).
    /// </summary>
    public bool SharedRatingsAreOwners { get; set; }

    /// <summary>
    /// Listings give episodes without external ids, whatever is asked; an item's own metadata has them (plex-facts §4.2).
    /// </summary>
    public bool WithholdsEpisodeGuids { get; set; }

    /// <summary>403 instead of 401 for another user's token on an owner-only endpoint (plex-facts §2.3).</summary>
    public bool OwnerOnlyIsForbidden { get; set; }

    /// <summary>
    /// Streams of events stay open and say nothing any more, pings included (plex-facts §14.2). One that missed anything stays dead when
    /// this is turned off.
    /// </summary>
    public bool EventsDieSilently { get; set; }

    /// <summary>Every event comes twice.</summary>
    public bool SendsEventsTwice { get; set; }

    /// <summary>Listeners get every kind of event, whatever they ask for.</summary>
    public bool IgnoresEventFilters { get; set; }

    /// <summary>Marks made by hand are told as changes of the item; reports contradict each other (plex-facts §14.2).</summary>
    public bool TellsMarks { get; set; }

    /// <summary>
    /// After the end of a playback two more are told, of sessions that belong to nobody (plex-facts §14.2, CrossWatch).
    /// </summary>
    public bool StrayStops { get; set; }

    /// <summary>How long the server takes for a write, beside what <see cref="Faults.Latency"/> adds.</summary>
    public TimeSpan WriteTime { get; set; }

    /// <summary>One write after the other, as a database with one writer does them (plex-facts §9); else all at once.</summary>
    public bool SerializesWrites { get; set; }

    internal bool TakeStarting() =>
        IsStartingUp || (Volatile.Read(ref _startingWrites) > 0 && Interlocked.Decrement(ref _startingWrites) >= 0);
}

/// <summary>Something before the server that lets nothing through. Its answers have no X-Plex-Protocol.</summary>
public enum Gatekeeper
{
    /// <summary>Nothing: the server answers itself.</summary>
    None,

    /// <summary>A proxy that asks for a name and a password: 401 with <c>WWW-Authenticate: Basic</c>.</summary>
    BasicAuthentication,

    /// <summary>A CDN that takes the client for a robot: 403 with a page.</summary>
    RobotCheck,
}

/// <summary>How plex.tv behaves. May be turned at any time.</summary>
public sealed class AccountSwitches
{
    private int _refusals;

    /// <summary>shared_servers rows carry no accessToken, as for a month in 2026 (plex-facts §3.10).</summary>
    public bool SharedServersWithoutTokens { get; set; }

    /// <summary>A switch without a PIN succeeds for a protected user; a wrong one is refused all the same (plex-facts §3.7).</summary>
    public bool PinNotEnforcedWhenMissing { get; set; }

    /// <summary>The switch names the user asked for but hands out somebody else's token.</summary>
    public bool SwitchReturnsWrongUser { get; set; }

    /// <summary>The ids of users in whose resources the servers are missing.</summary>
    public ISet<long> ResourcesOmitFor { get; } = new HashSet<long>();

    /// <summary>The ids of users to whom plex.tv lists the servers without an access token (plex-facts §14.3).</summary>
    public ISet<long> WithholdsTokensFrom { get; } = new HashSet<long>();

    /// <summary>/api/users is answered with 410, as sisters of it are (plex-facts §14.3).</summary>
    public bool FriendsAreGone { get; set; }

    /// <summary>shared_servers is answered with 410 (plex-facts §14.3).</summary>
    public bool SharedServersAreGone { get; set; }

    /// <summary>
    /// A sign-in by link code makes the token of an earlier one with the same client identifier invalid (plex-facts §14.3).
    /// </summary>
    public bool SignInsReplaceTokens { get; set; }

    /// <summary>The resources of every user give the owner's access token.</summary>
    public bool ResourcesGiveOwnersToken { get; set; }

    /// <summary>Sent with 429, when set.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Refuses the next <paramref name="calls"/> calls with 429/1003 (plex-facts §3.11).</summary>
    public void RateLimit(int calls, TimeSpan? retryAfter = null)
    {
        RetryAfter = retryAfter;
        Volatile.Write(ref _refusals, calls);
    }

    internal bool TakeRefusal() => Volatile.Read(ref _refusals) > 0 && Interlocked.Decrement(ref _refusals) >= 0;
}
