namespace PlexSync.Cli.Configuration;

/// <summary>The key to Tautulli; with it, everything there can be read and changed. It is never shown, and no option takes it.</summary>
internal static class TautulliKey
{
    public const string Variable = "PLEXSYNC_TAUTULLI_KEY";

    private const int Longest = 256;

    /// <summary>A file named on the command line, the variable, or a file named elsewhere.</summary>
    public static string Find(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(Variable)?.Trim();
        return settings.Find("key-file") is { } file && (settings.IsTyped("key-file") || string.IsNullOrEmpty(inVariable))
            ? Require(TextFile.Read(file.Value).Trim(), file.Value)
            : !string.IsNullOrEmpty(inVariable) ? Require(inVariable, Variable)
            : throw new CliException(CliException.Usage, "TautulliKey_Missing", Variable, "--key-file");
    }

    private static string Require(string key, string origin) =>
        key.Length is > 0 and <= Longest && !key.AsSpan().ContainsAnyExceptInRange('!', '~') ? key
            : throw new CliException(CliException.Configuration, "TautulliKey_Invalid", origin);
}
