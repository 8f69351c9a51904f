namespace PlexSync.Cli.Configuration;

/// <summary>
/// What holds for a command: option, then environment, then job, then the rest of the configuration file, then default.
/// </summary>
internal sealed class Settings
{
    private readonly IReadOnlyDictionary<string, Given> _options;
    private readonly IReadOnlyDictionary<string, Given> _environment;
    private readonly IReadOnlyDictionary<string, Given> _file;

    private Settings(
        IReadOnlyDictionary<string, Given> options,
        IReadOnlyDictionary<string, Given> environment,
        IReadOnlyDictionary<string, Given> file,
        Folders folders)
    {
        (_options, _environment, _file) = (options, environment, file);
        Folders = folders;
    }

    public Folders Folders { get; }

    /// <summary>What is wrong with the configuration file, if anything.</summary>
    public CliException? FileError { get; private init; }

    /// <summary>The jobs of the configuration file, in its order.</summary>
    public IReadOnlyList<JobSettings> Jobs { get; private init; } = [];

    /// <summary>The job that these settings are for; null if there is none.</summary>
    public JobSettings? Job { get; private init; }

    /// <param name="known">All that can be set.</param>
    /// <param name="options">What was typed, by the names of the settings.</param>
    /// <param name="environment">The variables.</param>
    public static Settings Load(
        IReadOnlyList<Setting> known, IReadOnlyDictionary<string, Given> options, IReadOnlyDictionary<string, string> environment)
    {
        var folders = new Folders(environment);
        var (file, jobs, error) = ConfigurationFile.Read(folders.ConfigurationFile, known);
        return new Settings(options, Variables.Read(environment, known), file, folders) { Jobs = jobs, FileError = error };
    }

    /// <summary>The same with a job between the variables and the file.</summary>
    public Settings Of(JobSettings job) => new(_options, _environment, _file, Folders) { Jobs = Jobs, Job = job, FileError = FileError };

    /// <summary>What options and environment say, with no file read.</summary>
    public static Settings WithoutFile(
        IReadOnlyList<Setting> known, IReadOnlyDictionary<string, Given> options, IReadOnlyDictionary<string, string> environment) =>
        new(options, Variables.Read(environment, known), new Dictionary<string, Given>(), new Folders(environment));

    public bool IsTyped(string name) => _options.ContainsKey(name);

    public Given? Find(string name) => Job is null ? FindOutsideFile(name) ?? _file.GetValueOrDefault(name)
        : (JobSettings.WhoAndWhere.Contains(name) ? null : FindOutsideFile(name)) ?? Job.Find(name, _file);

    /// <summary>What options and environment say.</summary>
    public Given? FindOutsideFile(string name) => _options.GetValueOrDefault(name) ?? _environment.GetValueOrDefault(name);

    public IReadOnlyList<string> GetAll(string name) => Find(name)?.Values ?? [];

    public bool IsOn(string flag) => Find(flag)?.ToFlag() is true;
}
