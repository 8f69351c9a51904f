using System.Globalization;
namespace PlexSync.Testing;

/// <summary>One media server: its libraries, what each user did with them, and the journal of writes. One lock guards it all.</summary>
public sealed class SimulatedServer
{
    /// <summary>How long a session stays when its app is gone without a word (plex-facts §14.2).</summary>
    private static readonly TimeSpan GhostLife = TimeSpan.FromMinutes(30);

    private readonly World _world;
    private readonly Dictionary<long, string> _accessTokens = [];
    private readonly Dictionary<string, (long User, DateTimeOffset Ends)> _oldTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<(long User, string Key), ItemState> _states = [];
    private readonly List<StateWrite> _writes = [];
    private readonly List<SimulatedSession> _sessions = [];
    private readonly List<SimulatedLibrary> _libraries = [];
    private readonly Dictionary<(long User, string Key, string Client, string? Name), SimulatedSession> _named = [];
    private readonly List<HistoryRow> _history = [];
    private Task _lastWrite = Task.CompletedTask;
    private int _queue;
    private int _lastSession = 100;
    private Catalogue? _catalogue;

    internal SimulatedServer(World world, string machineIdentifier, string name, long ownerId)
    {
        (_world, MachineIdentifier, Name, OwnerId) = (world, machineIdentifier, name, ownerId);
        Events = new ServerEvents(this);
        Players = new Players(this);
    }

    /// <summary>What tells it from all other servers: forty hexadecimal digits.</summary>
    public string MachineIdentifier { get; }

    /// <summary>The name that its owner gave it.</summary>
    public string Name { get; set; }

    /// <summary>The version of Plex Media Server that it says it is.</summary>
    public string Version { get; set; } = "1.43.3.10500-abcdef123";

    /// <summary>The id of the user who claimed it.</summary>
    public long OwnerId { get; }

    /// <summary>How it behaves where versions differ or nothing is known, and what is wrong with it.</summary>
    public ServerSwitches Switches { get; } = new();

    /// <summary>What it tells those who listen.</summary>
    public ServerEvents Events { get; }

    /// <summary>Plays on it, without HTTP.</summary>
    public Players Players { get; }

    /// <summary>Its library sections, in the order in which they were added.</summary>
    public IReadOnlyList<SimulatedLibrary> Libraries => _libraries;

    /// <summary>Addresses plex.tv lists before the real one: unreachable ones, a relay, another machine.</summary>
    public IList<SimulatedConnection> ExtraConnections { get; } = [];

    /// <summary>Whether plex.tv believes the server to be online.</summary>
    public bool Presence { get; set; } = true;

    internal Lock Gate { get; } = new();

    /// <summary>The Home of its owner.</summary>
    internal long HomeId => _world.User(OwnerId).HomeId;

    /// <summary>The highest rating key that was given to anything.</summary>
    internal int LastKey { get; set; }

    internal ServerBuilder Build => new(this);

    /// <summary>What it is part of.</summary>
    public World World => _world;

    internal MediaServer.KeptPages KeptPages { get; } = new();

    /// <summary>Every write that took effect, in order.</summary>
    public IReadOnlyList<StateWrite> Writes { get { lock (Gate) return [.. _writes]; } }

    /// <summary>The most writes that were here at once, waiting or being done.</summary>
    public int LongestQueue { get; private set; }

    /// <summary>What is being played, and what seems to be since an app disappeared.</summary>
    public IReadOnlyList<SimulatedSession> Sessions
    {
        get
        {
            lock (Gate)
            {
                _sessions.RemoveAll(session => session.Ends <= _world.Clock.GetUtcNow());
                return [.. _sessions];
            }
        }
    }

    /// <summary>Adds a library of movies, shared with everybody in the owner's Home and their friends.</summary>
    public SimulatedLibrary AddMovieLibrary(string title) => AddLibrary(title, "movie", "tv.plex.agents.movie");

    /// <summary>Adds a library of shows, shared with everybody in the owner's Home and their friends.</summary>
    public SimulatedLibrary AddShowLibrary(string title) => AddLibrary(title, "show", "tv.plex.agents.series");

    /// <summary>Adds a library of music, shared with everybody in the owner's Home and their friends.</summary>
    public SimulatedLibrary AddMusicLibrary(string title) => AddLibrary(title, "artist", "tv.plex.agents.music");

    /// <summary>The library of this title.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SimulatedLibrary Library(string title) =>
        _libraries.Find(library => library.Title == title) ?? throw new KeyNotFoundException($"{Name} has no library \"{title}\".");

    /// <summary>
    /// Gives a label to the movies, shows, seasons and episodes with these rating keys, and takes it from all others. Only the owner sees
    /// labels (plex-facts §4.4).
    /// </summary>
    /// <exception cref="KeyNotFoundException">The server has nothing with one of the rating keys.</exception>
    public void SetLabel(string label, params string[] ratingKeys) => Edit(_ =>
    {
        var owners = ratingKeys.ToLookup(LibraryOf);
        foreach (var library in _libraries)
        {
            library.Labels[label] = [.. owners[library]];
            if (library.Labels[label].Count == 0) library.Labels.Remove(label);
        }
    });

    /// <summary>Lets a user see all libraries.</summary>
    public void ShareWith(SimulatedUser user) => Edit(_ => _libraries.ForEach(library => library.SharedWith.Add(user.Id)));

    /// <summary>Takes all libraries away from a user; plex.tv then lists the server for them no more (plex-facts §3.8).</summary>
    public void StopSharingWith(SimulatedUser user) => Edit(_ => _libraries.ForEach(library => library.SharedWith.Remove(user.Id)));

    /// <summary>The movie, episode or track with this rating key.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SimulatedItem Item(string ratingKey)
    {
        lock (Gate) return Catalogue.Find(ratingKey) is { IsLeaf: true } node ? node.Leaves[0]
            : throw new KeyNotFoundException($"No item {ratingKey}.");
    }

    /// <summary>The library that has the movie, show, season or episode with this rating key.</summary>
    internal SimulatedLibrary LibraryOf(string ratingKey) =>
        Catalogue.Find(ratingKey)?.Library ?? throw new KeyNotFoundException($"{Name} has nothing with the rating key {ratingKey}.");

    /// <summary>Changes libraries, sharing or visibility while no request looks.</summary>
    public void Edit(Action<SimulatedServer> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (Gate)
        {
            change(this);
            _catalogue = null;
            KeptPages.Forget();
        }
    }

    /// <summary>What a user did with an item; <see cref="ItemState.None"/> where nothing is known of it.</summary>
    public ItemState State(long userId, string ratingKey)
    {
        lock (Gate) return _states.GetValueOrDefault((userId, ratingKey), ItemState.None);
    }

    /// <inheritdoc cref="State(long, string)"/>
    public ItemState State(SimulatedUser user, string ratingKey) => State(user.Id, ratingKey);

    /// <summary>Sets a state without an event and without a trace in <see cref="Writes"/>.</summary>
    public void SetState(long userId, string ratingKey, ItemState state)
    {
        lock (Gate)
        {
            if (state == ItemState.None) _states.Remove((userId, ratingKey));
            else _states[(userId, ratingKey)] = state;

            if (userId == OwnerId) KeptPages.Forget();
            else KeptPages.Forget(userId);
        }
    }

    /// <inheritdoc cref="SetState(long, string, ItemState)"/>
    public void SetState(SimulatedUser user, string ratingKey, ItemState state) => SetState(user.Id, ratingKey, state);

    /// <summary>All items on which the user has any state, by rating key.</summary>
    public IReadOnlyDictionary<string, ItemState> StatesOf(SimulatedUser user)
    {
        lock (Gate) return _states.Where(pair => pair.Key.User == user.Id).ToDictionary(pair => pair.Key.Key, pair => pair.Value);
    }

    /// <summary>The completed playbacks, oldest first; marks by hand are none, but for those of whole shows (plex-facts §6.1).</summary>
    public IReadOnlyList<HistoryRow> History { get { lock (Gate) return [.. _history]; } }

    /// <summary>Adds a playback of earlier days, without any state.</summary>
    public void AddHistory(HistoryRow row)
    {
        lock (Gate) _history.Add(row);
    }

    /// <summary>Forgets the <see cref="Writes"/> until now; the states stay.</summary>
    public void ClearWrites()
    {
        lock (Gate) _writes.Clear();
    }

    /// <summary>
    /// Puts a playback among the <see cref="Sessions"/>, at a position in milliseconds; nothing comes of it. What an app would do is in
    /// <see cref="Players"/>.
    /// </summary>
    public void StartPlaying(SimulatedUser user, string ratingKey, long position = 0) =>
        Update(new SimulatedSession(user.Id, ratingKey, position));

    /// <summary>The playback is gone; nobody is told.</summary>
    public void StopPlaying(SimulatedUser user, string ratingKey)
    {
        lock (Gate) _sessions.RemoveAll(session => session.UserId == user.Id && session.RatingKey == ratingKey);
    }

    /// <summary>Ends every stream and forgets every session; session keys begin anew (plex-facts §14.2).</summary>
    public void Restart()
    {
        lock (Gate)
        {
            _sessions.Clear();
            _named.Clear();
            _lastSession = 100;
            Events.Cut();
        }
    }

    internal string TokenOf(long userId)
    {
        lock (Gate)
        {
            if (!_accessTokens.TryGetValue(userId, out var token)) _accessTokens[userId] = token = _world.NewToken();
            return token;
        }
    }

    /// <summary>The access token that plex.tv hands to this user for this server (plex-facts §3.8): twenty characters.</summary>
    public string TokenOf(SimulatedUser user) => TokenOf(user.Id);

    /// <summary>Makes a user's token invalid and issues another, as after "sign out all devices".</summary>
    public string ReplaceToken(SimulatedUser user)
    {
        lock (Gate) _accessTokens.Remove(user.Id);
        return TokenOf(user.Id);
    }

    /// <summary>
    /// As <see cref="ReplaceToken(SimulatedUser)"/>, but the server takes the old token until <paramref name="at"/>; plex.tv hands out the
    /// new one from now on.
    /// </summary>
    public string ReplaceToken(SimulatedUser user, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (Gate)
        {
            _oldTokens[TokenOf(user.Id)] = (user.Id, at);
            return ReplaceToken(user);
        }
    }

    /// <summary>
    /// Whom a token belongs to: any user's server token, or an account token of the owner (plex-facts §3.8) that is no JWT
    /// (plex-facts §3.5).
    /// </summary>
    internal long? UserOfToken(string? token)
    {
        if (token is null) return null;
        lock (Gate)
        {
            foreach (var (user, access) in _accessTokens)
                if (access == token) return CanReach(user) ? user : null;
            if (_oldTokens.TryGetValue(token, out var old) && _world.Clock.GetUtcNow() < old.Ends) return CanReach(old.User) ? old.User
                : null;
        }
        return !_world.IsJwt(token) && _world.UserOfAccountToken(token)?.Id == OwnerId ? OwnerId : null;
    }

    /// <summary>Whether any library is shared with the user; if not, plex.tv does not list the server for them (plex-facts §3.8).</summary>
    internal bool CanReach(long userId)
    {
        lock (Gate) return userId == OwnerId || _libraries.Exists(library => Sees(library, userId));
    }

    /// <summary>Whether a user can see an item, season or show: its library is shared with them, and no restriction hides it.</summary>
    public bool Sees(SimulatedUser user, string ratingKey)
    {
        ArgumentNullException.ThrowIfNull(user);
        lock (Gate) return VisibleTo(user.Id, ratingKey) is not null;
    }

    internal bool Sees(SimulatedLibrary library, long userId) => userId == OwnerId || library.SharedWith.Contains(userId);

    /// <summary>The libraries arranged for listing; rebuilt after an edit. Hold the gate.</summary>
    internal Catalogue Catalogue => _catalogue is { } current && current.ItemCount == Libraries.Sum(library => library.Items.Count)
        ? current
        : _catalogue = new Catalogue(Libraries);

    /// <summary>Hold the gate.</summary>
    internal IReadOnlyList<HistoryRow> HistoryRows => _history;

    internal long Now => _world.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>By which number a listing is filtered by a label; one label has the same number everywhere on the server.</summary>
    internal string NumberOf(string label) => (76_000 + Libraries.SelectMany(library => library.Labels.Keys).Distinct()
        .Order(StringComparer.Ordinal).TakeWhile(other => other != label).Count()).ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// A node the user may see; null alike for what does not exist and for what is hidden (plex-facts §2.3). Hold the gate.
    /// </summary>
    internal Node? VisibleTo(long userId, string? ratingKey) =>
        ratingKey is not null && Catalogue.Find(ratingKey) is { } node && Sees(node.Library, userId) && node.IsVisibleTo(userId) ? node
            : null;

    /// <summary>
    /// The report before this one in the same session. A client that names its sessions is still in the same one when it reports again
    /// under that name, even after "stopped".
    /// </summary>
    internal SimulatedSession? ReportBefore(SimulatedSession report)
    {
        lock (Gate) return report.SessionIdentifier is null ? _sessions.Find(report.IsSameAs) : _named.GetValueOrDefault(NameOf(report));
    }

    /// <summary>One session for each user, item, client and name of a session; "stopped" ends it.</summary>
    /// <returns>The report with the number of its session.</returns>
    internal SimulatedSession Update(SimulatedSession report)
    {
        lock (Gate)
        {
            report = report with { Number = _sessions.Find(report.IsSameAs)?.Number ?? ++_lastSession };
            _sessions.RemoveAll(report.IsSameAs);
            if (report.State != "stopped") _sessions.Add(report);
            if (report.SessionIdentifier is not null) _named[NameOf(report)] = report;
            Events.Tell(report);
            for (var stray = 0; stray < 2 && report.State == "stopped" && Switches.StrayStops; stray++)
                Events.TellStray(report, ++_lastSession);
            return report;
        }
    }

    /// <summary>The app of a session is gone and reports nothing any more.</summary>
    internal void Abandon(SimulatedSession report)
    {
        lock (Gate)
        {
            if (_sessions.Find(report.IsSameAs) is not { } session) return;
            _sessions[_sessions.IndexOf(session)] = session with { Ends = _world.Clock.GetUtcNow() + GhostLife };
        }
    }

    private static (long, string, string, string?) NameOf(SimulatedSession report) =>
        (report.UserId, report.RatingKey, report.ClientIdentifier, report.SessionIdentifier);

    /// <summary>Takes its time for a write; what it changes takes effect afterwards, all at once.</summary>
    internal async Task WorkAsync(CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Task.CompletedTask;
        lock (Gate)
        {
            LongestQueue = Math.Max(LongestQueue, ++_queue);
            if (Switches.SerializesWrites) (before, _lastWrite) = (_lastWrite, done.Task);
        }
        try
        {
            await before;
            if (Switches.WriteTime > TimeSpan.Zero) await Hosting.Latency.WaitAsync(Switches.WriteTime, cancellationToken);
        }
        finally
        {
            lock (Gate) _queue--;
            done.SetResult();
        }
    }

    internal void Add(SimulatedLibrary library) => _libraries.Add(library);

    private SimulatedLibrary AddLibrary(string title, string type, string agent)
    {
        SimulatedLibrary? library = null;
        Edit(_ => library = Build.Library(title, type, agent));
        return library!;
    }

    internal void Record(StateWrite write, ItemState after)
    {
        lock (Gate)
        {
            SetState(write.UserId, write.RatingKey, after);
            _writes.Add(write);
        }
    }
}

/// <summary>An address of a server as plex.tv lists it (plex-facts §3.8).</summary>
/// <param name="Uri">The address.</param>
/// <param name="Local">Whether it is in the server's own network.</param>
/// <param name="Relay">Whether it goes through Plex's relay.</param>
public sealed record SimulatedConnection(Uri Uri, bool Local = true, bool Relay = false);
