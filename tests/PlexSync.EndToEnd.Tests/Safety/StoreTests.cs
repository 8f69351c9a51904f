namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>Tests with a store of some kind, empty at the beginning of each.</summary>
public abstract class StoreTests(StoreKind kind) : IDisposable
{
    private TestStore? _store;
    private WatchStateSynchronizer? _synchronizer;

    public void Dispose()
    {
        Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>The store's; the system's if null.</summary>
    private protected virtual TimeProvider? Clock => null;

    private protected TestStore Store => _store ??= new(kind, Clock);

    private protected ISyncStore Journal => Store.Open();

    private protected WatchStateSynchronizer Synchronizer => _synchronizer ??= new(Journal);

    /// <summary>Lets a case begin with an empty store.</summary>
    private protected void Clear()
    {
        _store?.Dispose();
        (_store, _synchronizer) = (null, null);
    }
}
