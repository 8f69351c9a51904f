using System.Text.Json;

namespace PlexSync.Cli.Configuration;

/// <summary>
/// Finds the token: a file named on the command line, the variable, a file named elsewhere, what <c>login</c> stored. Stores and forgets it
/// too.
/// </summary>
internal static class Credentials
{
    public const string TokenVariable = "PLEXSYNC_TOKEN";

    public static FoundToken Find(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(TokenVariable)?.Trim();
        if (settings.Find("token-file") is { } file
            && (settings.IsTyped("token-file") || string.IsNullOrEmpty(inVariable)))
        {
            return new(ReadToken(file.Value), file.Value, isFile: true);
        }

        return !string.IsNullOrEmpty(inVariable) ? new(inVariable, TokenVariable, isFile: false)
            : settings.Folders.CredentialsFile is { } path && TryReadStored(path) is { } stored
            ? new(ReadStored(path, stored), path, isFile: true)
            : throw new CliException(CliException.NoToken, "NoToken", TokenVariable, "--token-file");
    }

    public static string ReadToken(string file) =>
        TextFile.Read(file).Trim() is { Length: > 0 } token ? token
            : throw new CliException(CliException.Configuration, "File_Empty", file);

    /// <summary>What counts more than the stored token in every command that names none itself; null where nothing does.</summary>
    public static string? FindStronger(Settings settings, IReadOnlyDictionary<string, string> environment) =>
        !string.IsNullOrWhiteSpace(environment.GetValueOrDefault(TokenVariable)) ? TokenVariable
        : settings.Find("token-file") is { } file && !settings.IsTyped("token-file") ? file.Origin
        : null;

    /// <summary>The stored credentials where they are what is used and somebody else may read them.</summary>
    public static string? FindExposed(Settings settings, IReadOnlyDictionary<string, string> environment) =>
        !settings.IsTyped("token-file") && FindStronger(settings, environment) is null
        && settings.Folders.CredentialsFile is { } path && PrivateFile.IsExposed(path) ? path : null;

    /// <summary>Where the token will be stored; refused here already where it cannot be.</summary>
    public static string Prepare(Settings settings) => InHome(settings, PrivateFile.Try);

    /// <summary>Stores the token in place of the one that was there.</summary>
    public static void Store(Settings settings, string token) =>
        InHome(settings, path => PrivateFile.Write(path, $"{{\"token\":\"{JsonEncodedText.Encode(token)}\"}}\n", overwrite: true));

    /// <summary>Forgets the stored token; false where there was none.</summary>
    public static bool Forget(Settings settings)
    {
        var isThere = false;
        InHome(settings, path =>
        {
            isThere = File.Exists(path);
            if (isThere)
            {
                File.Delete(path);
            }
        });
        return isThere;
    }

    private static string InHome(Settings settings, Action<string> work) => settings.Folders.InHome(_ =>
    {
        var path = settings.Folders.CredentialsFile!;
        work(path);
        return path;
    });

    private static string? TryReadStored(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        OwnerOnly.CheckFolder(folder, folder);
        // That others may read it is said in a warning of its own.
        OwnerOnly.CheckFile(folder, path, closes: false);
        return TextFile.TryRead(path);
    }

    private static string ReadStored(string path, string stored)
    {
        try
        {
            using var document = JsonDocument.Parse(stored);
            if (document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("token", out var token)
                && token.ValueKind is JsonValueKind.String && token.GetString()!.Trim() is { Length: > 0 } text)
            {
                return text;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below: its content is nobody's business.
        }

        throw new CliException(CliException.Configuration, "Credentials_Damaged", path);
    }
}

/// <summary>A token and where it was found. No record: those print what they hold.</summary>
internal sealed class FoundToken(string token, string origin, bool isFile)
{
    public string Token => token;

    /// <summary>The variable or the file.</summary>
    public string Origin => origin;

    public bool IsFile => isFile;
}
