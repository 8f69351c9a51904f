using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Accounts;

/// <summary>Whatever the people of a household call themselves, a name leads to one of them or to a list of all who answer to it.</summary>
public sealed class NamePropertyTests
{
    private static readonly string[] Names =
    [
        "Sam", "sam", "SAM", " Sam", "Sam\u200E", "\u00C9lodie", "E\u0301lodie", "\u00E9lodie", "1001", "1002", "id:1001", "Kid", "KID",
        "kid ", "a b", "a\u00A0b",
    ];

    [Fact]
    public void A_name_means_one_person_or_lists_everybody_who_answers_to_it() =>
        Prop.ForAll(Households.ToArbitrary(), Gen.Elements(Names).ToArbitrary(), Prefixes.ToArbitrary(), static (household, name, prefix) =>
        {
            var directory = household.Directory;
            var answering = AnsweringTo(directory.Users, StringComparison.OrdinalIgnoreCase);
            var exact = AnsweringTo(answering, StringComparison.Ordinal);
            if (prefix.Length == 0 && name.StartsWith("id:", StringComparison.Ordinal))
            {
                answering = directory.Users.Where(user => $"id:{user.Id}" == name).ToList();
            }
            else if (exact is [var one] && Household.ShownNamesOf(one, prefix).Any(shown => Same(shown, name, StringComparison.Ordinal)))
            {
                answering = exact;
            }

            try
            {
                var found = directory.Find(prefix + name);
                return answering is [var only] && only.Id == found.Id;
            }
            catch (PlexException e)
            {
                return e.Kind is PlexErrorKind.UserAmbiguous
                    ? answering.Count > 1 && e.Candidates.Count == answering.Count
                        && answering.TrueForAll(user => e.Candidates.Any(text => text.Contains($"(id:{user.Id}", StringComparison.Ordinal)))
                    : e.Kind is PlexErrorKind.UserNotFound && answering.Count == 0;
            }

            List<PlexUser> AnsweringTo(IEnumerable<PlexUser> users, StringComparison comparison) =>
                [.. users.Where(user => household.NamesOf(user, prefix).Any(known => Same(known, name, comparison)))];
        }).Check(Thoroughness.Of(500, 20_000));

    private static Gen<string> Prefixes => Gen.Elements("", "title:", "username:", "email:");

    private static Gen<Household> Households =>
        from count in Gen.Choose(2, 6)
        from members in Gen.Elements(Names).Four().ArrayOf(count)
        from home in Gen.Choose(1, count)
        from otherwise in Gen.Elements(Names).Four().ArrayOf(count)
        select new Household(
            [.. members.Select(static (names, at) => Named(new HomeUser { Id = new UserId(1001 + at), Title = "" }, names)).Take(home)],
            [.. members.Select(Friend).Skip(home)],
            [.. otherwise.Select(Friend).Take(home / 2)]);

    private static PlexUser Friend((string, string, string, string) names, int at) =>
        Named(new PlexUser { Id = new UserId(1001 + at), Title = "" }, names);

    private static T Named<T>(T user, (string, string, string, string) names)
        where T : PlexUser => (T)(user with
        {
            Title = names.Item1,
            ListedTitle = names.Item2,
            Username = user.Id.Value % 2 == 0 ? names.Item3 : null,
            Email = user.Id.Value % 3 == 0 ? names.Item4 : null,
        });

    /// <summary>A Home and friends, some of the Home under other names in the list of friends.</summary>
    private sealed record Household(List<HomeUser> Home, List<PlexUser> Friends, List<PlexUser> Again)
    {
        public UserDirectory Directory { get; } = new(Home[0], Home, Again.Concat(Friends));

        public static IEnumerable<string?> ShownNamesOf(PlexUser user, string prefix) =>
            prefix switch { "" => [$"{user.Id}", user.Title], "title:" => [user.Title], _ => [] };

        public IEnumerable<string?> NamesOf(PlexUser user, string prefix) =>
            Home.Concat(Friends).Concat(Again).Where(row => row.Id == user.Id).SelectMany(row => prefix switch
            {
                "title:" => [row.Title, row.ListedTitle],
                "username:" => [row.Username],
                "email:" => [row.Email],
                _ => new[] { $"{row.Id}", row.Title, row.ListedTitle, row.Username, row.Email },
            });
    }

    /// <summary>By hand, for the few names above.</summary>
    private static bool Same(string? name, string typed, StringComparison comparison) =>
        name is not null && Plain(name).Equals(Plain(typed), comparison);

    private static string Plain(string name) =>
        name.Replace("\u200E", "", StringComparison.Ordinal).Replace('\u00A0', ' ').Replace("\u00C9", "E\u0301", StringComparison.Ordinal)
            .Replace("\u00E9", "e\u0301", StringComparison.Ordinal).Trim();
}
