using FsCheck;
using FsCheck.Fluent;

namespace PlexSync.Core.Tests.Accounts;

/// <summary>Whatever the people of a household call themselves, a name leads to one of them or to a list of all who answer to it.</summary>
public sealed class NamePropertyTests
{
    private static readonly string[] Names =
    [
        "Sam", "sam", "SAM", " Sam", "Sam\u200E", "\u00C9lodie", "E\u0301lodie", "\u00E9lodie", "1001", "1002", "id:1001", "Kid", "KID", "kid ", "a b", "a\u00A0b",
    ];

    private static int Cases => Environment.GetEnvironmentVariable("PLEXSYNC_THOROUGH") == "1" ? 20_000 : 500;

    [Fact]
    public void A_name_means_one_person_or_lists_everybody_who_answers_to_it() =>
        Prop.ForAll(Households.ToArbitrary(), Gen.Elements(Names).ToArbitrary(), static (household, typed) =>
        {
            var answering = household.Users.Where(user => NamesOf(user).Any(name => Same(name, typed, StringComparison.OrdinalIgnoreCase))).ToList();
            var exact = answering.Where(user => NamesOf(user).Any(name => Same(name, typed, StringComparison.Ordinal))).ToList();
            var isDecided = exact is [var one] && (Same(one.Title, typed, StringComparison.Ordinal) || $"{one.Id}" == typed);
            if (typed.StartsWith("id:", StringComparison.Ordinal))
            {
                answering = household.Users.Where(user => $"id:{user.Id}" == typed).ToList();
            }
            else if (isDecided)
            {
                answering = exact;
            }

            try
            {
                var found = household.Find(typed);
                return answering is [var only] && only.Id == found.Id;
            }
            catch (PlexException e)
            {
                return e.Kind is PlexErrorKind.UserAmbiguous
                    ? answering.Count > 1 && e.Candidates.Count == answering.Count && answering.TrueForAll(user => e.Candidates.Any(text => text.Contains($"id:{user.Id}", StringComparison.Ordinal)))
                    : e.Kind is PlexErrorKind.UserNotFound && answering.Count == 0;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(new Replay(new Rnd(1, 3), null)));

    private static Gen<UserDirectory> Households =>
        from count in Gen.Choose(2, 6)
        from members in Gen.Elements(Names).Four().ArrayOf(count)
        from home in Gen.Choose(1, count)
        select Create(members, home);

    private static UserDirectory Create((string, string, string, string)[] members, int home)
    {
        var users = members.Select((names, at) => new HomeUser
        {
            Id = new UserId(1001 + at),
            Title = names.Item1,
            ListedTitle = names.Item2,
            Username = at % 2 == 0 ? names.Item3 : null,
            Email = at % 3 == 0 ? names.Item4 : null,
        }).ToList();
        return new UserDirectory(users[0], users.Take(home), users.Skip(home).Select(static user => new PlexUser
        {
            Id = user.Id, Title = user.Title, ListedTitle = user.ListedTitle, Username = user.Username, Email = user.Email,
        }));
    }

    private static IEnumerable<string?> NamesOf(PlexUser user) => [$"{user.Id}", user.Title, user.ListedTitle, user.Username, user.Email];

    /// <summary>By hand, for the few names above.</summary>
    private static bool Same(string? name, string typed, StringComparison comparison) => name is not null && Plain(name).Equals(Plain(typed), comparison);

    private static string Plain(string name) =>
        name.Replace("\u200E", "", StringComparison.Ordinal).Replace('\u00A0', ' ').Replace("\u00C9", "E\u0301", StringComparison.Ordinal)
            .Replace("\u00E9", "e\u0301", StringComparison.Ordinal).Trim();
}
