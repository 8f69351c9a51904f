using System.Globalization;

namespace PlexSync;

/// <summary>Keeps other runs from the same user of the same server, in this process and in others, for as long as it is held.</summary>
internal sealed class TargetLock : IDisposable
{
    private const string Name = "lock";

    /// <summary>Beside the lock, since nobody else may read a locked file on some systems.</summary>
    private const string HolderName = "lock.holder";

    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>EAGAIN, as Linux and macOS number it.</summary>
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly FileStream _file;

    private TargetLock(FileStream file, string folder)
    {
        _file = file;
        Folder = folder;
    }

    public string Folder { get; }

    /// <exception cref="PlexException"><see cref="PlexErrorKind.RunInProgress"/>, with who holds it as its candidate.</exception>
    public static TargetLock Take(string folder, string target)
    {
        try
        {
            CreateFolder(folder);
            var guard = new TargetLock(new FileStream(Path.Combine(folder, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), folder);
            WriteHolder(folder);
            return guard;
        }
        catch (IOException e) when (e.HResult is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock)
        {
            throw new PlexException(PlexErrorKind.RunInProgress, $"Another run is writing to '{target}'.", e)
            {
                Subject = target,
                Candidates = ReadHolder(folder) is { Length: > 0 } holder ? [holder] : [],
            };
        }
        catch (Exception e) when (FileJournal.IsOfFiles(e))
        {
            throw FileJournal.Failed(folder, e);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What somebody has watched is nobody else's business.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void WriteHolder(string folder)
    {
        try
        {
            File.WriteAllText(
                Path.Combine(folder, HolderName), string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, {Environment.ProcessId}"));
        }
        catch (Exception e) when (FileJournal.IsOfFiles(e))
        {
            // A courtesy to whoever is turned away.
        }
    }

    private static string? ReadHolder(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, HolderName)).Trim();
            return text.Length <= 300 ? text : null;
        }
        catch (Exception e) when (FileJournal.IsOfFiles(e))
        {
            return null;
        }
    }
}
