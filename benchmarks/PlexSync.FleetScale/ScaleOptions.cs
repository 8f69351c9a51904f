using System.Globalization;

namespace PlexSync.FleetScale;

/// <summary>What is simulated.</summary>
internal sealed record ScaleOptions
{
    public int Servers { get; init; } = 1000;

    /// <summary>Jobs of each server, one for each managed user.</summary>
    public int Jobs { get; init; } = 5;

    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>For how long it is measured, in minutes.</summary>
    public double Minutes { get; init; } = 15;

    public int Nodes { get; init; } = 2;

    /// <summary>The share of owners who watch one more movie in each interval; all jobs of their servers write it.</summary>
    public double Writes { get; init; } = 0.1;

    /// <summary>How long plex.tv and the servers take for an answer.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How many movies are in the library of a server.</summary>
    public int Movies { get; init; } = 100;

    /// <summary>The servers stand in the configuration of the nodes, instead of being added one by one.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>How the database is reached; it should be empty, or that of <see cref="Keys"/>.</summary>
    public string Database { get; init; } = "";

    /// <summary>The folder of the keys, which stays: with those of an earlier simulation, its servers are in the database.</summary>
    public string? Keys { get; init; }

    /// <summary>Settings of the nodes, such as <c>--Fleet:RunsPerNode=20</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>How they are given to a node.</summary>
    public IEnumerable<string> ToArguments() =>
    [
        "--servers", Text(Servers), "--jobs", Text(Jobs), "--every", Text(Every), "--writes", Text(Writes), "--latency", Text(Latency),
        "--movies", Text(Movies), "--database", Database, .. Settings,
    ];

    /// <exception cref="ArgumentException">An option is unknown, or has no value.</exception>
    public static ScaleOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new ScaleOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            var name = arguments[at];
            if (name.StartsWith("--Fleet:", StringComparison.Ordinal))
            {
                options = options with { Settings = [.. options.Settings, name] };
                continue;
            }

            if (name is "--configured")
            {
                options = options with { IsConfigured = true };
                continue;
            }

            var value = ++at < arguments.Count ? arguments[at] : throw new ArgumentException($"{name} has no value.");
            options = name switch
            {
                "--servers" => options with { Servers = int.Parse(value, CultureInfo.InvariantCulture) },
                "--jobs" => options with { Jobs = int.Parse(value, CultureInfo.InvariantCulture) },
                "--every" => options with { Every = TimeSpan.Parse(value, CultureInfo.InvariantCulture) },
                "--minutes" => options with { Minutes = double.Parse(value, CultureInfo.InvariantCulture) },
                "--nodes" => options with { Nodes = int.Parse(value, CultureInfo.InvariantCulture) },
                "--writes" => options with { Writes = double.Parse(value, CultureInfo.InvariantCulture) },
                "--latency" => options with { Latency = TimeSpan.Parse(value, CultureInfo.InvariantCulture) },
                "--movies" => options with { Movies = int.Parse(value, CultureInfo.InvariantCulture) },
                "--keys" => options with { Keys = value },
                "--database" => options with { Database = value },
                _ => throw new ArgumentException($"There is no option {name}."),
            };
        }

        return options.Database.Length > 0 ? options : throw new ArgumentException("--database is missing: how PostgreSQL is reached.");
    }

    private static string Text(IFormattable value) => value.ToString(format: null, CultureInfo.InvariantCulture);
}
