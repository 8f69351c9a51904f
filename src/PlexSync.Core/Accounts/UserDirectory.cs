using System.Globalization;

namespace PlexSync;

/// <summary>Everyone an account can act for, and the one look-up by which a name means one of them or nobody.</summary>
internal sealed class UserDirectory
{
    private static readonly (string Prefix, Func<PlexUser, string?[]> Names)[] Fields =
    [
        ("id", static user => [user.Id.ToString()]),
        ("uuid", static user => [user.Uuid.Length > 0 ? user.Uuid : null]),
        ("email", static user => [user.Email]),
        ("username", static user => [user.Username]),
        ("title", static user => [user.Title, user.ListedTitle]),
    ];

    private readonly List<PlexUser> _users;

    /// <param name="self">Whose token it is.</param>
    /// <param name="home">The Home, the owner among them.</param>
    /// <param name="shared">Friends; Home users are listed there too and count once.</param>
    /// <param name="friendsError">Why the friends are not known; null if they are.</param>
    public UserDirectory(PlexUser self, IEnumerable<HomeUser> home, IEnumerable<PlexUser> shared, PlexException? friendsError = null)
    {
        _users = [.. home.Cast<PlexUser>().Append(self).Concat(shared).DistinctBy(static user => user.Id.ToString())];
        FriendsError = friendsError;
    }

    public IReadOnlyList<PlexUser> Users => _users;

    /// <summary>
    /// Names of people whom plex.tv lists without a usable id: they cannot be acted for, and nobody else may be taken for them.
    /// </summary>
    public IReadOnlyList<string> Unidentified { get; init; } = [];

    /// <summary>Why the friends are not among the users; null if they are.</summary>
    public PlexException? FriendsError { get; }

    public PlexUser Find(string text)
    {
        var (field, name) = FieldOf(text);
        RefuseUnidentified(field?.Prefix, text, name);
        var found = field is null
            ? NameLookup.Find(_users, name, static user => [user.Id.ToString(), user.Title], static user => Fields.SelectMany(known => known.Names(user)))
            : NameLookup.Find(_users, name, user => field.Value.Prefix is "id" or "title" ? field.Value.Names(user) : [], user => field.Value.Names(user));
        if (found.Count > 1)
        {
            throw new PlexException(PlexErrorKind.UserAmbiguous, $"'{text}' means {found.Count} users: {string.Join(", ", found.Select(Describe))}.")
            {
                Subject = text,
                Candidates = found.ConvertAll(Describe),
            };
        }

        if (FriendsError is { } error && !(found is [var only] && (field?.Prefix is "id" || IsExactly(only, name))))
        {
            throw new PlexException(
                PlexErrorKind.FriendsUnknown,
                $"The friends of the account could not be read, so that '{text}' may be one of them: give the id, or exactly the name of a member of the Home.",
                error)
            {
                Subject = text,
                Candidates = _users.ConvertAll(Describe),
            };
        }

        return found.Count == 1 ? found[0] : throw new PlexException(PlexErrorKind.UserNotFound, $"No user '{text}' in the Home or among the friends of this account.")
        {
            Subject = text,
            Candidates = NearestNames.To(name, _users, static user => user.Title, NameOf),
        };
    }

    /// <summary>A name that one without a usable id has too could mean that one.</summary>
    private void RefuseUnidentified(string? prefix, string text, string name)
    {
        if (prefix is not ("id" or "uuid") && Unidentified.Any(other => NameComparison.EqualIgnoringCase(other, name)))
        {
            var others = NameLookup.Find(_users, name, static _ => [], static user => Fields.SelectMany(known => known.Names(user)));
            throw new PlexException(
                PlexErrorKind.UserAmbiguous, $"plex.tv lists a user '{name}' without a usable id, so that it cannot be told who is meant.")
            {
                Subject = text,
                Candidates = [.. others.ConvertAll(Describe), $"{name} (id:?)"],
            };
        }
    }

    private static bool IsExactly(PlexUser user, string name) => user.Id.ToString() == name.Trim() || NameComparison.Equal(user.Title, name);

    private static ((string Prefix, Func<PlexUser, string?[]> Names)? Field, string Name) FieldOf(string text)
    {
        foreach (var field in Fields)
        {
            if (text.StartsWith(field.Prefix + ":", StringComparison.OrdinalIgnoreCase))
            {
                return (field, text[(field.Prefix.Length + 1)..]);
            }
        }

        return (null, text);
    }

    /// <summary>The shown name, and what tells users of one name apart: the id and, where there is one, the user name.</summary>
    private static string Describe(PlexUser user) => string.Create(
        CultureInfo.InvariantCulture,
        $"{user.Title} (id:{user.Id}{(user.Username is { } name && !NameComparison.Equal(name, user.Title) ? $", @{name}" : "")})");

    /// <summary>With the id where another one looks the same.</summary>
    private string NameOf(PlexUser user) =>
        _users.Exists(other => other.Id != user.Id && NameComparison.EqualIgnoringCase(other.Title, user.Title)) ? Describe(user) : user.Title;
}
