using System.Security.Cryptography;

namespace PlexSync.Cli.Configuration;

/// <summary>Small files that only their owner may read, written whole or not at all. On Windows the user's profile sees to that.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnersMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void Write(string path, string text, bool overwrite)
    {
        var draft = CreateDraft(path, text);
        try
        {
            File.Move(draft, path, overwrite);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Fails now where <see cref="Write"/> would fail later.</summary>
    public static void Try(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException();
        }

        File.Delete(CreateDraft(path, ""));
    }

    /// <summary>Somebody else on this machine may read it, or write it.</summary>
    public static bool IsExposed(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnersMode) != UnixFileMode.None;
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            return false;
        }
    }

    private static string CreateDraft(string path, string text)
    {
        var folder = Path.GetDirectoryName(path) ?? "";
        OwnerOnly.CreateFolder(folder, folder);
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            using var file = new FileStream(draft, OwnerOnly.With(new() { Mode = FileMode.CreateNew, Access = FileAccess.Write }));
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            // A full disk leaves half a file.
            File.Delete(draft);
            throw;
        }

        return draft;
    }
}
