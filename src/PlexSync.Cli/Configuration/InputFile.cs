namespace PlexSync.Cli.Configuration;

/// <summary>Opens a plan or a snapshot.</summary>
internal static class InputFile
{
    public static Stream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(CliException.Configuration, "File_Missing", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CliException(CliException.Configuration, "File_Unreadable", path);
        }
    }
}
