namespace PlexSync.Cli.Configuration;

/// <summary>What holds for a command: option, then environment, then configuration file, then default.</summary>
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

    /// <param name="known">All that can be set.</param>
    /// <param name="options">What was typed, by the names of the settings.</param>
    /// <param name="environment">The variables.</param>
    public static Settings Load(
        IReadOnlyList<Setting> known, IReadOnlyDictionary<string, Given> options, IReadOnlyDictionary<string, string> environment)
    {
        var folders = new Folders(environment);
        var (file, error) = ConfigurationFile.Read(folders.ConfigurationFile, known);
        return new Settings(options, Variables.Read(environment, known), file, folders) { FileError = error };
    }

    /// <summary>What options and environment say, with no file read.</summary>
    public static Settings WithoutFile(
        IReadOnlyList<Setting> known, IReadOnlyDictionary<string, Given> options, IReadOnlyDictionary<string, string> environment) =>
        new(options, Variables.Read(environment, known), new Dictionary<string, Given>(), new Folders(environment));

    public bool IsTyped(string name) => _options.ContainsKey(name);

    public Given? Find(string name) =>
        _options.GetValueOrDefault(name) ?? _environment.GetValueOrDefault(name) ?? _file.GetValueOrDefault(name);

    public IReadOnlyList<string> GetAll(string name) => Find(name)?.Values ?? [];

    public bool IsOn(string flag) => Find(flag)?.ToFlag() is true;
}
