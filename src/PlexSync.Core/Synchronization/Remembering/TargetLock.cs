using System.Globalization;
using System.Text;

namespace PlexSync;

/// <summary>Keeps other runs from the same user of the same server, in this process and in others, for as long as it is held.</summary>
internal sealed class TargetLock : IDisposable
{
    private const string Name = "lock";

    /// <summary>A file of its own, since some systems let nobody else read a locked file.</summary>
    private const string HolderName = "lock.holder";

    /// <summary>Half a minute in all: a change takes milliseconds.</summary>
    private const int MostTries = 600;

    /// <summary>So long a look at the locked file counts: several changes are recorded in that time.</summary>
    private static readonly TimeSpan SeenFor = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>EAGAIN, as Linux and macOS number it.</summary>
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _file;
    private readonly DateTime _takenAt;
    private long? _seenAt;

    private TargetLock(FileStream file, string root, string folder)
    {
        _file = file;
        Root = root;
        Folder = folder;
        // By this time, exact to the tick, a holder recognises its own file: that of any other holder has another.
        File.SetLastWriteTimeUtc(file.SafeFileHandle, TimeProvider.System.GetUtcNow().UtcDateTime);
        _takenAt = File.GetLastWriteTimeUtc(file.SafeFileHandle);
    }

    /// <summary>The folder that holds all of the state.</summary>
    public string Root { get; }

    public string Folder { get; }

    /// <summary>
    /// Whether the locked file was removed or replaced: another run can then lock a new file in its place. Looks at the file, unless that
    /// was done a moment ago.
    /// </summary>
    public bool IsLost()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (_seenAt is { } seenAt && TimeProvider.System.GetElapsedTime(seenAt, now) < SeenFor)
        {
            return false;
        }

        var isLost = File.GetLastWriteTimeUtc(_file.Name) != _takenAt;
        _seenAt = isLost ? null : now;
        return isLost;
    }

    /// <exception cref="PlexException"><see cref="PlexErrorKind.RunInProgress"/>, with who holds it as its candidate.</exception>
    public static TargetLock Take(string root, string folder, string target)
    {
        try
        {
            OwnerOnly.CreateFolder(root, folder);
            OwnerOnly.CheckFile(root, Path.Combine(folder, HolderName));
            var guard = new TargetLock(Open(root, Path.Combine(folder, Name)), root, folder);
            WriteHolder(folder);
            return guard;
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new PlexException(PlexErrorKind.RunInProgress, $"Another run is writing to '{target}'.", e)
            {
                Subject = target,
                Candidates = ReadHolder(folder) is { Length: > 0 } holder ? [holder] : [],
            };
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            throw FileFailure.Failed(folder, e);
        }
    }

    /// <summary>
    /// Locks the files that all runs share, for as long as it takes to change them. Waits for another holder, which needs only
    /// milliseconds.
    /// </summary>
    /// <param name="root">The folder that holds all of the state.</param>
    /// <param name="folder">The folder of the files; created if it is missing.</param>
    /// <param name="time">Measures the waiting.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<IDisposable> WaitAsync(string root, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            OwnerOnly.CreateFolder(root, folder);
            for (var left = MostTries; ; left--)
            {
                try
                {
                    return Open(root, Path.Combine(folder, Name));
                }
                catch (IOException e) when (IsHeld(e) && left > 0)
                {
                    await Task.Delay(BetweenTries, time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            throw FileFailure.Failed(folder, e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string root, string path)
    {
        OwnerOnly.CheckFile(root, path);
        return new FileStream(
            path, OwnerOnly.With(new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }));
    }

    private static bool IsHeld(IOException e) => e.HResult is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock;

    private static void WriteHolder(string folder)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(folder, HolderName), OwnerOnly.With(new() { Mode = FileMode.Create, Access = FileAccess.Write }));
            var holder = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, {Environment.ProcessId}");
            file.Write(Encoding.UTF8.GetBytes(holder));
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            // Best effort; only used in the error message.
        }
    }

    private static string? ReadHolder(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, HolderName)).Trim();
            return text.Length <= 300 ? text : null;
        }
        catch (Exception e) when (FileFailure.IsOfFiles(e))
        {
            return null;
        }
    }
}
