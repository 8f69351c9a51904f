namespace PlexSync;

/// <summary>Everyone an account can act for, and the one look-up by which a name means one of them or nobody.</summary>
internal sealed class UserDirectory
{
    private static readonly Field[] Fields =
    [
        new("id", static user => user.Id.ToString(), static _ => null),
        new("uuid", static _ => null, static user => user.Uuid),
        new("email", static _ => null, static user => user.Email),
        new("username", static _ => null, static user => user.Username),
        new("title", static user => user.Title, static user => user.ListedTitle),
    ];

    private readonly List<PlexUser> _users;

    /// <summary>Every row of every list: a person may have a name in one list that another list does not tell.</summary>
    private readonly ILookup<UserId, PlexUser> _rows;

    /// <param name="self">Whose token it is.</param>
    /// <param name="home">The Home, the owner among them.</param>
    /// <param name="shared">Friends; Home users are listed there too and count once.</param>
    /// <param name="friendsError">Why the friends are not known; null if they are.</param>
    public UserDirectory(PlexUser self, IEnumerable<HomeUser> home, IEnumerable<PlexUser> shared, PlexException? friendsError = null)
    {
        List<PlexUser> rows = [.. home, self, .. shared];
        _users = [.. rows.DistinctBy(static user => user.Id)];
        _rows = rows.ToLookup(static user => user.Id);
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
        var (fields, name) = FieldsOf(text);
        RefuseUnidentified(fields, text, name);
        var found = Find(fields, name);
        if (found.Count > 1)
        {
            throw NameFailure.Ambiguous(
                PlexErrorKind.UserAmbiguous, text, $"'{text}' means {found.Count} users.", DescribeAll(found, name));
        }

        if (FriendsError is { } error && !(found is [var only] && (fields is [{ Prefix: "id" }] || IsExactly(only, name))))
        {
            var candidates = _users.ConvertAll(static user => Describe(user));
            throw new PlexException(
                PlexErrorKind.FriendsUnknown,
                $"The friends of the account could not be read, so that '{text}' may be one of them: "
                + $"give the id, or exactly the name of a member of the Home: {string.Join(", ", candidates)}.",
                error)
            {
                Subject = text,
                Candidates = candidates,
            };
        }

        return found.Count == 1 ? found[0]
            : throw NameFailure.Unknown(
                PlexErrorKind.UserNotFound,
                text,
                $"No user '{text}' in the Home or among the friends of this account.",
                NearestNames.To(name, _users, static user => NameComparison.Simplify(user.Title), NameOf));
    }

    private List<PlexUser> Find(Field[] fields, string name) =>
        NameLookup.Find(_users, name, user => fields.Select(field => field.Shown(user)), user => OtherNames(fields, user));

    /// <summary>All names from all lists. The shown name is that of the first list: the Home's before the friends'.</summary>
    private IEnumerable<string?> OtherNames(Field[] fields, PlexUser user) =>
        _rows[user.Id].SelectMany(row => fields.SelectMany(field => new[] { field.Shown(row), field.Other(row) }));

    /// <summary>Refuses a name that also belongs to a person without a usable id: it could mean that person.</summary>
    private void RefuseUnidentified(Field[] fields, string text, string name)
    {
        if (fields is not [{ Prefix: "id" or "uuid" }] && Unidentified.Any(other => NameComparison.EqualIgnoringCase(other, name)))
        {
            var others = _users.FindAll(user => OtherNames(Fields, user).Any(other => NameComparison.EqualIgnoringCase(other, name)));
            throw NameFailure.Ambiguous(
                PlexErrorKind.UserAmbiguous,
                text,
                $"plex.tv lists a user '{name}' without a usable id, so that it cannot be told who is meant.",
                [.. DescribeAll(others, name), $"{name} (id:?)"]);
        }
    }

    private static bool IsExactly(PlexUser user, string name) =>
        Array.Exists([user.Id.ToString(), user.Title], shown => NameComparison.Equal(shown, name));

    /// <summary>The kind of name that a prefix asks for, or all kinds.</summary>
    private static (Field[] Fields, string Name) FieldsOf(string text)
    {
        var name = NameComparison.Simplify(text);
        var field = Array.Find(Fields, field => name.StartsWith(field.Prefix + ":", StringComparison.OrdinalIgnoreCase));
        return field is null ? (Fields, name) : ([field], name[(field.Prefix.Length + 1)..]);
    }

    private List<string> DescribeAll(List<PlexUser> users, string name) =>
        users.ConvertAll(user =>
            Describe(user, OtherNames(Fields, user).FirstOrDefault(other => NameComparison.EqualIgnoringCase(other, name))));

    /// <summary>The shown name, and what tells users of one name apart: the id, the user name, and the name that was found.</summary>
    private static string Describe(PlexUser user, string? foundBy = null)
    {
        var others = new List<string> { $"id:{user.Id}" };
        if (user.Username is { } username && !NameComparison.Equal(username, user.Title))
        {
            others.Add($"@{username}");
        }

        string?[] told = [user.Title, user.Username, user.Id.ToString()];
        if (foundBy is not null && !Array.Exists(told, name => NameComparison.EqualIgnoringCase(name, foundBy)))
        {
            others.Add(foundBy);
        }

        return $"{user.Title} ({string.Join(", ", others)})";
    }

    /// <summary>The shown name, with the id if another user looks the same.</summary>
    private string NameOf(PlexUser user) =>
        _users.Exists(other => other.Id != user.Id && other.IsShownAs(user.Title)) ? Describe(user) : user.Title;

    /// <summary>One kind of name.</summary>
    /// <param name="Prefix">What asks for names of this kind only.</param>
    /// <param name="Shown">The name of this kind that people see.</param>
    /// <param name="Other">Another name of this kind, which counts as much but never decides between two people.</param>
    private sealed record Field(string Prefix, Func<PlexUser, string?> Shown, Func<PlexUser, string?> Other);
}
