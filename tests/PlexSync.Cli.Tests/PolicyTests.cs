using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Each policy by its name, from the owner to Kid.</summary>
public sealed class PolicyTests
{
    private const long Minute = 60_000;

    // Kid began 2, which the owner has watched; is further in 4, at an earlier or later time; and has watched 6, which the owner has not.
    [Theory]
    [InlineData("copy", true, 0, 20, true)]
    [InlineData("fill", false, 5, 50, true)]
    [InlineData("furthest", true, 0, 50, true)]
    [InlineData("newest", true, 0, 20, true)]
    [InlineData("mirror", true, 0, 20, false)]
    public async Task Policy_decides_when_both_have_begun(
        string policy, bool isSecondWatched, int secondAt, int fourthAt, bool isSixthWatched)
    {
        await using var household = await Household.StartAsync(Disagreeing(kidViewedAt: 1_600_000_000));

        var first = await household.RunAsync("sync", "--to", "Kid", "--policy", policy, "--json");
        var second = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--policy", policy);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(policy, first.Targets[0].GetProperty("policy").GetString());
        Assert.Equal((isSecondWatched, secondAt * Minute), Seen(household, 2));
        Assert.Equal((true, 0), Seen(household, 3));
        Assert.Equal((false, fourthAt * Minute), Seen(household, 4));
        Assert.Equal((isSixthWatched, 0), Seen(household, 6));
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task Newest_leaves_the_position_of_a_target_that_viewed_later()
    {
        await using var household = await Household.StartAsync(Disagreeing(kidViewedAt: 1_790_000_000));

        var result = await household.RunAsync("sync", "--to", "Kid", "--policy", "newest");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal((false, 50 * Minute), Seen(household, 4));
        Assert.Equal((true, 0), Seen(household, 3));
    }

    [Fact]
    public async Task Mirror_unwatches_as_much_as_is_allowed()
    {
        await using var household = await Household.StartAsync(WithWatchedByKid(6, 7, 8));

        var result = await household.RunAsync("sync", "--to", "Kid", "--policy", "mirror", "--max-removals", "3");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[UNWATCHED] Movie 6 (2006)", result.Lines);
        Assert.All(new[] { 6, 7, 8 }, key => Assert.Equal(ItemState.None, household.Of(household.Kid, key)));
        Assert.Equal(household.SeenBy(household.World.Owner), household.SeenBy(household.Kid));
    }

    [Fact]
    public async Task Mirror_is_refused_whole_when_it_takes_more_away()
    {
        await using var household = await Household.StartAsync(WithWatchedByKid(6, 7, 8));

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--policy", "mirror", "--max-removals", "2", "--json");

        Assert.Equal(6, result.ExitCode);
        Assert.Equal("tooManyRemovals", result.Json.GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Policy_can_be_set_in_the_configuration_file()
    {
        await using var household = await Household.StartAsync(WithWatchedByKid(6));
        household.Configure("""{ "to": ["Kid"], "policy": "mirror" }""");

        var result = await household.RunAsync("sync", "--json");

        Assert.Equal("mirror", result.Targets[0].GetProperty("policy").GetString());
        Assert.Equal((false, 0), Seen(household, 6));
    }

    private static World Disagreeing(long kidViewedAt)
    {
        var world = WithWatchedByKid(6);
        world.Server.SetState(world.User("Kid"), "2", new ItemState(0, 5 * Minute, kidViewedAt));
        world.Server.SetState(world.User("Kid"), "4", new ItemState(0, 50 * Minute, kidViewedAt));
        return world;
    }

    private static World WithWatchedByKid(params int[] keys)
    {
        var world = Worlds.Small();
        foreach (var key in keys)
        {
            world.Server.SetState(world.User("Kid"), $"{key}", new ItemState(1, 0, 1_700_000_000));
        }

        return world;
    }

    private static (bool IsWatched, long Position) Seen(Household household, int key) =>
        (household.Of(household.Kid, key).IsWatched, household.Of(household.Kid, key).ViewOffset);
}
