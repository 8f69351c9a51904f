namespace PlexSync.Cli.Configuration;

/// <summary>A job of the configuration file: what it sets itself, and which settings of the whole file hold for it, too.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Given">What it sets, by the names of the settings.</param>
internal sealed record JobSettings(string Name, IReadOnlyDictionary<string, Given> Given)
{
    /// <summary>The key of the file under which the jobs are.</summary>
    public const string Key = "jobs";

    /// <summary>Who and where: with a job they come from the file alone, so that a leftover variable cannot send it elsewhere.</summary>
    public static IReadOnlyList<string> WhoAndWhere { get; } =
        ["server", "from", "to", "to-all", "except", "user", "to-server", "to-token-file", "two-way", "policy"];

    /// <summary>They choose a job, so they cannot be set in the file that has the jobs.</summary>
    public static IReadOnlyList<string> Choosing { get; } = ["job", "all-jobs"];

    private static readonly string[] HowAndWhat =
    [
        "match", "unwatched", "ratings", "retry-unkept", "quick", "library", "type", "show", "label", "collection", "since", "only",
        "max-removals", "quorum",
    ];

    private static readonly string[] NotOfMerges = ["from", "two-way", "unwatched", "match", "to-server", "to-token-file"];

    /// <summary>Names that differ in capitals alone would be those of one file.</summary>
    public bool IsCalled(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);

    private bool IsMerge => Given.ContainsKey("user");

    private bool NamesTargets => IsMerge || Given.ContainsKey("to") || (Given.TryGetValue("to-all", out var all) && all.Value == "true");

    /// <summary>The setting that a key of a job means; null if a job has no such key.</summary>
    public static Setting? Find(string key, IEnumerable<Setting> known) =>
        known.FirstOrDefault(setting => KeyOf(setting) == key && (WhoAndWhere.Contains(setting.Name) || HowAndWhat.Contains(setting.Name)));

    public static IEnumerable<string> Keys(IEnumerable<Setting> known) =>
        known.Select(KeyOf).Where(key => Find(key, known) is not null);

    /// <summary>
    /// The job's own setting, where an empty list is none, or that of the whole file where it makes sense beside whom the job names.
    /// </summary>
    public Given? Find(string name, IReadOnlyDictionary<string, Given> file) =>
        Given.TryGetValue(name, out var own) ? own.Values.Count > 0 ? own : null
        : IsOwn(name) ? null : file.GetValueOrDefault(name);

    /// <summary>Of whom the job names, nothing is taken from the file.</summary>
    private bool IsOwn(string name) => name switch
    {
        "user" => true,
        "to" or "to-all" => NamesTargets,
        "except" => NamesTargets && !Given.ContainsKey("to-all"),
        "quorum" => !IsMerge,
        _ => IsMerge && NotOfMerges.Contains(name),
    };

    private static string KeyOf(Setting setting) => setting.Name == "user" ? "users" : setting.Key;
}
