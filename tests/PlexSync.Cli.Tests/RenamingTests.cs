using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>
/// Between two runs Kid (1002) becomes "Junior", and two friends take the name that is free: Friend (2001) as the title, another one (2002)
/// as the user name. What PlexSync remembers concerns the same people as before.
/// </summary>
public sealed class RenamingTests
{
    private const long Kid = 1002;

    [Fact]
    public async Task Name_that_two_others_have_taken_is_ambiguous_between_these()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        Rename(household);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Kid (id:2001, @friend), Samantha (id:2002, @Kid)", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Junior", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_takes_the_run_back_from_the_same_person()
    {
        await using var household = await StartAsync();
        var before = household.SeenBy(household.World.User(Kid));
        await household.RunAsync("sync", "--to", "Kid");
        Rename(household);

        var result = await household.RunAsync("undo", "--yes", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal((Kid, "Junior"), UserOf(result));
        Assert.Equal(before, household.SeenBy(household.World.User(Kid)));
        AssertFriendsAreUntouched(household);
    }

    [Fact]
    public async Task Saved_plan_is_applied_to_the_same_person()
    {
        await using var household = await StartAsync();
        var plan = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--to", "Kid", "-o", plan);
        Rename(household);

        var result = await household.RunAsync("apply", plan, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Kid, UserOf(result).Id);
        Assert.True(household.Of(household.World.User(Kid), 2).IsWatched);
        AssertFriendsAreUntouched(household);
    }

    [Theory]
    [InlineData("runs", "--resume")]
    [InlineData("sync", "--to", "id:1002", "--json")]
    [InlineData("sync", "--to", "title:Kid", "--json")]
    public async Task Killed_run_is_settled_on_the_same_person(params string[] args)
    {
        await using var household = await StartAsync();
        var run = (await household.RunAsync("sync", "--to", "Kid", "--json")).Json.GetProperty("run").GetString()!;
        // As after a kill in the middle: the last outcomes are not known, and the last items are as before.
        var file = Directory.GetFiles(Path.Combine(household.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file);
        var known = lines.Where(static line => !line.StartsWith("{\"outcome", StringComparison.Ordinal)).SkipLast(1);
        await File.WriteAllLinesAsync(file, known);
        household.Server.SetState(household.Kid, "16", ItemState.None);
        household.Server.SetState(household.Kid, "15", ItemState.None);
        household.Time = new HurriedTime();
        Rename(household);
        var isFriend = args.Contains("title:Kid");

        var result = await household.RunAsync(args is ["runs", ..] ? [.. args, run, "--json"] : args);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(isFriend ? 2001 : Kid, UserOf(result).Id);
        Assert.Equal(!isFriend, household.Of(household.World.User(Kid), 15).IsWatched);
        Assert.All(household.World.Users.SelectMany(household.Server.StatesOf), static pair => Assert.InRange(pair.Value.ViewCount, 0, 2));
        Assert.Empty(household.SeenBy(household.World.User(2002)));
        Assert.Equal(isFriend, household.SeenBy(household.World.User(2001)).Count > 0);
        // A run to another person with the old name settles nothing.
        Assert.Equal(isFriend, (await household.RunAsync("runs")).Out.Contains("interrupted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unwatching_is_told_by_what_the_same_person_had()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--unwatched");
        Rename(household);
        var friend = household.World.User(2001);
        household.Server.SetState(household.World.Owner, "2", ItemState.None);
        household.Server.SetState(friend, "2", new ItemState(1, 0, 1_700_000_000));

        var toFriend = await household.RunAsync("sync", "--to", "title:Kid", "--unwatched", "--json");
        Assert.True(household.Of(household.World.User(Kid), 2).IsWatched);
        var toKid = await household.RunAsync("sync", "--to", "Junior", "--unwatched", "--json");

        Assert.Equal((0, 2001), (toFriend.ExitCode, UserOf(toFriend).Id));
        Assert.True(household.Of(friend, 2).IsWatched);
        Assert.Equal((0, Kid), (toKid.ExitCode, UserOf(toKid).Id));
        Assert.False(household.Of(household.World.User(Kid), 2).IsWatched);
    }

    [Fact]
    public async Task Snapshot_of_the_same_person_may_be_replaced_and_of_another_one_with_the_name_not()
    {
        await using var household = await StartAsync();
        var file = Path.Combine(household.Folder, "kid.jsonl");
        await household.RunAsync("snapshot", "--user", "Kid", "-o", file);
        Rename(household);

        var ofFriend = await household.RunAsync("snapshot", "--user", "title:Kid", "-o", file, "--overwrite");
        var ofKid = await household.RunAsync("snapshot", "--user", "Junior", "-o", file, "--overwrite");

        Assert.Equal((2, 0), (ofFriend.ExitCode, ofKid.ExitCode));
    }

    private static async Task<Household> StartAsync()
    {
        var household = await Household.StartAsync();
        household.World.Add(new SimulatedUser
        {
            Id = 2002,
            Uuid = "2002200220022002",
            Title = "Samantha",
            Username = "samantha",
            AccountToken = "token-of-samantha-12",
            InHome = false,
        });
        household.Server.ShareWith(household.World.User(2002));
        return household;
    }

    private static void Rename(Household household)
    {
        household.World.User(Kid).Title = "Junior";
        household.World.User(2001).Title = "Kid";
        household.World.User(2002).Username = "Kid";
    }

    private static (long Id, string? Title) UserOf(Result result)
    {
        var user = result.Targets[0].GetProperty("user");
        return (user.GetProperty("id").GetInt64(), user.GetProperty("title").GetString());
    }

    private static void AssertFriendsAreUntouched(Household household)
    {
        Assert.Empty(household.SeenBy(household.World.User(2001)));
        Assert.Empty(household.SeenBy(household.World.User(2002)));
    }
}
