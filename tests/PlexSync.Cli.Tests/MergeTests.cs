using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Several users brought to a common state.</summary>
public sealed class MergeTests
{
    [Fact]
    public async Task Merge_gives_everybody_what_any_of_them_has()
    {
        await using var household = await Household.StartAsync(Different());

        var result = await household.RunAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Friend", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            ["Owner", "Kid", "Friend"],
            result.Targets.Select(static target => target.GetProperty("user").GetProperty("title").GetString()));
        Assert.Equal("null", result.Json.GetProperty("source").GetRawText());
        foreach (var user in Users(household))
        {
            Assert.All(new[] { 1, 2, 3, 5, 6, 8, 13, 14, 15 }, key => Assert.True(household.Of(user, key).IsWatched));
            Assert.Equal((false, 50 * 60_000), (household.Of(user, 4).IsWatched, household.Of(user, 4).ViewOffset));
            Assert.Equal(10 * 60_000, household.Of(user, 16).ViewOffset);
        }

        Assert.Equal(2, household.Of(household.World.Owner, 3).ViewCount);
    }

    [Theory]
    [InlineData("furthest")]
    [InlineData("newest")]
    public async Task Merge_writes_nothing_when_run_again(string policy)
    {
        await using var household = await Household.StartAsync(Different());
        string[] args = ["merge", "--user", "Owner", "--user", "Kid", "--user", "Friend", "--policy", policy];

        var first = await household.RunAsync(args);
        var second = await household.RunWithoutWritingAsync(args);
        var inOtherOrder = await household.RunWithoutWritingAsync(
            "merge", "--user", "Friend", "--user", "Owner", "--user", "Kid", "--policy", policy);

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, inOtherOrder.ExitCode));
    }

    [Theory]
    [InlineData("furthest")]
    [InlineData("newest")]
    public async Task Merge_comes_to_the_same_in_any_order(string policy)
    {
        var ends = new List<object>();
        foreach (var order in (string[][])[["Owner", "Kid", "Friend"], ["Friend", "Kid", "Owner"], ["Kid", "Friend", "Owner"]])
        {
            await using var household = await Household.StartAsync(Different());
            var result = await household.RunAsync(
                ["merge", "--policy", policy, .. order.SelectMany(static name => new[] { "--user", name })]);
            Assert.Equal(0, result.ExitCode);
            ends.Add(
                Users(household).Select(user => household.SeenBy(user).OrderBy(static pair => pair.Key, StringComparer.Ordinal).ToList())
                    .ToList());
        }

        Assert.Equal(ends[0], ends[1]);
        Assert.Equal(ends[0], ends[2]);
    }

    [Fact]
    public async Task Merge_by_newest_takes_the_position_of_whoever_viewed_last()
    {
        await using var household = await Household.StartAsync(Different());

        await household.RunAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Friend", "--policy", "newest");

        Assert.All(Users(household), user => Assert.Equal(30 * 60_000, household.Of(user, 4).ViewOffset));
    }

    [Fact]
    public async Task Merge_writes_nothing_in_a_dry_run()
    {
        await using var household = await Household.StartAsync(Different());

        var result = await household.RunWithoutWritingAsync("merge", "--user", "Owner", "--user", "Kid", "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[WATCHED] Movie 6 (2006)", result.Lines);
        Assert.Contains("[WATCHED] Movie 2 (2002)", result.Lines);
    }

    [Fact]
    public async Task Merge_says_whose_state_each_gets()
    {
        await using var household = await Household.StartAsync(Different());

        var result = await household.RunAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Friend", "--dry-run", "--json");

        Assert.Equal(
            ["Kid+Friend", "Owner+Friend", "Owner+Kid"],
            result.Targets.Select(
                static target => string.Join(
                    '+', target.GetProperty("sources").EnumerateArray().Select(static user => user.GetProperty("title").GetString()))));
    }

    [Fact]
    public async Task Undo_takes_a_merge_back_for_everybody()
    {
        await using var household = await Household.StartAsync(Different());
        var before = Users(household).Select(household.SeenBy).ToList();
        await household.RunAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Friend");

        var result = await household.RunAsync("undo", "--yes");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(before, Users(household).Select(household.SeenBy));
    }

    [Fact]
    public async Task Merge_writes_to_nobody_when_a_PIN_is_missing()
    {
        await using var household = await Household.StartAsync(Different());

        var result = await household.RunWithoutWritingAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Teen");
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        var withPin = await household.RunAsync("merge", "--user", "Owner", "--user", "Kid", "--user", "Teen");

        Assert.Equal((3, 0), (result.ExitCode, withPin.ExitCode));
        Assert.All(
            household.World.Users.Take(3),
            user => Assert.Equal((1, 1), (household.Of(user, 6).ViewCount, household.Of(user, 1).ViewCount)));
    }

    /// <summary>Kid has watched 6 and is furthest in 4; Friend has watched 8 and viewed 4 last.</summary>
    private static World Different()
    {
        var world = Worlds.Small();
        world.Server.SetState(world.User("Kid"), "6", new ItemState(1, 0, 1_700_000_000));
        world.Server.SetState(world.User("Kid"), "4", new ItemState(0, 50 * 60_000, 1_700_000_000));
        world.Server.SetState(world.User("Friend"), "8", new ItemState(1, 0, 1_700_000_000));
        world.Server.SetState(world.User("Friend"), "4", new ItemState(0, 30 * 60_000, 1_790_000_000));
        return world;
    }

    private static SimulatedUser[] Users(Household household) => [household.World.Owner, household.Kid, household.World.User("Friend")];
}
