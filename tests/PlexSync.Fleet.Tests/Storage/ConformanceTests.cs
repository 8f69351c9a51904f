using PlexSync.Testing;

namespace PlexSync.Fleet.Tests.Storage;

public sealed class ConformanceTests(PostgresServer postgres)
{
    public static TheoryData<string> Checks => [.. SyncStoreConformance.Names];

    [Theory, MemberData(nameof(Checks))]
    public async Task Store_in_PostgreSQL_conforms(string check)
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        await new Conformance(store).RunAsync(check);
    }

    private sealed class Conformance(TestDatabase store) : SyncStoreConformance
    {
        protected override ISyncStore Open() => store.OpenStore();

        protected override Task LoseLeasesAsync() => store.ExpireLeasesAsync();
    }
}
