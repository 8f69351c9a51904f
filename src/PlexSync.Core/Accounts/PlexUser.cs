using System.Text.Json.Serialization;

namespace PlexSync;

/// <summary>A person as Plex knows them: an account owner, a Home user or a friend.</summary>
[JsonDerivedType(typeof(HomeUser), "home")]
public record PlexUser
{
    /// <summary>The number of the account.</summary>
    public required UserId Id { get; init; }

    /// <summary>
    /// The name that Plex shows: the friendly name where there is one, else the title of the profile. Not necessarily unique.
    /// </summary>
    public required string Title { get; init; }

    /// <summary>
    /// The title of the profile where Plex shows a friendly name instead; null where it shows the title. The user is found by either.
    /// </summary>
    public string? ListedTitle { get; init; }

    /// <summary>The opaque identifier plex.tv prefers; empty where plex.tv does not tell.</summary>
    public string Uuid { get; init; } = "";

    /// <summary>The user name; null for managed users, who have none.</summary>
    public string? Username { get; init; }

    /// <summary>The e-mail address; null for managed users, who have none.</summary>
    public string? Email { get; init; }

    /// <summary>plex.tv lists them as a member of the Home, where a PIN may protect them.</summary>
    internal bool IsHomeMember { get; init; }

    /// <summary>The shown name and the id.</summary>
    public sealed override string ToString() => $"{Title} (id:{Id})";

    /// <summary>Whether a name reads like the shown one: capitals, invisible marks and spaces at the ends make no difference.</summary>
    public bool IsShownAs(string name) => NameComparison.EqualIgnoringCase(Title, name);
}

/// <summary>A member of a Plex Home.</summary>
public sealed record HomeUser : PlexUser
{
    /// <summary>The owner of the Home.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>A managed user: without an account of their own (<c>restricted</c> at plex.tv).</summary>
    public bool IsManaged { get; init; }

    /// <summary>A PIN is needed to become this user (<c>protected</c> at plex.tv).</summary>
    public bool HasPin { get; init; }
}
