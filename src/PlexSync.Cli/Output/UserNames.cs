namespace PlexSync.Cli.Output;

/// <summary>
/// What users are called in messages: by the name that Plex shows, with the id where another one of the account is shown under the same.
/// </summary>
internal sealed class UserNames
{
    private readonly List<PlexUser> _known = [];

    /// <summary>These may be mixed up.</summary>
    public void Add(IEnumerable<PlexUser> users) => _known.AddRange(users);

    public string Of(PlexUser user) => Of(user.Id, user.Title);

    public string Of(UserReference user) => Of(user.Id, user.Title);

    public string Of(IEnumerable<PlexUser> users) => string.Join(", ", users.Select(Of));

    public string Of(UserId id, string title) =>
        _known.Exists(other => other.Id != id && other.IsShownAs(title)) ? $"{title} (id:{id})" : title;
}
