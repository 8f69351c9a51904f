using System.Text.Json;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Tests;

public sealed class JsonTests
{
    [Fact]
    public async Task Json_tells_everything_about_a_run()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        var json = result.Json;
        Assert.Equal(0, result.ExitCode);
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z-[0-9a-f]{4}$", json.GetProperty("run").GetString());
        Assert.Equal(["run", "dryRun", "server", "source", "targets", "requests", "elapsedMs"], Keys(json));
        Assert.Equal(household.Server.MachineIdentifier, json.GetProperty("server").GetProperty("machineIdentifier").GetString());
        Assert.Equal(["machineIdentifier", "name", "version"], Keys(json.GetProperty("server")));
        Assert.Equal("""{"id":1001,"title":"Owner"}""", Compact(json.GetProperty("source")));
        Assert.Equal(household.Plex.Requests.Reads, json.GetProperty("requests").GetProperty("reads").GetInt32());
        Assert.Equal(9, json.GetProperty("requests").GetProperty("writes").GetInt32());

        var target = Assert.Single(json.GetProperty("targets").EnumerateArray());
        Assert.Equal(["user", "identity", "policy", "libraries", "changes", "skipped", "applied", "failed", "verified"], Keys(target));
        Assert.Equal("proved", target.GetProperty("identity").GetString());
        Assert.Equal("copy", target.GetProperty("policy").GetString());
        Assert.Equal(8, target.GetProperty("applied").GetInt32());
        Assert.Equal(8, target.GetProperty("verified").GetInt32());
        Assert.Equal(
            """{"key":"1","title":"Movies","read":{"source":10,"target":9},"changes":4,"error":null}""",
            Compact(target.GetProperty("libraries")[0]));
        var change = target.GetProperty("changes").EnumerateArray()
            .Single(static change => change.GetProperty("ratingKey").GetString() == "4");
        Assert.Equal(
            """{"ratingKey":"4","type":"movie","title":"Movie 4 (2004)","action":"progress","before":"""
            + """{"viewCount":0,"positionMs":0,"lastViewedAt":null,"userRating":null},"after":"""
            + """{"viewCount":0,"positionMs":1200000,"lastViewedAt":null,"userRating":"""
            + """null},"reason":"sourceInProgress","outcome":"applied","error":null}""",
            Compact(change));
    }

    [Fact]
    public async Task Json_says_planned_in_a_dry_run()
    {
        await using var household = await Household.StartAsync();

        var json = (await household.RunAsync("sync", "--to", "Kid", "--json", "--dry-run")).Json;

        Assert.True(json.GetProperty("dryRun").GetBoolean());
        Assert.All(
            json.GetProperty("targets")[0].GetProperty("changes").EnumerateArray(),
            static change => Assert.Equal("planned", change.GetProperty("outcome").GetString()));
        Assert.Equal(0, json.GetProperty("targets")[0].GetProperty("applied").GetInt32());
    }

    [Fact]
    public async Task Json_is_the_same_in_French_but_for_sentences()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Nobody", "--json", "--lang", "fr");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("userNotFound", result.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.StartsWith(
            "Aucun utilisateur", result.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, result.Json.GetProperty("error").GetProperty("exitCode").GetInt32());
        Assert.Equal("NAS", result.Json.GetProperty("server").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("usage", "sync", "--json", "--nonsense")]
    [InlineData("usage", "sync", "--json", "--page-size", "0")]
    [InlineData("usage", "sync", "--json")]
    [InlineData("userNotFound", "libraries", "--json", "--from", "Nobody")]
    [InlineData("usage", "usres", "--json")]
    [InlineData("usage", "--bogus", "--json")]
    [InlineData("usage", "sync", "--to", "--json")]
    [InlineData("usage", "sync", "--json", "--to", "Kid", "--timeout", "5", "--timeout", "6")]
    [InlineData("usage", "sync", "--timeout", "--json=true")]
    [InlineData("usage", "--json", "[nonsense]", "users")]
    [InlineData("sameUser", "--json", "sync", "--to", "Owner")]
    public async Task Json_is_one_document_for_failures_too(string kind, params string[] args)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync(args);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(kind, result.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.NotEqual("", result.Error);
    }

    [Fact]
    public async Task Json_is_what_the_file_asks_for_though_the_file_is_wrong()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{"bogus":1,"json":true}""");

        var result = await household.RunAsync("users");

        Assert.Equal((2, "configuration"), (result.ExitCode, result.Json.GetProperty("error").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Json_says_at_its_top_that_not_everything_was_done()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Plex.Faults.On("/:/scrobble").By(household.World.User("Teen")).Status(401);

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Teen", "--json", "--quiet");

        var error = result.Json.GetProperty("error");
        Assert.Equal(
            (3, "invalidToken", 3), (result.ExitCode, error.GetProperty("kind").GetString(), error.GetProperty("exitCode").GetInt32()));
        Assert.StartsWith("plexsync: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(8, result.Json.GetProperty("targets")[0].GetProperty("applied").GetInt32());
    }

    [Fact]
    public void Every_word_is_documented()
    {
        var text = PlexSync.Tests.Repository.Read("docs/json.md");
        var words = Enum.GetValues<PlexErrorKind>().Where(kind => kind is not PlexErrorKind.Unknown).Select(Failure.NameOf)
            .Concat(Enum.GetValues<SkipReason>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<ChangeOutcome>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<ChangeAction>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<IdentityProof>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<ExplanationVerdict>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<MatchKind>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<CheckStatus>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<ReadingScope>().Select(Failure.NameOf))
            .Concat(Enum.GetValues<WholeReadingReason>().Select(Failure.NameOf))
            .Concat([$"{ChangeReason.SourceWatched}", $"{ChangeReason.SourceInProgress}", $"{ChangeReason.SourceRewatching}"])
            .Concat([$"{ChangeReason.SourceUnwatched}", $"{ChangeReason.SourceRated}", $"{ChangeReason.Undone}"])
            .Concat(
            [
                Failure.Partial, Failure.Cancelled, CliException.Usage, CliException.Configuration, CliException.NoToken, "policyNotFound",
                "unexpected",
            ]);
        Assert.All(words, word => Assert.Contains($"`{word}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_names_the_error_of_a_library_and_of_a_change()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/2/all").By(household.Kid).DropItem();
        household.Plex.Faults.On("/:/timeline").Status(400);

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        Assert.Equal(5, result.ExitCode);
        var target = result.Json.GetProperty("targets")[0];
        Assert.Equal("incompleteListing", target.GetProperty("libraries")[1].GetProperty("error").GetProperty("kind").GetString());
        var failed = target.GetProperty("changes").EnumerateArray()
            .Where(static change => change.GetProperty("outcome").GetString() == "failed").ToList();
        Assert.Equal(target.GetProperty("failed").GetInt32(), failed.Count);
        Assert.All(failed, static change => Assert.Equal("rejected", change.GetProperty("error").GetProperty("kind").GetString()));
    }

    private static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(static property => property.Name);

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element, CompactContext.Default.JsonElement);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class CompactContext : System.Text.Json.Serialization.JsonSerializerContext;
