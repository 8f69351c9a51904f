using System.Text.Json;

namespace PlexSync.Cli.Configuration;

/// <summary>Reads <c>config.json</c>: one object whose keys are the long options in camelCase. Never a secret.</summary>
internal static class ConfigurationFile
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads all that can be read; what cannot is returned beside it, so that even its report can follow the settings.</summary>
    /// <param name="path">Where it would be; null where there is no place for it.</param>
    /// <param name="known">All that can be set.</param>
    public static (Dictionary<string, Given> Given, CliException? Error) Read(string? path, IReadOnlyList<Setting> known)
    {
        var given = new Dictionary<string, Given>();
        CliException? error = null;
        try
        {
            if (path is null || TextFile.TryRead(path) is not { } text)
            {
                return (given, null);
            }

            using var document = Parse(path, string.IsNullOrWhiteSpace(text) ? "null" : text);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                throw new CliException(CliException.Configuration, "Config_NotAnObject", path);
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                try
                {
                    Read(path, property, known, given);
                }
                catch (CliException e)
                {
                    error ??= e;
                }
            }
        }
        catch (CliException e)
        {
            error = e;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text.
            error = new CliException(CliException.Configuration, "Config_Malformed", path, 1);
        }

        return (given, error);
    }

    private static void Read(
        string path, JsonProperty property, IReadOnlyList<Setting> known, Dictionary<string, Given> given)
    {
        if (property.Name is "token" or "pin" or "pins")
        {
            throw new CliException(CliException.Configuration, "Config_Secret", path, property.Name);
        }

        var setting = known.FirstOrDefault(setting => setting.Key == property.Name) ?? throw Unknown(path, property.Name, known);
        if (property.Value.ValueKind is JsonValueKind.Null || ReadValues(path, setting, property.Value) is not { Count: > 0 } values)
        {
            return;
        }

        if (!given.TryAdd(setting.Name, new Given(values, $"{setting.Key} ({path})")))
        {
            throw new CliException(CliException.Configuration, "Config_Twice", path, setting.Key);
        }
    }

    private static JsonDocument Parse(string path, string text)
    {
        try
        {
            return JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException e)
        {
            throw new CliException(CliException.Configuration, "Config_Malformed", path, (e.LineNumber ?? 0) + 1);
        }
    }

    private static CliException Unknown(string path, string key, IReadOnlyList<Setting> known) =>
        Nearest.To(key, known.Select(static setting => setting.Key)) is { } nearest
            ? new(CliException.Configuration, "Config_UnknownKey_Nearest", path, key, nearest)
            : new(CliException.Configuration, "Config_UnknownKey", path, key);

    private static List<string> ReadValues(string path, Setting setting, JsonElement value)
    {
        List<JsonElement> elements = value.ValueKind is JsonValueKind.Array && setting.Kind is SettingKind.List
            ? [.. value.EnumerateArray()] : [value];
        return elements.ConvertAll(element => element.ValueKind switch
        {
            JsonValueKind.String when element.GetString() is { } text && !string.IsNullOrWhiteSpace(text) =>
                IsFile(setting) ? FullPath(path, text.Trim()) : text.Trim(),
            JsonValueKind.Number when setting.Kind is not SettingKind.Flag => element.GetRawText(),
            JsonValueKind.True when setting.Kind is SettingKind.Flag => "true",
            JsonValueKind.False when setting.Kind is SettingKind.Flag => "false",
            _ => throw new CliException(CliException.Configuration, "Config_WrongType", path, setting.Key),
        });
    }

    private static bool IsFile(Setting setting) => setting.Name.EndsWith("-file", StringComparison.Ordinal);

    // The file means its own folder, wherever the command is run from.
    private static string FullPath(string configuration, string file) => Path.Combine(Path.GetDirectoryName(configuration) ?? "", file);
}
