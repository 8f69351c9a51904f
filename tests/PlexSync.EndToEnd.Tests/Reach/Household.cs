using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>One simulated household for many cases: each begins with states of its own and an empty journal.</summary>
internal sealed class Household : IAsyncDisposable
{
    private readonly Session _session;
    private readonly StoreKind _kind;
    private WatchStateSynchronizer? _synchronizer;
    private TestStore _store;

    private Household(Session session, StoreKind kind)
    {
        _session = session;
        _kind = kind;
        _store = new TestStore(kind);
    }

    public Session Session => _session;

    public SimulatedServer Server => _session.Simulated;

    public ISyncStore Journal => _store.Open();

    public WatchStateSynchronizer Synchronizer => _synchronizer ??= new(Journal);

    public static async Task<Household> StartAsync(World world, StoreKind kind = StoreKind.Files) =>
        new(await Session.StartAsync(world, time: new HurriedTime()), kind);

    /// <summary>Forgets everybody's states, all runs and all baselines.</summary>
    public void Clear()
    {
        foreach (var user in _session.World.Users)
        {
            foreach (var key in Server.StatesOf(user).Keys)
            {
                Server.SetState(user, key, ItemState.None);
            }
        }

        _store.Dispose();
        (_store, _synchronizer) = (new TestStore(_kind), null);
        Server.ClearWrites();
    }

    public Seen Of(long user, string key)
    {
        var state = Server.State(user, key);
        return new Seen(state.IsWatched, state.ViewOffset, state.LastViewedAt ?? 0);
    }

    public static ItemState ToState(Seen seen, int views = 1) =>
        seen.IsNothing ? ItemState.None : new ItemState(seen.Watched ? views : 0, seen.Position, seen.Date == 0 ? null : seen.Date);

    /// <summary>Whether a user may see an item.</summary>
    public bool Sees(long user, string key) => Server.Sees(_session.World.User(user), key);

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _store.Dispose();
    }
}
