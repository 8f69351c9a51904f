namespace PlexSync.Cli.Configuration;

/// <summary>Reads small files of the user.</summary>
internal static class TextFile
{
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
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
