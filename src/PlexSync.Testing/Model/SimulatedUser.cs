namespace PlexSync.Testing;

/// <summary>An account at plex.tv: the owner, a managed or full member of the Home, or a friend outside it.</summary>
public sealed class SimulatedUser
{
    /// <summary>The Home of every world; only a few have a second one.</summary>
    public const long FirstHome = 99;

    public required long Id { get; init; }
    public required string Uuid { get; init; }
    public required string Title { get; set; }

    /// <summary>Absent for managed users (plex-facts §3.6).</summary>
    public string? Username { get; set; }
    public string? Email { get; set; }

    /// <summary>The name that Plex shows instead of the title; most have none (plex-facts §3.6).</summary>
    public string? FriendlyName { get; set; }

    /// <summary>The long-lived account token. A switch mints further ones, which stay valid beside it.</summary>
    public required string AccountToken { get; init; }
    public string? Pin { get; set; }
    public bool IsAdmin { get; init; }

    /// <summary>A managed ("restricted") user: no login of its own, may not list the Home.</summary>
    public bool IsManaged { get; init; }
    public string? RestrictionProfile { get; init; }

    /// <summary>False: a friend outside the Home, who cannot be switched to.</summary>
    public bool InHome { get; init; } = true;

    /// <summary>The Home it is a member of; for a friend, the one whose admin knows it. Another Home knows nothing of it.</summary>
    public long HomeId { get; init; } = FirstHome;
    public bool IsGuest { get; init; }

    public override string ToString() => $"{Title} ({Id})";
}
