using System.Text;
using PlexSync.Cli.Commands;

namespace PlexSync.Cli.Configuration;

/// <summary>Opens the plan or the snapshot that a command is about: a file, or standard input.</summary>
internal static class InputFile
{
    public static async Task<Stream> OpenAsync(Run run, CancellationToken cancellationToken)
    {
        var path = run.Argument!;
        if (path == "-")
        {
            return new MemoryStream(Encoding.UTF8.GetBytes(await run.Around.In.ReadToEndAsync(cancellationToken)));
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(CliException.Configuration, "File_Missing", path);
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            throw new CliException(CliException.Configuration, "File_Unreadable", path);
        }
    }
}
