using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests;

/// <summary>A database of one test's own, migrated, and what is opened on it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened = [];

    private TestDatabase(string connectionString) => ConnectionString = connectionString;

    public string ConnectionString { get; }

    public static async Task<TestDatabase> CreateAsync(PostgresServer postgres)
    {
        var database = new TestDatabase(await postgres.CreateDatabaseAsync());
        await database.Open().MigrateAsync(TestContext.Current.CancellationToken);
        return database;
    }

    public Database Open(TimeProvider? time = null)
    {
        var database = new Database(ConnectionString, time ?? TimeProvider.System);
        _opened.Push(database);
        return database;
    }

    /// <summary>The store of another node.</summary>
    public PostgresStore OpenStore(TimeProvider? time = null) => OpenStore(out _, time);

    public PostgresStore OpenStore(out Leases leases, TimeProvider? time = null)
    {
        var database = Open();
        leases = new Leases(database, $"node{_opened.Count}", time ?? TimeProvider.System);
        _opened.Push(leases);
        return new PostgresStore(database, leases, time ?? TimeProvider.System, PlexClientOptions.DefaultTimeout);
    }

    /// <summary>As if nobody had renewed a lease for long.</summary>
    public Task ExpireLeasesAsync() =>
        Open().ExecuteAsync("update leases set expires_at = '-infinity'", [], TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened))
        {
            await opened.DisposeAsync();
        }
    }
}
