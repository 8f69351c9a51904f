using System.Text.Json;
using System.Text.Json.Nodes;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Both ways, and what was un-watched.</summary>
public sealed class DirectionTests
{
    [Fact]
    public async Task Two_way_gives_both_what_the_other_has()
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--two-way");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal((1, 0), (household.Of(household.Kid, 2).ViewCount, household.Of(household.Kid, 2).ViewOffset));
        Assert.Equal(20 * 60_000, household.Of(household.Kid, 4).ViewOffset);
        Assert.Equal(1, household.Of(household.World.Owner, 6).ViewCount);
        Assert.Equal(15 * 60_000, household.Of(household.World.Owner, 7).ViewOffset);
        Assert.Equal(household.SeenBy(household.World.Owner), household.SeenBy(household.Kid));
        Assert.True(
            result.Out.IndexOf("Owner → Kid on “NAS”", StringComparison.Ordinal) < result.Out.IndexOf(
                "Kid → Owner on “NAS”", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("fill")]
    [InlineData("furthest")]
    [InlineData("newest")]
    public async Task Two_way_writes_nothing_when_run_again(string policy)
    {
        await using var household = await StartAsync();
        household.Server.SetState(household.Kid, "4", new ItemState(0, 50 * 60_000, 1_790_000_000));
        household.Server.SetState(household.Kid, "2", new ItemState(0, 5 * 60_000, 1_600_000_000));

        var first = await household.RunAsync("sync", "--to", "Kid", "--two-way", "--policy", policy);
        var second = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--two-way", "--policy", policy);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
    }

    [Fact]
    public async Task Two_way_with_several_targets_writes_nothing_when_run_again()
    {
        await using var household = await StartAsync();

        var first = await household.RunAsync("sync", "--to", "Kid", "--to", "Friend", "--two-way", "--json");
        var second = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--to", "Friend", "--two-way");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(["Kid", "Friend", "Owner"], first.Targets.Select(TitleOf));
        Assert.Equal(1, household.Of(household.World.Owner, 6).ViewCount);
    }

    [Fact]
    public async Task Two_way_tells_scripts_of_the_source_last_and_whose_state_it_gets()
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--two-way", "--json");

        Assert.Equal("Owner", result.Json.GetProperty("source").GetProperty("title").GetString());
        Assert.Equal(["Kid", "Owner"], result.Targets.Select(TitleOf));
        Assert.False(result.Targets[0].TryGetProperty("sources", out _));
        Assert.Equal("Kid", Assert.Single(result.Targets[1].GetProperty("sources").EnumerateArray()).GetProperty("title").GetString());
        Assert.Equal(
            ["6", "7"],
            result.Targets[1].GetProperty("changes").EnumerateArray().Select(static change => change.GetProperty("ratingKey").GetString())
                .Order());
        Assert.Equal((8, 2), (result.Targets[0].GetProperty("verified").GetInt32(), result.Targets[1].GetProperty("verified").GetInt32()));
    }

    [Fact]
    public async Task Two_way_writes_nothing_in_a_dry_run()
    {
        await using var household = await StartAsync();

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--two-way", "--dry-run");

        Assert.Contains("Kid: 8 items would change.", result.Lines);
        Assert.Contains("Owner: 2 items would change.", result.Lines);
    }

    [Fact]
    public async Task Undo_takes_both_directions_back()
    {
        await using var household = await StartAsync();
        var (owner, kid) = (household.SeenBy(household.World.Owner), household.SeenBy(household.Kid));
        await household.RunAsync("sync", "--to", "Kid", "--two-way");

        var result = await household.RunAsync("undo", "--yes", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid", "Owner"], result.Targets.Select(TitleOf).Order());
        Assert.Equal(owner, household.SeenBy(household.World.Owner));
        Assert.Equal(kid, household.SeenBy(household.Kid));
    }

    [Fact]
    public async Task Plan_of_both_directions_is_one_file_that_apply_does_whole()
    {
        await using var household = await StartAsync();
        var file = Path.Combine(household.Folder, "plan.json");

        var plan = await household.RunWithoutWritingAsync("plan", "--to", "Kid", "--two-way", "-o", file);
        var plans = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!["plans"]!.AsArray();
        var first = await household.RunAsync("apply", file, "--json");
        var second = await household.RunWithoutWritingAsync("apply", file);
        var runs = (await household.RunAsync("runs", "--json")).Json.GetProperty("runs");

        Assert.Equal((0, 0, 0), (plan.ExitCode, first.ExitCode, second.ExitCode));
        Assert.Single(runs.EnumerateArray().DistinctBy(static run => Text(run, "run")));
        Assert.Equal(["Kid", "Owner"], plans.Select(static plan => plan!["target"]!["title"]!.GetValue<string>()));
        Assert.Equal(["Kid", "Owner"], first.Targets.Select(TitleOf));
        Assert.Equal(household.SeenBy(household.World.Owner), household.SeenBy(household.Kid));
    }

    [Fact]
    public async Task First_run_with_unwatched_only_remembers_and_says_so()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        household.Server.SetState(household.World.Owner, "2", ItemState.None);

        var first = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--unwatched");
        var second = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--unwatched");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains("First run with --unwatched for these two users: it only records", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("First run", second.Out, StringComparison.Ordinal);
        Assert.Equal(1, household.Of(household.Kid, 2).ViewCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unwatching_on_either_side_travels_in_two_directions(bool isSource)
    {
        await using var household = await StartAsync();
        var (one, other) = isSource ? (household.World.Owner, household.Kid) : (household.Kid, household.World.Owner);
        var first = await household.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched");
        household.Server.SetState(one, "2", ItemState.None);

        var result = await household.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched", "--json");
        var again = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--two-way", "--unwatched");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Contains("only records", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("only records", again.Out, StringComparison.Ordinal);
        Assert.Equal(ItemState.None, household.Of(other, 2));
        Assert.False(household.Of(one, 2).IsWatched);
        var change = Assert.Single(result.Targets.SelectMany(static target => target.GetProperty("changes").EnumerateArray()));
        Assert.Equal(("2", "unwatched", "sourceUnwatched"), (Text(change, "ratingKey"), Text(change, "action"), Text(change, "reason")));
    }

    [Fact]
    public async Task Unwatching_travels_from_source_to_target_in_one_direction()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--unwatched");
        household.Server.SetState(household.World.Owner, "2", ItemState.None);

        var result = await household.RunAsync("sync", "--to", "Kid", "--unwatched");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[UNWATCHED] Movie 2 (2002)", result.Lines);
        Assert.False(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Unwatching_does_not_travel_back_in_one_direction()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--unwatched");
        household.Server.SetState(household.Kid, "2", ItemState.None);

        var result = await household.RunAsync("sync", "--to", "Kid", "--unwatched");

        Assert.Equal(0, result.ExitCode);
        Assert.True(household.Of(household.World.Owner, 2).IsWatched);
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task Unwatching_without_the_option_does_not_travel()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--unwatched");
        household.Server.SetState(household.World.Owner, "2", ItemState.None);

        await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Unwatching_is_refused_whole_when_there_is_more_than_allowed()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched");
        household.Server.SetState(household.World.Owner, "2", ItemState.None);
        household.Server.SetState(household.World.Owner, "3", ItemState.None);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--two-way", "--unwatched", "--max-removals", "1");

        Assert.Equal(6, result.ExitCode);
        Assert.Contains("The plan removes more from “Kid” than the limit allows.", result.Error, StringComparison.Ordinal);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Unwatching_by_an_undo_does_not_travel()
    {
        await using var household = await StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched");
        await household.RunAsync("undo", "--yes");

        var result = await household.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(
            result.Targets.SelectMany(static target => target.GetProperty("changes").EnumerateArray()),
            static change => Text(change, "action") == "unwatched");
        Assert.True(household.Of(household.World.Owner, 2).IsWatched);
        Assert.True(household.Of(household.Kid, 6).IsWatched);
    }

    /// <summary>Kid has watched 6 and begun 7, of which the owner knows nothing.</summary>
    private static async Task<Household> StartAsync()
    {
        var world = Worlds.Small();
        world.Server.SetState(world.User("Kid"), "6", new ItemState(1, 0, 1_700_000_000));
        world.Server.SetState(world.User("Kid"), "7", new ItemState(0, 15 * 60_000, 1_700_000_000));
        return await Household.StartAsync(world);
    }

    private static string? TitleOf(JsonElement target) => Text(target.GetProperty("user"), "title");

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
