using System.Text.Json;

namespace PlexSync.Cli.Configuration;

/// <summary>Reads <c>config.json</c>: one object whose keys are the long options in camelCase, and the jobs. Never a secret.</summary>
internal static class ConfigurationFile
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads all that can be read; what cannot is returned beside it, so that even its report can follow the settings.</summary>
    /// <param name="path">Where it would be; null where there is no place for it.</param>
    /// <param name="known">All that can be set.</param>
    public static (Dictionary<string, Given> Given, List<JobSettings> Jobs, CliException? Error) Read(
        string? path, IReadOnlyList<Setting> known)
    {
        var given = new Dictionary<string, Given>();
        var jobs = new List<JobSettings>();
        CliException? error = null;
        try
        {
            if (path is null || TextFile.TryRead(path) is not { } text)
            {
                return (given, jobs, null);
            }

            using var document = Parse(path, string.IsNullOrWhiteSpace(text) ? "null" : text);
            if (document.RootElement.ValueKind is not JsonValueKind.Object)
            {
                throw new CliException(CliException.Configuration, "Config_NotAnObject", path);
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                var wrong = property.Name == JobSettings.Key ? ReadJobs(path, property.Value, known, jobs)
                    : Try(() => Read(path, property, known, given));
                error ??= wrong;
            }

            if (document.RootElement.EnumerateObject().Count(static property => property.NameEquals(JobSettings.Key)) > 1)
            {
                error ??= new(CliException.Configuration, "Config_Twice", path, JobSettings.Key);
            }

            // An empty list says nothing at the top of the file; in a job, it takes the place of the one there.
            foreach (var name in given.Where(static pair => pair.Value.Values.Count == 0).Select(static pair => pair.Key).ToList())
            {
                given.Remove(name);
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

        return (given, jobs, error);
    }

    private static void Read(
        string path, JsonProperty property, IReadOnlyList<Setting> known, Dictionary<string, Given> given)
    {
        if (property.Name is "token" or "pin" or "pins")
        {
            throw new CliException(CliException.Configuration, "Config_Secret", path, property.Name);
        }

        var settings = known.Where(static setting => !JobSettings.Choosing.Contains(setting.Name));
        var setting = settings.FirstOrDefault(setting => setting.Key == property.Name)
            ?? throw Unknown(path, property.Name, "", settings.Select(static setting => setting.Key).Append(JobSettings.Key));
        Add(path, setting, property.Name, property.Value, given);
    }

    private static void Add(string path, Setting setting, string key, JsonElement value, Dictionary<string, Given> given)
    {
        if (value.ValueKind is not JsonValueKind.Null && !given.TryAdd(
            setting.Name, new Given(ReadValues(path, setting, key, value), $"{key} ({path})")))
        {
            throw new CliException(CliException.Configuration, "Config_Twice", path, key);
        }
    }

    /// <summary>Reads each job as far as it can be read; what is wrong with the first one that has a mistake is returned.</summary>
    private static CliException? ReadJobs(string path, JsonElement value, IReadOnlyList<Setting> known, List<JobSettings> jobs)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return new(CliException.Configuration, "Config_Jobs", path);
        }

        CliException? error = null;
        foreach (var property in value.EnumerateObject())
        {
            var (name, given) = (property.Name.Trim(), new Dictionary<string, Given>());
            var place = $"{JobSettings.Key}.{name}";
            if (!IsName(name) || property.Value.ValueKind is not JsonValueKind.Object)
            {
                error ??= new(CliException.Configuration, IsName(name) ? "Config_Jobs" : "Config_JobName", path, name);
                continue;
            }

            foreach (var setting in property.Value.EnumerateObject())
            {
                var wrong = Try(() => ReadOfJob(path, place, setting, known, given));
                error ??= wrong;
            }

            if (jobs.Exists(job => job.IsCalled(name)))
            {
                error ??= new(CliException.Configuration, "Config_Twice", path, place);
            }

            jobs.Add(new JobSettings(name, given));
        }

        return error;
    }

    private static void ReadOfJob(
        string path, string place, JsonProperty property, IReadOnlyList<Setting> known, Dictionary<string, Given> given)
    {
        if (JobSettings.Find(property.Name, known) is { } setting)
        {
            Add(path, setting, $"{place}.{property.Name}", property.Value, given);
        }
        else
        {
            throw known.Any(setting => setting.Key == property.Name)
                ? new(CliException.Configuration, "Config_NotInJob", path, $"{place}.{property.Name}")
                : Unknown(path, property.Name, $"{place}.", JobSettings.Keys(known));
        }
    }

    /// <summary>A name becomes a part of file names, and of command lines.</summary>
    public static bool IsName(string name) => name.Length > 0 && char.IsLetterOrDigit(name[0])
        && name.All(static letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_');

    private static CliException? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (CliException e)
        {
            return e;
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

    private static CliException Unknown(string path, string key, string place, IEnumerable<string> known) =>
        Nearest.To(key, known) is { } nearest
            ? new(CliException.Configuration, "Config_UnknownKey_Nearest", path, place + key, nearest)
            : new(CliException.Configuration, "Config_UnknownKey", path, place + key);

    private static List<string> ReadValues(string path, Setting setting, string key, JsonElement value)
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
            _ => throw new CliException(CliException.Configuration, "Config_WrongType", path, key),
        });
    }

    private static bool IsFile(Setting setting) => setting.Name.EndsWith("-file", StringComparison.Ordinal);

    // The file means its own folder, wherever the command is run from.
    private static string FullPath(string configuration, string file) => Path.Combine(Path.GetDirectoryName(configuration) ?? "", file);
}
