namespace PlexSync;

/// <summary>A server that plex.tv lists for an account.</summary>
public sealed record ServerResource
{
    /// <summary>The identifier of the installation.</summary>
    public required MachineIdentifier MachineIdentifier { get; init; }

    /// <summary>The name its owner gave it.</summary>
    public required string Name { get; init; }

    /// <summary>The version of Plex Media Server, if told.</summary>
    public string? Version { get; init; }

    /// <summary>The account owns this server.</summary>
    public bool IsOwned { get; init; }

    /// <summary>plex.tv has seen the server online.</summary>
    public bool IsOnline { get; init; }

    /// <summary>The addresses plex.tv lists, best first: local before remote, https before http, relays last.</summary>
    public IReadOnlyList<Uri> Addresses { get; init => field = value ?? []; } = [];

    /// <summary>Those of <see cref="Addresses"/> that plex.tv calls local: in the server's own network.</summary>
    public IReadOnlyList<Uri> LocalAddresses { get; init => field = value ?? []; } = [];

    /// <summary>Those of <see cref="Addresses"/> that lead through a relay of plex.tv, which is slow.</summary>
    public IReadOnlyList<Uri> RelayAddresses { get; init => field = value ?? []; } = [];

    /// <summary>The name and the machine identifier.</summary>
    public override string ToString() => $"{Name} ({MachineIdentifier})";

    /// <summary>The token of this account for this server; absent at times (plex-facts §3.8).</summary>
    internal string? AccessToken { get; init; }
}
