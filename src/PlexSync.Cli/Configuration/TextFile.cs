namespace PlexSync.Cli.Configuration;

/// <summary>Reads small files of the user.</summary>
internal static class TextFile
{
    /// <summary>More than any of them needs; a device may have no end.</summary>
    private const int MaxLength = 256 * 1024;

    /// <summary>
    /// What the operating system, or the framework for it, says of a file that cannot be used, a path that is none included.
    /// </summary>
    public static bool IsUnusable(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    public static string Read(string path) => TryRead(path) ?? throw new CliException(CliException.Configuration, "File_Missing", path);

    /// <summary>Null where there is no such file, which is not the same as one that cannot be read.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var text = new char[MaxLength];
            var length = reader.ReadBlock(text, 0, MaxLength);
            return length < MaxLength ? new string(text, 0, length) : throw new IOException("The file is too long.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new CliException(CliException.Configuration, "File_Unreadable", path);
        }
    }
}
