namespace PlexSync;

/// <summary>What all users of one server have in common.</summary>
internal sealed record ServerConnection
{
    /// <summary>The lowest threshold that a server can be set to, for where it is not known.</summary>
    public const double UnknownPlayedThreshold = 0.5;

    public required PlexTransport Transport { get; init; }

    public required PlexClientOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required ServerClock Clock { get; init; }

    public required Uri Address { get; init; }

    public required MachineIdentifier MachineIdentifier { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public required ReadGate Reads { get; init; }

    public required WriteGate Writes { get; init; }

    public required PageSizes Sizes { get; init; }

    /// <summary>Whose account connected.</summary>
    public required UserId Account { get; init; }

    /// <summary>What that account can act with here: its own token, and the one that plex.tv lists for this server.</summary>
    public required IReadOnlyList<string> AccountTokens { get; init; }

    /// <summary>The token of the server's owner, where they are the one who connected.</summary>
    public string? OwnerToken { get; init; }

    public double PlayedThreshold { get; init; } = UnknownPlayedThreshold;

    public bool IsPlayedThresholdKnown { get; init; }

    /// <summary>Without the tokens, which a record would print like everything else.</summary>
    public override string ToString() => $"'{Name}' at {Address.Authority}";
}
