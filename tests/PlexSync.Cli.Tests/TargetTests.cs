namespace PlexSync.Cli.Tests;

/// <summary>One source, several targets.</summary>
public sealed class TargetTests
{
    [Fact]
    public async Task Several_targets_all_get_the_state()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Friend", "--to", "Kid", "--json");
        var again = await household.RunWithoutWritingAsync("sync", "--to", "Friend", "--to", "Kid");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Equal(["Friend", "Kid"], Titles(result));
        Assert.True(household.Of(household.World.User("Friend"), 2).IsWatched);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task To_all_means_everybody_in_the_Home_but_the_source()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        var result = await household.RunAsync("sync", "--to-all", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid", "Teen"], Titles(result).Order());
        Assert.Empty(household.SeenBy(household.World.User("Friend")));
    }

    [Fact]
    public async Task To_all_leaves_out_the_user_that_is_excepted()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to-all", "--except", "Teen", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid"], Titles(result));
        Assert.Empty(household.SeenBy(household.World.User("Teen")));
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task To_all_leaves_out_a_member_whose_PIN_is_missing()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to-all");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("“Teen” was skipped: “Teen” is protected by a PIN", result.Error, StringComparison.Ordinal);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
        Assert.Empty(household.SeenBy(household.World.User("Teen")));
    }

    [Fact]
    public async Task Nobody_is_written_to_when_the_PIN_of_one_who_was_named_is_missing()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--to", "Teen");

        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public async Task To_all_leaves_out_another_source()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--from", "Kid", "--to-all", "--except", "Teen", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Owner"], Titles(result));
    }

    [Fact]
    public async Task To_as_an_option_counts_more_than_to_all_in_the_file()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "toAll": true }""");

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid"], Titles(result));
    }

    [Fact]
    public async Task To_as_an_option_counts_more_than_to_all_and_except_in_the_file()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "toAll": true, "except": ["Teen"] }""");

        var everybody = await household.RunAsync("sync", "--dry-run", "--json");
        var result = await household.RunAsync("sync", "--to", "Friend", "--json");

        Assert.Equal((0, 0), (everybody.ExitCode, result.ExitCode));
        Assert.Equal(["Kid"], Titles(everybody));
        Assert.Equal(["Friend"], Titles(result));
    }

    private static IEnumerable<string?> Titles(Result result) =>
        result.Targets.Select(static target => target.GetProperty("user").GetProperty("title").GetString());
}
