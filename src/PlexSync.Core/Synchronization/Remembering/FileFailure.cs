namespace PlexSync;

/// <summary>Turns errors of the file system into failures of the store.</summary>
internal static class FileFailure
{
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
