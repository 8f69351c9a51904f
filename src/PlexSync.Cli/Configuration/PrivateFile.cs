using System.Security.Cryptography;

namespace PlexSync.Cli.Configuration;

/// <summary>Small files that only their owner may read, written whole or not at all. On Windows the user's profile sees to that.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

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

    /// <summary>Makes a folder that only its owner can look into; one that is there stays as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Somebody else on this machine may read it, or write it.</summary>
    public static bool IsExposed(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) != UnixFileMode.None;
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            return false;
        }
    }

    private static string CreateDraft(string path, string text)
    {
        CreateFolder(Path.GetDirectoryName(path) ?? "");
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using var file = new FileStream(draft, options);
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
