using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

public sealed class ExplainTests
{
    [Fact]
    public async Task Explain_tells_why_an_item_changes()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunWithoutWritingAsync("explain", "--to", "Kid", "Movie 4");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            [
                "Movie 4 (2004)",
                "Owner: in progress at 20:00, viewed 6 May 2026, 00:00 UTC (rating key 4)",
                "Kid: nothing (rating key 4)",
                "Matched by rating key: the same item on the same server.",
                "→ Kid gets: in progress at 20:00, because Owner has started it (policy copy).",
            ],
            result.Lines);
    }

    [Fact]
    public async Task Explain_tells_scripts_why_an_item_changes()
    {
        await using var household = await Household.StartAsync();

        var item = await ItemAsync(household, "Movie 4");

        Assert.Equal(("changes", "key"), (Text(item, "verdict"), Text(item, "match")));
        var change = Assert.Single(item.GetProperty("changes").EnumerateArray());
        Assert.Equal(("4", "progress", "sourceInProgress"), (Text(change, "ratingKey"), Text(change, "action"), Text(change, "reason")));
        Assert.Equal(20 * 60_000, item.GetProperty("source")[0].GetProperty("state").GetProperty("positionMs").GetInt64());
        Assert.Equal("4", Text(item.GetProperty("target")[0], "ratingKey"));
        Assert.Empty(item.GetProperty("sourceChanges").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, item.GetProperty("skipped").ValueKind);
    }

    [Fact]
    public async Task Explain_document_has_the_documented_shape()
    {
        await using var household = await Household.StartAsync();

        var json = (await household.RunAsync("explain", "--to", "Kid", "Movie 4", "--json")).Json;

        Assert.Equal(["server", "source", "target", "policy", "items"], json.EnumerateObject().Select(static property => property.Name));
        Assert.Equal("Kid", Text(json.GetProperty("target"), "title"));
        Assert.Equal(
            ["source", "target", "match", "verdict", "skipped", "changes", "sourceChanges"],
            json.GetProperty("items")[0].EnumerateObject().Select(static property => property.Name));
    }

    [Theory]
    [InlineData("Movie 1 (", "equal", "→ Nothing to do: Owner and Kid have the same state.")]
    [InlineData("Movie 9", "nothingSeen", "→ Nothing to do: neither user has watched or started it.")]
    public async Task Explain_says_that_there_is_nothing_to_do(string title, string verdict, string sentence)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("explain", "--to", "Kid", title);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(sentence, result.Lines);
        Assert.Equal(verdict, Text(await ItemAsync(household, title), "verdict"));
    }

    [Fact]
    public async Task Explain_tells_of_every_item_that_the_title_may_mean()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.Kid, "4", new ItemState(1, 0, 1_700_000_000));

        var text = await household.RunWithoutWritingAsync("explain", "--to", "Kid", "Movie");
        var json = await household.RunWithoutWritingAsync("explain", "--to", "Kid", "Movie", "--json");

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Contains("→ Kid gets: watched, because Owner has watched it (policy copy).", text.Lines);
        var verdicts = json.Json.GetProperty("items").EnumerateArray().ToDictionary(
            static item =>
                Text(item.GetProperty("source").EnumerateArray().Concat(item.GetProperty("target").EnumerateArray()).First(), "ratingKey")!,
            static item => Text(item, "verdict"));
        Assert.Equal(("equal", "changes", "leftByPolicy", "nothingSeen"), (verdicts["1"], verdicts["2"], verdicts["4"], verdicts["7"]));
    }

    [Fact]
    public async Task Explain_says_that_the_policy_leaves_it()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.Kid, "4", new ItemState(1, 0, 1_700_000_000));

        var result = await household.RunAsync("explain", "--to", "Kid", "Movie 4");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("→ Unchanged: the policy copy keeps what Kid has.", result.Lines);
        Assert.Equal("leftByPolicy", Text(await ItemAsync(household, "Movie 4"), "verdict"));
    }

    [Fact]
    public async Task Explain_says_that_the_target_may_not_see_it()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "10", new ItemState(1, 0, 1_700_000_000));

        var result = await household.RunAsync("explain", "--to", "Kid", "Movie 10");
        var item = await ItemAsync(household, "Movie 10");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("→ Skipped for Kid: the user does not have access to it.", result.Lines);
        Assert.DoesNotContain(result.Lines, static line => line.StartsWith("Kid: ", StringComparison.Ordinal));
        Assert.Equal(("skipped", "notVisibleToTarget"), (Text(item, "verdict"), Text(item.GetProperty("skipped"), "kind")));
        Assert.Empty(item.GetProperty("target").EnumerateArray());
    }

    [Fact]
    public async Task Explain_says_that_a_position_cannot_be_kept()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "7", new ItemState(0, 30_000, 1_700_000_000));

        var item = await ItemAsync(household, "Movie 7");

        Assert.Equal(("skipped", "positionTooShort"), (Text(item, "verdict"), Text(item.GetProperty("skipped"), "kind")));
    }

    [Fact]
    public async Task Explain_says_that_it_was_not_asked_for()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("explain", "--to", "Kid", "Movie 2", "--since", "1d");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("→ Unchanged: excluded by --label, --collection, --since or --only.", result.Lines);
        Assert.Equal("notAskedFor", Text(await ItemAsync(household, "Movie 2", "--since", "1d"), "verdict"));
    }

    [Fact]
    public async Task Explain_says_that_nobody_has_such_a_title()
    {
        await using var household = await Household.StartAsync();

        var text = await household.RunAsync("explain", "--to", "Kid", "Solaris");
        var json = await household.RunAsync("explain", "--to", "Kid", "Solaris", "--json");

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Equal(["Owner has no item that matches “Solaris”. Try a shorter part of the title."], text.Lines);
        Assert.Empty(json.Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Explain_tells_of_both_directions()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.Kid, "6", new ItemState(1, 0, 1_700_000_000));

        var result = await household.RunWithoutWritingAsync("explain", "--to", "Kid", "--two-way", "Movie 6");
        var item = await ItemAsync(household, "Movie 6", "--two-way");

        Assert.Contains("→ Owner gets: watched, because Kid has watched it (policy copy).", result.Lines);
        Assert.Empty(item.GetProperty("changes").EnumerateArray());
        Assert.Equal("6", Text(Assert.Single(item.GetProperty("sourceChanges").EnumerateArray()), "ratingKey"));
    }

    [Fact]
    public async Task Explain_shows_the_copies_and_how_they_were_found()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());

        var result = await household.RunAsync("explain", "--to", "Kid", "Movie 6");

        Assert.Contains("Kid: nothing (rating key 26)", result.Lines);
        Assert.Contains("Matched by an imdb, tmdb, tvdb or mbid identifier.", result.Lines);
        Assert.Equal("externalId", Text(await ItemAsync(household, "Movie 6"), "match"));
    }

    [Fact]
    public async Task Explain_finds_an_episode_by_how_it_is_shown()
    {
        await using var household = await Household.StartAsync();

        var item = await ItemAsync(household, "show 1 – s01e02");

        Assert.Equal("Show 1 – S01E02 – Episode 1.2", Text(item.GetProperty("source")[0], "title"));
    }

    [Fact]
    public async Task Explain_speaks_French()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("explain", "--to", "Kid", "Movie 4", "--lang", "fr");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(5, result.Lines.Length);
        Assert.DoesNotContain("because", result.Out, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ItemAsync(Household household, string title, params string[] args)
    {
        var result = await household.RunWithoutWritingAsync(["explain", "--to", "Kid", title, "--json", .. args]);
        return Assert.Single(result.Json.GetProperty("items").EnumerateArray());
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
