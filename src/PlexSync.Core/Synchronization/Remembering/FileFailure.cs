namespace PlexSync;

/// <summary>What the operating system says of files, as failures of the journal.</summary>
internal static class FileFailure
{
    /// <summary>Does something with a file.</summary>
    public static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw Failed(path, e);
        }
    }

    public static void Guarded(string path, Action action) => Guarded(path, () =>
    {
        action();
        return true;
    });

    public static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException;

    public static PlexException Failed(string path, Exception e) => e is NotPrivateException found
        ? new(PlexErrorKind.NotPrivate, found.Message, found)
        {
            Subject = found.Path,
            Candidates = found.Owner is { } owner ? [$"{owner}"] : [],
        }
        : new(PlexErrorKind.JournalFailed, $"The journal in '{path}' cannot be used: {e.Message}", e) { Subject = path };
}
