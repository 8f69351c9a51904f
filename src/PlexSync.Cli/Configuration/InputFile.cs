using System.Text;

namespace PlexSync.Cli.Configuration;

/// <summary>Opens the plan or the snapshot that a command is about: a file, or standard input.</summary>
internal static class InputFile
{
    /// <summary>Reads what the command is about; what cannot be read, or is something else, is named as what it should be.</summary>
    /// <param name="path">What was asked for.</param>
    /// <param name="file">What was opened.</param>
    /// <param name="sentence">What to say of a file that is no such one.</param>
    /// <param name="read">Reads it, and perhaps does more.</param>
    public static async Task<T> ReadAsync<T>(string path, Stream file, string sentence, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (PlexException e) when (
            e.Kind is PlexErrorKind.InvalidFile && (!Path.IsPathRooted(e.Subject) || e.Subject == (file as FileStream)?.Name))
        {
            var isPlan = sentence == "Plan_NotOne";
            var isSnapshot = sentence == "Snapshot_NotOne";
            var key = !(isPlan || isSnapshot) || !IsOther(file, isPlan) ? sentence
                : isPlan ? "Plan_NotOne_Other"
                : "Snapshot_NotOne_Other";
            throw new CliException(Failure.NameOf(e.Kind), key, path);
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            throw new CliException(CliException.Configuration, "File_Unreadable", path);
        }
    }

    /// <summary>A snapshot where a plan should be, or the reverse.</summary>
    private static bool IsOther(Stream file, bool isPlan)
    {
        if (!file.CanSeek)
        {
            return false;
        }

        file.Position = 0;
        var start = new byte[128];
        var text = Encoding.UTF8.GetString(start, 0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        return text.Contains(isPlan ? "\"plexsync-snapshot\"" : "\"plexsync-plan", StringComparison.Ordinal);
    }

    public static async Task<Stream> OpenAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        if (path == "-")
        {
            return new MemoryStream(Encoding.UTF8.GetBytes(await context.Console.In.ReadToEndAsync(cancellationToken)));
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
