using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace PlexSync.Hosting;

/// <summary>Reads the options from the configuration. A key that means nothing is a failure, not passed over.</summary>
/// <param name="section">The section.</param>
internal sealed class ConfigurationReader(IConfigurationSection section)
{
    private const string Client = nameof(Client);

    private static readonly string[] Options =
    [
        nameof(PlexSyncOptions.Token), nameof(PlexSyncOptions.Server), nameof(PlexSyncOptions.StateFolder), nameof(PlexSyncOptions.Pins),
        nameof(PlexSyncOptions.Live), nameof(PlexSyncOptions.Jobs), Client,
    ];

    private static readonly string[] Sections =
        [nameof(PlexSyncOptions.Pins), nameof(PlexSyncOptions.Live), nameof(PlexSyncOptions.Jobs), Client];

    public IConfigurationSection Section => section;

    public string Path => section.Path;

    /// <summary>What the section <c>Live</c> takes.</summary>
    internal static IReadOnlyList<string> LiveKeys { get; } =
    [
        nameof(LiveOptions.Poll), nameof(LiveOptions.Every), nameof(LiveOptions.Burst), nameof(LiveOptions.AllowLoops),
        nameof(LiveOptions.RequiresStart),
    ];

    /// <summary>What the section <c>Client</c> takes.</summary>
    internal static IReadOnlyList<string> ClientKeys { get; } =
    [
        nameof(PlexClientOptions.ClientIdentifier), nameof(PlexClientOptions.Product), nameof(PlexClientOptions.DeviceName),
        nameof(PlexClientOptions.AccountUrl), nameof(PlexClientOptions.PageSize), nameof(PlexClientOptions.MaxConcurrency),
        nameof(PlexClientOptions.MaxRetries), nameof(PlexClientOptions.RetryDelay), nameof(PlexClientOptions.Timeout),
    ];

    /// <summary>What a job takes; its name is the key above.</summary>
    internal static IReadOnlyList<string> JobKeys { get; } =
    [
        nameof(SyncJob.Server), nameof(SyncJob.From), nameof(SyncJob.To), nameof(SyncJob.ToAll), nameof(SyncJob.Except),
        nameof(SyncJob.Users), nameof(SyncJob.TwoWay), nameof(SyncJob.Policy), nameof(SyncJob.Match), nameof(SyncJob.Unwatched),
        nameof(SyncJob.Ratings), nameof(SyncJob.RetryUnkept), nameof(SyncJob.Quick), nameof(SyncJob.Libraries), nameof(SyncJob.Types),
        nameof(SyncJob.Shows), nameof(SyncJob.Labels), nameof(SyncJob.Collections), nameof(SyncJob.Quorum), nameof(SyncJob.Since),
        nameof(SyncJob.Only), nameof(SyncJob.MaxRemovals),
    ];

    /// <summary>
    /// Those of them that take several values. A single one would be passed over, and a job would do more than it was meant to.
    /// </summary>
    internal static IReadOnlyList<string> JobLists { get; } =
    [
        nameof(SyncJob.To), nameof(SyncJob.Except), nameof(SyncJob.Users), nameof(SyncJob.Libraries), nameof(SyncJob.Types),
        nameof(SyncJob.Shows), nameof(SyncJob.Labels), nameof(SyncJob.Collections),
    ];

    public void Read(PlexSyncOptions options)
    {
        var failures = FindOdd(section, Options, Sections).ToList();
        options.Token = section[nameof(options.Token)] ?? options.Token;
        options.Server = section[nameof(options.Server)] ?? options.Server;
        options.StateFolder = section[nameof(options.StateFolder)] ?? options.StateFolder;
        // By hand: a name such as id:1003 is a path of two keys here.
        foreach (var (name, pin) in section.GetSection(nameof(options.Pins)).AsEnumerable(makePathsRelative: true))
        {
            if (name.Length > 0 && pin is not null)
            {
                options.Pins[name] = pin;
            }
        }

        var live = section.GetSection(nameof(options.Live));
        failures.AddRange(FindOdd(live, LiveKeys, []));
        Try(() => live.Bind(options.Live));
        foreach (var one in section.GetSection(nameof(options.Jobs)).GetChildren())
        {
            failures.AddRange(FindOdd(one, JobKeys, JobLists));
            var job = new SyncJob();
            Try(() => one.Bind(job));
            options.Jobs[one.Key] = job;
        }

        Throw<PlexSyncOptions>(failures);

        void Try(Action bind)
        {
            try
            {
                bind();
            }
            catch (InvalidOperationException e)
            {
                // It names the key, and what it should have been.
                failures.Add(e.Message);
            }
        }
    }

    public void Read(PlexClientOptions options)
    {
        // Plex lists each identifier as a device of its own.
        options.ClientIdentifier = $"plexsync-{Environment.MachineName}";
        var client = section.GetSection(Client);
        var failures = FindOdd(client, ClientKeys, []).ToList();
        try
        {
            client.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            failures.Add(e.Message);
        }

        Throw<PlexClientOptions>(failures);
    }

    /// <summary>Checks them as each client does, and names the keys.</summary>
    public void Require(PlexClientOptions options)
    {
        try
        {
            using var http = new HttpClient();
            _ = new PlexClient(http, options);
        }
        catch (OptionsValidationException e)
        {
            Throw<PlexClientOptions>([.. e.Failures.Select(failure => $"{ConfigurationPath.Combine(Path, Client)}:{failure}")]);
        }
    }

    internal static IEnumerable<string> FindOdd(IConfigurationSection section, IReadOnlyList<string> known, IReadOnlyList<string> nested)
    {
        foreach (var child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                yield return $"{child.Path} means nothing; known there are {string.Join(", ", known)}.";
            }
            else if (nested.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                if (!string.IsNullOrEmpty(child.Value))
                {
                    yield return $"{child.Path} takes no single value, but keys below it, such as {child.Path}:0 for the first of a list.";
                }
            }
            else if (child.GetChildren().Any())
            {
                yield return $"{child.Path} takes a single value.";
            }
        }
    }

    private static void Throw<T>(List<string> failures)
    {
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(Microsoft.Extensions.Options.Options.DefaultName, typeof(T), failures);
        }
    }
}
