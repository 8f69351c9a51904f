using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using PlexSync.EndToEnd.Tests.Safety;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>A household whose users are kept in step on a clock that tests set.</summary>
internal sealed class LiveHouse : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Session _session;
    private readonly TestStore _store;
    private readonly Channel<ServerEvent> _events = Channel.CreateUnbounded<ServerEvent>();
    private readonly ConcurrentQueue<LiveEvent> _told = [];
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private LiveSynchronizer? _live;
    private bool _isListening;
    private bool _isWaiting;
    private DateTimeOffset? _deafUntil;

    private LiveHouse(Session session, LiveTime time, StoreKind kind)
    {
        (_session, Time) = (session, time);
        _store = new TestStore(kind, time);
        Server.Events.Told = (type, data) =>
        {
            if (_deafUntil is null)
            {
                foreach (var one in EventStream.Parse(type, Encoding.UTF8.GetBytes(data)))
                {
                    _events.Writer.TryWrite(one);
                }
            }
        };
    }

    public LiveTime Time { get; }

    public Session Session => _session;

    public SimulatedServer Server => _session.Simulated;

    public World World => _session.World;

    public SimulatedUser Owner => World.Owner;

    public SimulatedUser Kid => _session.Kid;

    /// <summary>How often anybody woke up because their time had come.</summary>
    public int WakeUps { get; private set; }

    /// <summary>As whom it was listened, in order.</summary>
    public ConcurrentQueue<PlexServer> Listeners { get; } = [];

    /// <summary>What the synchronizer told, in order.</summary>
    public IReadOnlyList<LiveEvent> Told => [.. _told];

    public IEnumerable<LiveRunEnded> Runs => _told.OfType<LiveRunEnded>();

    public ISyncStore Store => _store.Open();

    /// <summary>Removes all that the store has kept.</summary>
    public void Clear() => _store.Clear();

    public static async Task<LiveHouse> StartAsync(Func<TimeProvider, World>? world = null, StoreKind kind = StoreKind.Memory)
    {
        var time = new LiveTime();
        return new(await Session.StartAsync((world ?? (clock => Worlds.Small(clock: clock)))(time), time: time), time, kind);
    }

    /// <summary><see cref="Worlds.Small"/> with one more managed user, Partner (1004).</summary>
    public static World FourUsers(TimeProvider clock)
    {
        var world = Worlds.Small(clock: clock);
        var partner = world.Add(new SimulatedUser
        {
            Id = 1004,
            Uuid = "00000000000003ec",
            Title = "Partner",
            AccountToken = "partners-account-token",
            IsManaged = true,
        });
        world.Server.ShareWith(partner);
        return world;
    }

    /// <summary>Connects to the users of a job as an app would, by their names.</summary>
    public LiveJob Job(SyncJob job) => Job(job, _session.Client);

    private LiveJob Job(SyncJob job, PlexClient client) => new(job, async cancellationToken =>
    {
        var account = await client.SignInAsync(Owner.AccountToken, cancellationToken: cancellationToken);
        var server = await client.ConnectAsync(_session.Plex.ServerUrl, account, cancellationToken);
        var switcher = new HomeUserSwitcher(client, account);
        var names = job.Users.Count > 0 ? job.Users : [job.From ?? "Owner", .. job.To];
        var users = new List<PlexServer>();
        foreach (var name in names)
        {
            users.Add(name == "Owner" ? server
                : await switcher.SwitchAsync(server, name, World.Users.FirstOrDefault(user => user.Title == name)?.Pin, cancellationToken));
        }

        return new JobUsers(users[0], users[1..]);
    });

    /// <summary>Begins, and returns when the first runs are over.</summary>
    public async Task BeginAsync(IEnumerable<SyncJob> jobs, LiveOptions? options = null)
    {
        _live = new LiveSynchronizer(Store, options, timeProvider: Time) { Listen = ListenAsync };
        _running = _live.RunAsync([.. jobs.Select(Job)], new Teller(_told), _stop.Token);
        await SettleAsync();
    }

    /// <summary>The same with jobs that connect in a way of their own.</summary>
    public async Task BeginAsync(IEnumerable<LiveJob> jobs)
    {
        _live = new LiveSynchronizer(Store, timeProvider: Time) { Listen = ListenAsync };
        _running = _live.RunAsync([.. jobs], new Teller(_told), _stop.Token);
        await SettleAsync();
    }

    /// <summary>An event comes that the simulator would not send.</summary>
    public void Hear(ServerEvent one) => _events.Writer.TryWrite(one);

    /// <summary>Begins in a process that is killed sooner or later.</summary>
    public async Task BeginAsync(IEnumerable<SyncJob> jobs, Kill kill)
    {
        var client = new PlexClient(
            new HttpClient(new Killable(kill)),
            new PlexClientOptions
            {
                ClientIdentifier = "killed",
                AccountUrl = _session.Plex.AccountUrl,
                RetryDelay = TimeSpan.FromMilliseconds(1),
            },
            timeProvider: Time);
        _live = new LiveSynchronizer(new KillableStore(Store, kill), timeProvider: Time) { Listen = ListenAsync };
        _running = _live.RunAsync([.. jobs.Select(job => Job(job, client))], new Teller(_told), _stop.Token);
        kill.IsArmed = true;
        await SettleAsync();
    }

    /// <summary>Ends it as a signal does.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        (_stop, _live, _isListening) = (new CancellationTokenSource(), null, false);
        _told.Clear();
        while (_events.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Lets the time pass, step by step, as long as something happens in it.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var until = Time.Now + time;
        await SettleAsync();
        while (Earliest(Time.Next, _deafUntil) is { } next && next <= until)
        {
            Time.MoveTo(next);
            WakeUps++;
            if (_deafUntil <= Time.Now)
            {
                _deafUntil = null;
                _events.Writer.TryWrite(new EventStreamOpened());
            }

            await SettleAsync();
        }

        Time.MoveTo(until);
    }

    /// <summary>The stream breaks; what happens until it is open again is not told.</summary>
    public async Task CutAsync(TimeSpan time)
    {
        _events.Writer.TryWrite(new EventStreamLost(new PlexException(PlexErrorKind.Unreachable, "Cut."), time));
        _deafUntil = Time.Now + time;
        await SettleAsync();
    }

    /// <summary>Until nothing is to be done any more before a sleep ends or an event comes.</summary>
    public async Task SettleAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        // In this order: an event that was just heard wakes somebody.
        while (!_running.IsCompleted && !((!_isListening || IsDrained) && _live!.IsAsleep?.Invoke() is true))
        {
            // Not for time to pass, but for sockets and threads.
            await Task.Delay(1, patience.Token);
        }
    }

    /// <summary>A run that reads everything has nothing to do.</summary>
    public async Task AssertInStepAsync(IEnumerable<SyncJob> jobs)
    {
        foreach (var job in jobs)
        {
            var users = await Job(job).Connect(TestContext.Current.CancellationToken);
            var synchronizer = new WatchStateSynchronizer(Store);
            var options = job.CreateOptions(Time);
            var plans = job.Users.Count > 0
                ? await synchronizer.PlanMergeAsync([users.Source, .. users.Targets], options)
                : await synchronizer.PlanAsync(users.Source, users.Targets, options);
            var left = plans.SelectMany(static plan => plan.Changes, (plan, change) =>
                $"{job.Name}: {plan.Target.Title}'s {change.Item.RatingKey} would become {change.After}, of {change.SourceViewedAt}");
            Assert.Equal("", string.Join(Environment.NewLine, left));
        }
    }

    /// <summary>The failure that ended it.</summary>
    public async Task<T> FailureAsync<T>()
        where T : Exception => await Assert.ThrowsAsync<T>(() => _running);

    public (bool IsWatched, TimeSpan Position) Of(SimulatedUser user, string key)
    {
        var state = Server.State(user, key);
        return (state.IsWatched, TimeSpan.FromMilliseconds(state.ViewOffset));
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
        await _session.DisposeAsync();
        _store.Dispose();
    }

    /// <summary>Whether every event was heard.</summary>
    private bool IsDrained => Volatile.Read(ref _isWaiting) && _events.Reader.Count == 0;

    private async IAsyncEnumerable<ServerEvent> ListenAsync(
        PlexServer server, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _isListening = true;
        Listeners.Enqueue(server);
        yield return new EventStreamOpened();
        while (true)
        {
            Volatile.Write(ref _isWaiting, true);
            await _events.Reader.WaitToReadAsync(cancellationToken);
            Volatile.Write(ref _isWaiting, false);
            while (_events.Reader.TryRead(out var one))
            {
                yield return one;
            }
        }
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other : one;

    private sealed class Teller(ConcurrentQueue<LiveEvent> told) : IProgress<LiveEvent>
    {
        public void Report(LiveEvent value) => told.Enqueue(value);
    }
}
