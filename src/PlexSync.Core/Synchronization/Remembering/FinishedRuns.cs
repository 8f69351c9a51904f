using System.Collections.Concurrent;

namespace PlexSync;

/// <summary>
/// What is known of the files of finished runs, which do not change any more: a process that stays up lists them again and again.
/// </summary>
internal sealed class FinishedRuns
{
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, SyncRun? Run)> _known = new(StringComparer.Ordinal);

    /// <summary>Whether the file, unchanged, is that of a finished run.</summary>
    public bool Has(string path, FileStamp stamp) => _known.TryGetValue(path, out var known) && known.Stamp == stamp;

    /// <summary>The run in the file; null where it has to be read.</summary>
    public SyncRun? Find(string path, FileStamp stamp) =>
        _known.TryGetValue(path, out var known) && known.Stamp == stamp ? known.Run : null;

    /// <summary>The file is that of a finished run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stamp">The file before it was read.</param>
    /// <param name="run">The run, where it was read.</param>
    public void Add(string path, FileStamp stamp, SyncRun? run = null) => _known[path] = (stamp, run ?? Find(path, stamp));
}

/// <summary>By which a file is recognised as unchanged.</summary>
internal readonly record struct FileStamp(long Length, DateTime WrittenAt)
{
    /// <summary>That of a file; of one that is gone, one that no file has.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc) : new FileStamp(-1, default);
    }
}
