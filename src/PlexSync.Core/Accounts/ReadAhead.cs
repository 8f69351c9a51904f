namespace PlexSync;

/// <summary>What was asked at the same time as the sign-in.</summary>
/// <param name="Servers">The account's servers.</param>
/// <param name="Home">The members of its Home.</param>
/// <param name="Shared">The people it shares with.</param>
internal sealed record ReadAhead(
    EarlyAnswer<IReadOnlyList<ServerResource>> Servers, EarlyAnswer<UserList<HomeUser>> Home, EarlyAnswer<UserList<PlexUser>> Shared)
{
    /// <summary>Who answers at the address that was given.</summary>
    public EarlyIdentity? Address { get; init; }

    /// <summary>Who answers where the server was the last time.</summary>
    public EarlyIdentity? LastAddress { get; init; }
}

/// <summary>Who answers at an address, asked before it was known whether that matters.</summary>
internal sealed record EarlyIdentity(Uri Address, EarlyAnswer<MachineIdentifier> Machine);

/// <summary>A list of plex.tv.</summary>
/// <param name="Users">The rows with a usable id.</param>
/// <param name="Unidentified">The names in the others.</param>
internal sealed record UserList<T>(IReadOnlyList<T> Users, IReadOnlyList<string> Unidentified);
