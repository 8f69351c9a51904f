using System.Globalization;

namespace PlexSync;

/// <summary>Everyone an account can act for, and the one order in which a name is looked up among them.</summary>
internal sealed class UserDirectory
{
    private static readonly (string Prefix, Func<PlexUser, string, bool> Matches)[] ExactSteps =
    [
        ("id", static (user, text) => user.Id.ToString() == text),
        ("uuid", static (user, text) => user.Uuid.Length > 0 && user.Uuid == text),
        ("email", static (user, text) => user.Email == text),
        ("username", static (user, text) => NameComparison.Equal(user.Username, text)),
        ("title", static (user, text) => NameComparison.Equal(user.Title, text)),
    ];

    private readonly List<PlexUser> _users;

    /// <param name="self">Whose token it is.</param>
    /// <param name="home">The Home, the owner among them.</param>
    /// <param name="shared">Friends; Home users are listed there too and count once.</param>
    public UserDirectory(PlexUser self, IEnumerable<HomeUser> home, IEnumerable<PlexUser> shared) =>
        _users = [.. home.Cast<PlexUser>().Append(self).Concat(shared).DistinctBy(static user => user.Id.ToString())];

    public IReadOnlyList<PlexUser> Users => _users;

    /// <summary>
    /// Names of people whom plex.tv lists without a usable id: they cannot be acted for, and nobody else may be taken for them.
    /// </summary>
    public IReadOnlyList<string> Unidentified { get; init; } = [];

    public PlexUser Find(string text)
    {
        RefuseUnidentified(text);
        var (steps, name) = Steps(text);
        foreach (var step in steps)
        {
            var found = _users.FindAll(user => step(user, name));
            if (found.Count == 1)
            {
                return found[0];
            }

            if (found.Count > 1)
            {
                throw new PlexException(PlexErrorKind.UserAmbiguous, $"'{text}' names {found.Count} users: {string.Join(", ", found.Select(Describe))}.")
                {
                    Subject = text,
                    Candidates = found.ConvertAll(Describe),
                };
            }
        }

        throw new PlexException(PlexErrorKind.UserNotFound, $"No user '{text}' in the Home or among the friends of this account.")
        {
            Subject = text,
            Candidates = NearestNames.To(name, _users.Select(static user => user.Title)),
        };
    }

    private void RefuseUnidentified(string text)
    {
        var name = Steps(text).Name;
        if (!IsById(text) && Unidentified.Any(other => NameComparison.EqualIgnoringCase(other, name)))
        {
            var others = _users.FindAll(user => IgnoringCase(user, name));
            throw new PlexException(
                PlexErrorKind.UserAmbiguous, $"plex.tv lists a user '{name}' without a usable id, so that it cannot be told who is meant.")
            {
                Subject = text,
                Candidates = [.. others.ConvertAll(Describe), $"{name} (id:?)"],
            };
        }
    }

    private static bool IsById(string text) =>
        text.StartsWith("id:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("uuid:", StringComparison.OrdinalIgnoreCase);

    private static (IEnumerable<Func<PlexUser, string, bool>> Steps, string Name) Steps(string text)
    {
        foreach (var (prefix, matches) in ExactSteps)
        {
            if (text.StartsWith(prefix + ":", StringComparison.OrdinalIgnoreCase))
            {
                return ([matches], text[(prefix.Length + 1)..]);
            }
        }

        return (ExactSteps.Select(static step => step.Matches).Append(IgnoringCase), text);
    }

    private static bool IgnoringCase(PlexUser user, string text) =>
        NameComparison.EqualIgnoringCase(user.Title, text) || NameComparison.EqualIgnoringCase(user.Username, text)
        || NameComparison.EqualIgnoringCase(user.Email, text);

    private static string Describe(PlexUser user) => string.Create(CultureInfo.InvariantCulture, $"{user.Title} (id:{user.Id})");
}
