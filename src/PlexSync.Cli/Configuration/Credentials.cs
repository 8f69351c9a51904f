using System.Text.Json;

namespace PlexSync.Cli.Configuration;

/// <summary>Finds the token: a file named on the command line, the variable, a file named elsewhere, what <c>login</c> stored.</summary>
internal static class Credentials
{
    public const string TokenVariable = "PLEXSYNC_TOKEN";

    public static string GetToken(Settings settings, IReadOnlyDictionary<string, string> environment)
    {
        var inVariable = environment.GetValueOrDefault(TokenVariable)?.Trim();
        if (settings.Find(Setting.TokenFile) is { } file && (settings.IsGivenAsOption(Setting.TokenFile) || string.IsNullOrEmpty(inVariable)))
        {
            return ReadToken(file.Values[0]);
        }

        return !string.IsNullOrEmpty(inVariable) ? inVariable
            : settings.Folders.CredentialsFile is { } path && TextFile.TryRead(path) is { } stored ? ReadStored(path, stored)
            : throw new CliException(CliException.NoToken, "NoToken", TokenVariable, Setting.TokenFile.Option);
    }

    public static string ReadToken(string file) =>
        TextFile.Read(file).Trim() is { Length: > 0 } token ? token : throw new CliException(CliException.Configuration, "File_Empty", file);

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
