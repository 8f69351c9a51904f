using System.Text.Json.Serialization;

namespace PlexSync.Fleet.Catalogue;

/// <summary>A server that the fleet looks after, by one account.</summary>
internal sealed record FleetServer
{
    /// <summary>Its name here, which is not Plex's.</summary>
    public required string Name { get; init; }

    /// <summary>How it is found: its name at Plex, machine identifier or address; null for the only one of the account.</summary>
    public string? Server { get; init; }

    /// <summary>How often its jobs run; null for the default of the fleet.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>Its jobs are kept up while people watch, in place of runs at intervals.</summary>
    public bool IsLive { get; init; }

    /// <summary>It stands in the configuration, which puts it back at each start; null where it was added by hand.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Which installation of Plex it is; null while it was never connected to.</summary>
    [JsonIgnore]
    public MachineIdentifier? Machine { get; init; }

    public IReadOnlyList<FleetJob> Jobs { get; init; } = [];
}

/// <summary>A job of a server.</summary>
/// <param name="Server">The name of the server here.</param>
/// <param name="Job">The job; it has a name, and the server of its own.</param>
/// <param name="IsPaused">It does not run until it is resumed.</param>
internal sealed record FleetJob(string Server, SyncJob Job, bool IsPaused)
{
    public string Name => Job.Name!;

    /// <summary>How it is doing; all empty where it has not run yet.</summary>
    public JobState State { get; init; } = new();
}

/// <summary>How a job is doing.</summary>
internal sealed record JobState
{
    public DateTimeOffset? BeganAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public DateTimeOffset? SucceededAt { get; init; }

    /// <summary>The node that ran it last.</summary>
    public string? Node { get; init; }

    /// <summary>How many changes the last run wrote.</summary>
    public int? Written { get; init; }

    /// <summary>How often it has failed in a row.</summary>
    public int Failures { get; init; }

    /// <summary>The word for what went wrong last; null if nothing did.</summary>
    public string? ErrorKind { get; init; }

    /// <summary>What went wrong last, as a sentence.</summary>
    public string? Error { get; init; }
}

/// <summary>What a server is reached with.</summary>
/// <param name="Token">The token of its owner.</param>
/// <param name="Pins">The PINs of users who have one, by any name of theirs.</param>
internal sealed record ServerSecrets(string Token, IReadOnlyDictionary<string, string> Pins)
{
    public bool Equals(ServerSecrets? other) => other is not null && Token == other.Token && Pins.Count == other.Pins.Count
        && Pins.All(pin => other.Pins.TryGetValue(pin.Key, out var known) && known == pin.Value);

    public override int GetHashCode() => Token.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"a token and {Pins.Count} PINs";
}
