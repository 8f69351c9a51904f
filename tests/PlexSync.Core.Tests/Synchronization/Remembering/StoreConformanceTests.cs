using PlexSync.Testing;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The stores that come with PlexSync promise what every store has to.</summary>
public sealed class StoreConformanceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-store-");

    public static TheoryData<string> Checks => [.. SyncStoreConformance.Names];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task File_store_conforms(string check) => new Files(_folder.FullName).RunAsync(check);

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Memory_store_conforms(string check)
    {
        using var store = new MemoryStore();
        await new Memory(store).RunAsync(check);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Files(string folder) : SyncStoreConformance
    {
        protected override ISyncStore Open() => new FileStore(folder);

        /// <summary>Somebody cleans up files that look left over.</summary>
        protected override Task LoseLeasesAsync()
        {
            foreach (var path in Directory.GetFiles(folder, "lock*", SearchOption.AllDirectories))
            {
                File.Delete(path);
            }

            return Task.CompletedTask;
        }

        protected override Task TearLastRecordAsync(SyncRun run)
        {
            using var file = File.OpenWrite(Directory.GetFiles(folder, $"{run.Id}.jsonl", SearchOption.AllDirectories).Single());
            file.SetLength(file.Length - 10);
            return Task.CompletedTask;
        }
    }

    private sealed class Memory(MemoryStore store) : SyncStoreConformance
    {
        protected override ISyncStore Open() => store;

        protected override Task LoseLeasesAsync()
        {
            store.RevokeLeases();
            return Task.CompletedTask;
        }
    }
}
