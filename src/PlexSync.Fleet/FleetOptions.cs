using Microsoft.Extensions.Options;
using Npgsql;
using PlexSync.Hosting;

namespace PlexSync.Fleet;

/// <summary>What a node works with: the section <c>Fleet</c> of the configuration.</summary>
internal sealed class FleetOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Fleet";

    /// <summary>The section within it with the settings of requests, <see cref="PlexClientOptions"/>.</summary>
    public const string Client = "Client";

    /// <summary>The section within it with the servers.</summary>
    public const string Servers = "Servers";

    /// <summary>How the database is reached, in Npgsql's words. Required.</summary>
    public string Database { get; set; } = "";

    /// <summary>What a person has to give before the page shows anything, at least <see cref="ShortestSecret"/> characters. Required.</summary>
    public string Secret { get; set; } = "";

    /// <summary>A file that has the secret, in place of <see cref="Secret"/>.</summary>
    public string? SecretFile { get; set; }

    /// <summary>
    /// The folder of the keys by which tokens and PINs are encrypted (default <c>keys</c>): the same one for all nodes, and not in the
    /// database or its backups. Who has both can read the tokens.
    /// </summary>
    public string KeyFolder { get; set; } = "keys";

    /// <summary>The name of this node; that of the machine by default. Two nodes must not have the same.</summary>
    public string Node { get; set; } = Environment.MachineName;

    /// <summary>How many runs may go on at one server at a time, by all nodes together (default 1).</summary>
    public int RunsPerServer { get; set; } = 1;

    /// <summary>How many runs may go on at this node at a time (default 10).</summary>
    public int RunsPerNode { get; set; } = 10;

    /// <summary>How often jobs run whose server does not say (default 15 minutes).</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How many requests a second this node sends to plex.tv (default 5).</summary>
    public int AccountRequestsPerSecond { get; set; } = 5;

    /// <summary>
    /// For how long an answer of plex.tv to a question may be used again (default 30 minutes; none if zero). Less than the interval of the
    /// jobs would have each run ask anew.
    /// </summary>
    public TimeSpan AccountAnswersFor { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// For how long the token of a member of a Home, and what plex.tv says of that token, may be used again (default 12 hours). Whose it is
    /// does not change, and each run proves it at the server; switching is what plex.tv refuses first (plex-facts §3.11).
    /// </summary>
    public TimeSpan AccountTokensFor { get; set; } = TimeSpan.FromHours(12);

    /// <summary>
    /// For how long what a run wrote is kept after it, at least (default: for good). Without its record a run cannot be undone, and states
    /// that it copied count as old as the run, not as their source.
    /// </summary>
    public TimeSpan? KeepRunsFor { get; set; }

    /// <summary>The host names that requests may name beyond those of loopback, as a browser sends them, without port.</summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>The reverse proxy that says who somebody is, if there is one.</summary>
    public ProxyOptions Proxy { get; } = new();

    public const int ShortestSecret = 16;

    /// <summary>Jobs run no more often than once in this time.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMinutes(1);

    /// <summary>Reads the section. A key that means nothing is a failure, not passed over; no failure repeats a secret.</summary>
    /// <exception cref="OptionsValidationException">A key means nothing, or a value is of another kind than it takes.</exception>
    public static FleetOptions Read(IConfigurationSection section)
    {
        var (client, proxy) = (section.GetSection(Client), section.GetSection(nameof(Proxy)));
        List<string> failures =
        [
            .. ConfigurationReader.FindOdd(
                section, [.. KeysOf<FleetOptions>(), Client, Servers], [nameof(Hosts), nameof(Proxy), Client, Servers]),
            .. ConfigurationReader.FindOdd(proxy, KeysOf<ProxyOptions>(), [nameof(ProxyOptions.Addresses)]),
            .. ConfigurationReader.FindOdd(client, ConfigurationReader.ClientKeys, []),
        ];
        var options = new FleetOptions();
        foreach (Action bind in (Action[])[() => section.Bind(options), () => client.Bind(new PlexClientOptions())])
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

        return failures.Count == 0 ? options : throw new OptionsValidationException(Section, typeof(FleetOptions), failures);
    }

    private static string[] KeysOf<T>() => [.. typeof(T).GetProperties().Select(static property => property.Name)];
}

/// <summary>A reverse proxy that has asked people who they are.</summary>
internal sealed class ProxyOptions
{
    /// <summary>Its addresses; none by default, and then its headers mean nothing.</summary>
    public IList<string> Addresses { get; } = [];

    /// <summary>What it sends in the header <c>X-Fleet-Proxy-Secret</c>.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The header with the name of the person (default <c>X-Forwarded-User</c>).</summary>
    public string UserHeader { get; set; } = "X-Forwarded-User";
}

/// <summary>Reads the secret from its file, and refuses what cannot be meant: a sentence for each, which names the key.</summary>
internal sealed class FleetOptionsCheck : IPostConfigureOptions<FleetOptions>, IValidateOptions<FleetOptions>
{
    public void PostConfigure(string? name, FleetOptions options)
    {
        if (options.Secret.Length == 0 && options.SecretFile is { Length: > 0 } file)
        {
            try
            {
                options.Secret = File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new OptionsValidationException(
                    FleetOptions.Section, typeof(FleetOptions), [$"{FleetOptions.Section}:SecretFile cannot be read: {e.Message}"]);
            }
        }
    }

    public ValidateOptionsResult Validate(string? name, FleetOptions options)
    {
        var failures = new List<string>();
        Require(
            options.Database.Length > 0,
            "Database is missing: how PostgreSQL is reached, such as Host=db;Database=fleet;Username=plexsync.");
        Require(IsConnectionString(options.Database, out var problem), $"Database cannot be understood: {problem}");
        Require(
            options.Secret.Length >= FleetOptions.ShortestSecret,
            $"Secret must have at least {FleetOptions.ShortestSecret} characters: set it, or SecretFile to a file that has it.");
        Require(options.KeyFolder.Length > 0, "KeyFolder is missing: a folder for the keys that tokens are encrypted with.");
        Require(options.Node.Trim().Length > 0, "Node must have a name.");
        Require(options.RunsPerServer >= 1, "RunsPerServer must be at least 1.");
        Require(options.RunsPerNode is >= 1 and <= 1000, "RunsPerNode must be from 1 to 1000.");
        Require(options.Every >= FleetOptions.ShortestInterval, "Every must be at least a minute (00:01:00).");
        Require(options.AccountRequestsPerSecond >= 1, "AccountRequestsPerSecond must be at least 1.");
        Require(options.AccountAnswersFor >= TimeSpan.Zero, "AccountAnswersFor must not be negative.");
        Require(options.AccountTokensFor >= TimeSpan.Zero, "AccountTokensFor must not be negative.");
        Require(
            options.KeepRunsFor is null || options.KeepRunsFor >= TimeSpan.FromDays(1), "KeepRunsFor must be at least a day (1.00:00:00).");
        Require(
            options.Hosts.All(static host => host.Trim() is not ("" or "*" or "0.0.0.0" or "[::]")),
            "Hosts must be names; one that stands for all of them protects nothing.");
        Require(
            options.Proxy.Addresses.All(static address => System.Net.IPAddress.TryParse(address, out _)),
            "Proxy:Addresses must be IP addresses.");
        Require(
            options.Proxy.Addresses.Count == 0 || options.Proxy.Secret.Length >= FleetOptions.ShortestSecret,
            $"Proxy:Secret must have at least {FleetOptions.ShortestSecret} characters where Proxy:Addresses are given.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool isMet, string failure)
        {
            if (!isMet)
            {
                failures.Add($"{FleetOptions.Section}:{failure}");
            }
        }
    }

    private static bool IsConnectionString(string text, out string? problem)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
            problem = null;
            return true;
        }
        catch (ArgumentException e)
        {
            // It names the word, never its value.
            problem = e.Message;
            return false;
        }
    }
}
