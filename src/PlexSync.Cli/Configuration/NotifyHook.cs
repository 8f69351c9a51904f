namespace PlexSync.Cli.Configuration;

/// <summary>Where to say that a job fails. Such an address is a credential: whoever has it can write there. It is never shown.</summary>
internal static class NotifyHook
{
    public const string Variable = "PLEXSYNC_NOTIFY";

    /// <summary>A file named on the command line, the variable, a file named elsewhere; null where there is none.</summary>
    public static Uri? Find(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(Variable)?.Trim();
        return settings.Find("notify-file") is { } file && (settings.IsTyped("notify-file") || string.IsNullOrEmpty(inVariable))
            ? Parse(TextFile.Read(file.Value).Trim(), file.Value)
            : string.IsNullOrEmpty(inVariable) ? null : Parse(inVariable, Variable);
    }

    private static Uri Parse(string text, string origin) =>
        // A name and a password in it would not be sent; several addresses would be taken for one.
        !text.Any(char.IsWhiteSpace) && Uri.TryCreate(text, UriKind.Absolute, out var hook)
            && hook is { Scheme: "http" or "https", UserInfo: "", Host.Length: > 0 } ? hook
            : throw new CliException(CliException.Configuration, "Notify_Invalid", origin);
}
