using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The stores that come with PlexSync: what rests on a store is tested on both.</summary>
public enum StoreKind
{
    Files,
    Memory,
}

/// <summary>A store for one case, empty at first.</summary>
internal sealed class TestStore(StoreKind kind, TimeProvider? time = null) : IDisposable
{
    private readonly DirectoryInfo? _folder = kind is StoreKind.Files ? Directory.CreateTempSubdirectory("plexsync-store-") : null;
    private readonly MemoryStore? _memory = kind is StoreKind.Memory ? new MemoryStore(time) : null;

    /// <summary>Opens it as another process would: with nothing in common but what it keeps.</summary>
    public ISyncStore Open() => _memory ?? (ISyncStore)new FileStore(_folder!.FullName, time);

    /// <summary>The only file of that name, for tests of what is in it.</summary>
    public FileInfo SingleFile(string pattern = "*.jsonl") => _folder!.EnumerateFiles(pattern, SearchOption.AllDirectories).Single();

    /// <summary>Removes the folder, as somebody may who tidies up.</summary>
    public void Clear() => _folder?.Delete(recursive: true);

    public void Dispose()
    {
        _memory?.Dispose();
        _folder?.Refresh();
        if (_folder is { Exists: true })
        {
            _folder.Delete(recursive: true);
        }
    }
}
