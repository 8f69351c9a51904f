namespace PlexSync.Tests;

/// <summary>Files that an older version wrote, kept under <c>tests/Fixtures</c>: every later version must read them.</summary>
internal static class OlderFiles
{
    /// <summary>
    /// A copy for one test, private as the original: <c>state</c> is a whole state folder; plans and a snapshot lie beside it.
    /// </summary>
    public static DirectoryInfo Copy()
    {
        var source = Path.Combine(Repository.Root, "tests", "Fixtures", "8481aaf");
        var copy = Directory.CreateTempSubdirectory("plexsync-older-");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(copy.FullName, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }

        if (OperatingSystem.IsWindows())
        {
            return copy;
        }

        foreach (var path in Directory.GetFileSystemEntries(copy.FullName, "*", SearchOption.AllDirectories))
        {
            var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            File.SetUnixFileMode(path, Directory.Exists(path) ? mode | UnixFileMode.UserExecute : mode);
        }

        return copy;
    }
}
