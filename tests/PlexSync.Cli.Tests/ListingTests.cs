namespace PlexSync.Cli.Tests;

/// <summary>Libraries that cannot be read whole are left out, never taken for empty.</summary>
public sealed class ListingTests
{
    public static TheoryData<string> Damages { get; } =
        ["status", "html", "dropped", "repeated", "empty", "shrinking", "total", "truncated"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_library_that_does_not_come_whole_is_left_out(string damage)
    {
        await using var household = await Household.StartAsync();
        Break(household, "/library/sections/2/all", damage);

        var result = await household.RunAsync("sync", "--to", "Kid", "--page-size", "4");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains(result.Lines, static line => line.StartsWith("Skipped: ", StringComparison.Ordinal));
        Assert.Contains("Kid: 4 items updated, 1 library skipped.", result.Lines);
        Assert.All(household.Server.Writes, static play => Assert.InRange(int.Parse(play.RatingKey), 1, 10));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Nothing_is_written_when_no_library_comes_whole(string damage)
    {
        await using var household = await Household.StartAsync();
        Break(household, "/library/sections/1/all", damage);
        Break(household, "/library/sections/2/all", damage);

        var result = await household.RunAsync("sync", "--to", "Kid", "--page-size", "4");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task A_listing_that_is_damaged_once_is_read_again()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/1/all").By(household.Kid).Times(1).DropItem();

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid")).ExitCode);
        Assert.Equal(9, household.Plex.Requests.Writes);
    }

    private static void Break(Household household, string path, string damage)
    {
        var rule = household.Plex.Faults.On(path).By(household.Kid);
        _ = damage switch
        {
            "status" => rule.Status(500),
            "html" => rule.Html(),
            "dropped" => rule.DropItem(),
            "repeated" => rule.And(static request => request.HeaderOrQuery("X-Plex-Container-Start") != "0").RepeatPage(),
            "empty" => rule.And(static request => request.HeaderOrQuery("X-Plex-Container-Start") != "0").EmptyPage(),
            "shrinking" => rule.And(static request => request.HeaderOrQuery("X-Plex-Container-Start") != "0").ShrinkListing(2),
            "total" => rule.WrongTotal(1),
            "truncated" => rule.TruncateBody(),
            _ => throw new ArgumentException(damage, nameof(damage)),
        };
    }
}
