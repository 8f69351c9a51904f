namespace PlexSync.Testing;

/// <summary>An account at plex.tv: the owner, a managed or full member of the Home, or a friend outside it.</summary>
public sealed class SimulatedUser
{
    /// <summary>The Home of every world's owner.</summary>
    internal const long FirstHome = 99;

    private string _uuid = "";
    private string _accountToken = "";

    /// <summary>The account's id.</summary>
    public required long Id { get; init; }

    /// <summary>The account's uuid; made from <see cref="Id"/> when not given.</summary>
    public string Uuid { get => _uuid; init => _uuid = value; }

    /// <summary>The name; without a <see cref="FriendlyName"/> it is the one that Plex shows.</summary>
    public required string Title { get; set; }

    /// <summary>Absent for managed users (plex-facts §3.6).</summary>
    public string? Username { get; set; }

    /// <summary>Absent for managed users.</summary>
    public string? Email { get; set; }

    /// <summary>The name that Plex shows instead of the title; most have none (plex-facts §3.6).</summary>
    public string? FriendlyName { get; set; }

    /// <summary>
    /// The long-lived account token; made up when not given. A switch to the user mints further ones, which stay valid beside it.
    /// </summary>
    public string AccountToken { get => _accountToken; init => _accountToken = value; }

    /// <summary>What a switch to the user asks for; null without one.</summary>
    public string? Pin { get; set; }

    /// <summary>Whether this is the admin of the Home.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>A managed ("restricted") user: no login of its own, may not list the Home.</summary>
    public bool IsManaged { get; init; }

    /// <summary>"little_kid", "older_kid" or "teen"; null without restrictions.</summary>
    public string? RestrictionProfile { get; init; }

    /// <summary>False: a friend outside the Home, who cannot be switched to.</summary>
    public bool InHome { get; init; } = true;

    /// <summary>The Home it is a member of; for a friend, the one whose admin knows it. Another Home knows nothing of it.</summary>
    public long HomeId { get; init; } = FirstHome;

    /// <summary>Whether plex.tv calls the member a guest of the Home.</summary>
    public bool IsGuest { get; init; }

    /// <summary>The title and the id.</summary>
    public override string ToString() => $"{Title} ({Id})";

    /// <summary>Makes up what was not given.</summary>
    internal void Complete(Func<string> newToken)
    {
        if (_uuid.Length == 0) _uuid = $"{Id:x16}";
        if (_accountToken.Length == 0) _accountToken = newToken();
    }
}
