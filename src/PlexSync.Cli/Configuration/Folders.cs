using System.Security.Cryptography;

namespace PlexSync.Cli.Configuration;

/// <summary>Where configuration and state are, by the environment that was passed in.</summary>
internal sealed class Folders(IReadOnlyDictionary<string, string> environment)
{
    public const string HomeVariable = "PLEXSYNC_HOME";

    /// <summary>The configuration file; null where the environment names no place for it.</summary>
    public string? ConfigurationFile =>
        Under(OperatingSystem.IsWindows() ? Get("APPDATA") : Get("XDG_CONFIG_HOME") ?? UnderHome(".config"), "config.json");

    /// <summary>What <c>login</c> stored.</summary>
    public string? CredentialsFile => Home is { } home ? Path.Combine(home, "credentials.json") : null;

    /// <summary>The PINs that <c>setup</c> kept.</summary>
    public string? PinsFile => Home is { } home ? Path.Combine(home, "pins") : null;

    /// <summary>The names that shells complete.</summary>
    public string? NamesFile => Home is { } home ? Path.Combine(home, "names.json") : null;

    private string? Home => Get(HomeVariable)
        ?? Under(
            OperatingSystem.IsWindows() ? Get("LOCALAPPDATA") : Get("XDG_STATE_HOME") ?? UnderHome(Path.Combine(".local", "state")), "");

    /// <summary>What was done to whom, so that it can be undone.</summary>
    public string Journals => InHome(JournalsIn);

    /// <summary>The folder for state, once it was seen that files can be made there and among the journals.</summary>
    public string RequireWritable() => InHome(home =>
    {
        OwnerOnly.CreateFolder(home, home);
        foreach (var folder in new[] { home, Journals }.Where(Directory.Exists))
        {
            var path = Path.Combine(folder, $"test.{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
            using var file = new FileStream(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            // Even an empty file can be made where the disk is full.
            file.WriteByte(0);
        }

        return home;
    });

    /// <summary>The identifier of this installation, made on first use: Plex lists devices by it.</summary>
    public string GetClientIdentifier() => InHome(home =>
    {
        var path = Path.Combine(home, "client-id");
        OwnerOnly.CheckFile(home, path);
        if (!File.Exists(path))
        {
            Create(path);
        }

        var identifier = File.ReadAllText(path).Trim();
        return identifier.Length is > 0 and <= 128 && !identifier.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? identifier
            : throw new CliException(CliException.Configuration, "Home_Damaged", path);
    });

    /// <summary>Does something in the folder for state; refused where there is none, or where it cannot be used.</summary>
    public string InHome(Func<string, string> work)
    {
        var home = RequireHome();
        try
        {
            OwnerOnly.CheckFolder(home, JournalsIn(home));
            return work(home);
        }
        catch (Exception e) when (TextFile.IsUnusable(e) && e is not NotPrivateException)
        {
            throw new CliException(CliException.Configuration, "Home_NotWritable", home, HomeVariable);
        }
    }

    private static string JournalsIn(string home) => Path.Combine(home, "journals");

    private string RequireHome() => Home ?? throw new CliException(CliException.Configuration, "Home_Unknown", HomeVariable);

    /// <summary>The first of several runs wins.</summary>
    private static void Create(string path)
    {
        try
        {
            PrivateFile.Write(path, RandomNumberGenerator.GetHexString(32, lowercase: true), overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // It has one now.
        }
    }

    private string? Get(string name) => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private string? UnderHome(string folder) => Get("HOME") is { } home ? Path.Combine(home, folder) : null;

    private static string? Under(string? folder, string name) =>
        folder is null ? null : Path.Combine(folder, "plexsync", name).TrimEnd('/');
}
