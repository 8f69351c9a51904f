using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>
/// Folders and files that only the user running this process may read or write. Those that another user owns, or may change, are refused:
/// they could hold a forged journal. On Windows, the user's profile protects them, and nothing is checked.
/// </summary>
/// <remarks>Compiled into the command line too, for the files that it keeps itself.</remarks>
internal static class OwnerOnly
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMode = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder of the state, and those above it that are missing; what is there already is checked.</summary>
    /// <param name="root">The folder that holds all of the state.</param>
    /// <param name="path">That folder, or one below it.</param>
    /// <exception cref="NotPrivateException">A folder belongs to another user, can be changed by others, or is a link.</exception>
    public static void CreateFolder(string root, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // One by one: the framework gives the mode to the last folder only.
        var missing = new Stack<string>();
        for (var level = path; level is { Length: > 0 } && !Directory.Exists(level); level = Path.GetDirectoryName(level))
        {
            missing.Push(level);
        }

        foreach (var level in missing)
        {
            Directory.CreateDirectory(level, FolderMode);
        }

        CheckFolder(root, path);
    }

    /// <summary>
    /// Refuses a folder of the state, or one on the way to it, that is not private. Below the root, others lose the right to look into it.
    /// </summary>
    /// <inheritdoc cref="CreateFolder"/>
    public static void CheckFolder(string root, string path)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(root))
        {
            return;
        }

        CheckWayTo(root);
        var top = Read(root, followsLink: true);
        Check(root, top, isFolder: true, isSheltered: false);
        foreach (var level in LevelsBelow(root, path))
        {
            if (Read(level) is { } found)
            {
                Check(level, found, isFolder: true, IsClosed(top));
                Close(level, found);
            }
        }
    }

    /// <summary>Refuses a file of the state that is not private, if it is there.</summary>
    /// <param name="root">The folder that holds all of the state.</param>
    /// <param name="path">The file.</param>
    /// <param name="closes">Also takes the right to read it away from others.</param>
    /// <exception cref="NotPrivateException">It belongs to another user, can be changed by others, or is a link.</exception>
    public static void CheckFile(string root, string path, bool closes = true)
    {
        if (!OperatingSystem.IsWindows() && Read(path) is { } found)
        {
            Check(path, found, isFolder: false, IsClosed(Read(root, followsLink: true)));
            if (closes)
            {
                Close(path, found);
            }
        }
    }

    /// <summary>Writes a file whole or not at all, in place of the one that is there. Each draft has a name of its own.</summary>
    public static void Replace(string path, Action<Stream> write)
    {
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.draft";
        try
        {
            using (var file = new FileStream(draft, With(new() { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write })))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            // A full disk leaves half a file.
            File.Delete(draft);
            throw;
        }
    }

    /// <summary>How a file is opened that may have to be made: with the mode of a private one, where the system knows modes.</summary>
    public static FileStreamOptions With(FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        return options;
    }

    /// <summary>A link on the way is followed only where nobody else can have put it there.</summary>
    private static void CheckWayTo(string root)
    {
        for (var level = Path.GetFullPath(root); Path.GetDirectoryName(level) is { } parent; level = parent)
        {
            if (Read(level) is { IsLink: true } link && Read(parent, followsLink: true) is { } above)
            {
                var isShared = above.Mode.HasFlag(UnixFileMode.OtherWrite) && !above.Mode.HasFlag(UnixFileMode.StickyBit);
                if (isShared || (link.Owner is { } owner && owner != 0 && owner != Native.Me))
                {
                    throw NotPrivateException.OfLink(level);
                }
            }
        }
    }

    private static IEnumerable<string> LevelsBelow(string root, string path)
    {
        var level = Path.GetFullPath(root);
        foreach (var name in Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar).Where(static name => name != "."))
        {
            yield return level = Path.Combine(level, name);
        }
    }

    private static void Check(string path, Entry? entry, bool isFolder, bool isSheltered)
    {
        if (entry is not { } found)
        {
            return;
        }

        if (found.IsFolder != isFolder || found.IsLink || found.IsSpecial)
        {
            throw NotPrivateException.OfLink(path);
        }

        if (found.Owner is { } owner && owner != Native.Me)
        {
            throw NotPrivateException.OfOwner(path, owner);
        }

        // Earlier versions left the mode to the umask, which often lets the user's own group write; in a closed folder, the group could not
        // reach the file.
        if (found.Mode.HasFlag(UnixFileMode.OtherWrite) || (found.Mode.HasFlag(UnixFileMode.GroupWrite) && !isSheltered))
        {
            throw NotPrivateException.OfWriters(path);
        }
    }

    private static bool IsClosed(Entry? entry) => entry is { } found && (found.Mode & OthersMode) == UnixFileMode.None;

    private static void Close(string path, Entry found)
    {
        if (!OperatingSystem.IsWindows() && (found.Mode & OthersMode) != UnixFileMode.None)
        {
            File.SetUnixFileMode(path, found.Mode & ~OthersMode);
        }
    }

    /// <summary>What lies at a path; null where there is nothing.</summary>
    private static Entry? Read(string path, bool followsLink = false)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        if (Native.IsUsable)
        {
            return Native.Read(path, followsLink);
        }

        // The owner cannot be found out here, so that only the modes are checked.
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return info.Exists || info.LinkTarget is not null
            ? new Entry(
                File.GetUnixFileMode(path), null, info is DirectoryInfo, !followsLink && info.LinkTarget is not null, IsSpecial: false)
            : null;
    }

    private readonly record struct Entry(UnixFileMode Mode, uint? Owner, bool IsFolder, bool IsLink, bool IsSpecial);

    /// <summary>
    /// .NET has no API for the owner of a file, but the native library underneath does, the same on every system. If that library changes
    /// one day, the owner is not checked.
    /// </summary>
    private static class Native
    {
        private const int TypeMask = 0xF000;
        private const int Folder = 0x4000;
        private const int Regular = 0x8000;
        private const int Link = 0xA000;
        private const int PermissionMask = 0xFFF;

        /// <summary>Longer than what the library fills in: flags, mode, owner, group, and what is of no use here.</summary>
        private const int StatusLength = 512;

        public static bool IsUsable { get; } = Try();

        /// <summary>The user whose rights this process has.</summary>
        public static uint Me { get; } = IsUsable ? GetEffectiveUser() : 0;

        public static Entry? Read(string path, bool followsLink)
        {
            var name = Encoding.UTF8.GetBytes(path + '\0');
            var status = new byte[StatusLength];
            if ((followsLink ? Stat(name, status) : LinkStat(name, status)) != 0)
            {
                return null;
            }

            var mode = BitConverter.ToInt32(status, sizeof(int));
            var type = mode & TypeMask;
            var owner = BitConverter.ToUInt32(status, 2 * sizeof(int));
            return new Entry(
                (UnixFileMode)(mode & PermissionMask), owner, type == Folder, type == Link, IsSpecial: type is not (
                    Folder or Regular or Link));
        }

        private static bool Try()
        {
            try
            {
                return !OperatingSystem.IsWindows() && Read("/", followsLink: false) is { IsFolder: true } root
                    && root.Mode == File.GetUnixFileMode("/") && GetEffectiveUser() == 0 == Environment.IsPrivilegedProcess;
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
            {
                return false;
            }
        }

        [DllImport("libSystem.Native", EntryPoint = "SystemNative_LStat")]
        private static extern int LinkStat(byte[] path, byte[] status);

        [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
        private static extern int Stat(byte[] path, byte[] status);

        [DllImport("libSystem.Native", EntryPoint = "SystemNative_GetEUid")]
        private static extern uint GetEffectiveUser();
    }
}

/// <summary>A folder or file that PlexSync relies on is not the user's alone.</summary>
internal sealed class NotPrivateException : IOException
{
    private NotPrivateException(string path, string message)
        : base(message) => Path = path;

    public string Path { get; }

    /// <summary>The number of the user it belongs to, where that is what is wrong.</summary>
    public uint? Owner { get; private init; }

    public static NotPrivateException OfOwner(string path, uint owner) =>
        new(path, $"'{path}' belongs to another user (number {owner}).") { Owner = owner };

    public static NotPrivateException OfWriters(string path) => new(path, $"'{path}' can be changed by other users.");

    public static NotPrivateException OfLink(string path) => new(path, $"'{path}' is a link, or no ordinary folder or file.");
}
