using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>
/// Whatever the people of a household are called: a run concerns the one person who is named, or it is refused with all who answer.
/// </summary>
public sealed class NamePropertyTests
{
    private static readonly string[] Names =
    [
        "Sam", "sam", "Sam ", "S\u200Bam", "Kid", "KID", "\u200EKid", "\u00C9lodie", "e\u0301lodie",
        "Kim", "Robin", "Alex", "1002", "2001", "id:1003", "sam@x.org",
    ];

    /// <summary>Each has watched one film of their own.</summary>
    private static readonly long[] Everybody = [1001, 1002, 1003, 1004, 2001, 2002];

    [Fact]
    public async Task A_run_concerns_the_person_who_is_named_or_nobody()
    {
        await using var household = await Household.StartAsync();
        Populate(household);

        Prop.ForAll(All.ToArbitrary(), example => Task.Run(() => TryAsync(household, example)).GetAwaiter().GetResult())
            .Check(Thoroughness.Of(40, 1000));
    }

    private static async Task<bool> TryAsync(Household household, Example example)
    {
        Prepare(household, example);
        var answering = Everybody.Where(id => example.Answers(id, StringComparison.OrdinalIgnoreCase)).ToList();
        if (answering.Where(id => example.Answers(id, StringComparison.Ordinal)).ToList() is [var exact] && example.IsShown(exact))
        {
            answering = [exact];
        }

        var named = answering is [var only] ? only : 0;
        var result = await household.RunAsync([.. example.Arguments, "--json"]);

        var isRun = example.Command switch
        {
            Command.To => named is not (0 or 1001),
            Command.From => named is not (0 or 1004),
            Command.Merge => named is not (0 or 1001),
            Command.Except => named is > 0 and < 2000,
            _ => named is 1003,
        };
        var written = household.World.Users.Where(user => !IsAsBefore(household, user)).Select(static user => user.Id).ToHashSet();
        if (!isRun)
        {
            Assert.NotEqual(0, result.ExitCode);
            Assert.Empty(written);
        }
        else
        {
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(Written(example.Command, named), written);
        }

        if (answering.Count > 1)
        {
            var message = result.Json.GetProperty("error").GetProperty("message").GetString()!;
            Assert.Equal(2, result.ExitCode);
            Assert.All(answering, id => Assert.Contains($"(id:{id}", message, StringComparison.Ordinal));
            Assert.All(Everybody.Except(answering), id => Assert.DoesNotContain($"(id:{id}", message, StringComparison.Ordinal));
        }

        AssertPinsReachTheirOwner(household);
        return true;
    }

    private static HashSet<long> Written(Command command, long named) => command switch
    {
        Command.To => [named],
        Command.From => [1004],
        Command.Merge => [1001, named],
        Command.Except => [.. new[] { 1002, 1003, 1004L }.Where(id => id != named)],
        _ => [1003],
    };

    private static void AssertPinsReachTheirOwner(Household household)
    {
        var teen = household.World.User(1003);
        var withPin = household.Plex.Requests.All.Where(static request =>
            request.FormOrQuery("pin") is not null || request.QueryString.Contains("4321", StringComparison.Ordinal));
        Assert.All(withPin, request => Assert.Equal($"/api/v2/home/users/{teen.Uuid}/switch", request.Path));
    }

    private static void Populate(Household household)
    {
        foreach (var id in new[] { 1004, 2002L })
        {
            household.World.Add(new SimulatedUser
            {
                Id = id,
                Uuid = $"{id:x16}",
                Title = "",
                AccountToken = $"account-token-of-{id}",
                InHome = id < 2000,
            });
            household.Server.ShareWith(household.World.User(id));
        }
    }

    private static void Prepare(Household household, Example example)
    {
        foreach (var user in household.World.Users)
        {
            (user.Title, user.FriendlyName, user.Username, user.Email) = example.People[user.Id];
            foreach (var key in household.Server.StatesOf(user).Keys.ToList())
            {
                household.Server.SetState(user, key, ItemState.None);
            }

            household.Server.SetState(user, FilmOf(user.Id), new ItemState(1, 0, 1_700_000_000));
        }

        household.Environment["PLEXSYNC_PINS"] = example.Command is Command.Pin ? $"\"{example.Typed}\"=4321" : "id:1003=4321";
        if (Directory.Exists(household.Environment["PLEXSYNC_HOME"]))
        {
            Directory.Delete(household.Environment["PLEXSYNC_HOME"], recursive: true);
        }
    }

    private static string FilmOf(long id) => (Array.IndexOf(Everybody, id) + 1).ToString(CultureInfo.InvariantCulture);

    private static bool IsAsBefore(Household household, SimulatedUser user) => household.SeenBy(user).Keys.SequenceEqual([FilmOf(user.Id)]);

    private static Gen<Example> All =>
        from command in Gen.Elements(Enum.GetValues<Command>())
        from typed in Gen.Elements(Names)
        from names in Gen.Elements(Names).Four().ArrayOf(6)
        from isTaken in Gen.Elements(true, false).ArrayOf(6)
        select new Example(
            command, typed, Enumerable.Range(0, 6).ToDictionary(static at => Everybody[at], at => NamesOf(at, names[at], isTaken)));

    /// <summary>The list of friends tells no friendly names, and managed users have a title only.</summary>
    private static (string, string?, string?, string?) NamesOf(int at, (string, string, string, string) names, bool[] isTaken)
    {
        var id = Everybody[at];
        return (
            names.Item1,
            isTaken[at] && id < 2000 ? names.Item2 : null,
            id is 1002 or 1003 ? null : isTaken[(at + 1) % 6] ? names.Item3 : $"user{id}",
            id is 1002 or 1003 ? null : isTaken[(at + 2) % 6] ? names.Item4 : $"mail{id}");
    }

    private enum Command
    {
        To,
        From,
        Merge,
        Except,
        Pin,
    }

    private sealed record Example(
        Command Command, string Typed, Dictionary<long, (string Title, string? FriendlyName, string? Username, string? Email)> People)
    {
        public string[] Arguments => Command switch
        {
            Command.To => ["sync", "--to", Typed],
            Command.From => ["sync", "--from", Typed, "--to", "id:1004"],
            Command.Merge => ["merge", "--user", "id:1001", "--user", Typed],
            Command.Except => ["sync", "--to-all", "--except", Typed],
            _ => ["sync", "--to", "id:1003"],
        };

        public bool Answers(long id, StringComparison comparison)
        {
            var (title, friendlyName, username, email) = People[id];
            return Typed.StartsWith("id:", StringComparison.Ordinal)
                ? $"id:{id}" == Typed
                : new[] { $"{id}", title, friendlyName, username, email }.OfType<string>()
                    .Any(name => Plain(name).Equals(Plain(Typed), comparison));
        }

        public bool IsShown(long id) =>
            $"{id}" == Typed || Plain(People[id].FriendlyName ?? People[id].Title).Equals(Plain(Typed), StringComparison.Ordinal);

        /// <summary>By hand, for the few names above.</summary>
        private static string Plain(string name) =>
            name.Replace("\u200E", "", StringComparison.Ordinal).Replace("\u200B", "", StringComparison.Ordinal)
                .Replace("\u00C9", "E\u0301", StringComparison.Ordinal).Trim();
    }
}
