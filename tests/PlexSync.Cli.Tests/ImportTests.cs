using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>A history from Tautulli or a file comes to a user like any other plan, and its key goes nowhere else.</summary>
public sealed class ImportTests
{
    private const string Key = "tautulli-5ecr3t";

    [Fact]
    public async Task Tautullis_history_is_imported_and_a_second_time_there_is_nothing_to_do()
    {
        await using var home = await StartAsync();

        var result = await home.RunAsync("import", "tautulli", Url(home), "--user", "Kid", "--yes");
        var again = await home.RunWithoutWritingAsync("import", "tautulli", Url(home), "--user", "Kid", "--yes");
        var undone = await home.RunAsync("undo", "--yes");

        Assert.Equal((0, 0, 0), (result.ExitCode, again.ExitCode, undone.ExitCode));
        Assert.Contains("History of Kid → Kid on “NAS”", result.Out, StringComparison.Ordinal);
        Assert.Contains("[WATCHED] Movie 2 (2002)", result.Out, StringComparison.Ordinal);
        Assert.Contains("1 item skipped for Kid: the history only knows a percentage.", result.Out, StringComparison.Ordinal);
        Assert.Contains("Not imported, by kind: music (1).", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Positions_are_imported_on_demand_and_named_as_approximate()
    {
        await using var home = await StartAsync();

        var result = await home.RunAsync("import", "tautulli", Url(home), "--user", "Kid", "--positions", "--yes", "--json");

        using var document = JsonDocument.Parse(result.Out);
        var target = document.RootElement.GetProperty("targets")[0];
        var change = target.GetProperty("changes").EnumerateArray().Single(change => change.GetProperty("ratingKey").GetString() == "3");
        Assert.Equal(
            ("progress", "approximatePosition"), (change.GetProperty("action").GetString(), change.GetProperty("reason").GetString()));
        Assert.Equal(40 * 60_000, home.Of(home.Kid, 3).ViewOffset);
        Assert.Equal("import", target.GetProperty("policy").GetString());
        var import = document.RootElement.GetProperty("import");
        Assert.Equal((3, 2), (import.GetProperty("entries").GetInt32(), import.GetProperty("items").GetInt32()));
        Assert.Equal("""{"track":1}""", import.GetProperty("otherKinds").GetRawText().Replace(" ", "", StringComparison.Ordinal)
            .Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal(home.Plex.Requests.Reads, document.RootElement.GetProperty("requests").GetProperty("reads").GetInt32());
    }

    [Fact]
    public async Task Dry_run_writes_nothing_and_says_how_to_do_it()
    {
        await using var home = await StartAsync();

        var result = await home.RunWithoutWritingAsync("import", "tautulli", Url(home), "--user", "Kid", "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"plexsync import tautulli {Url(home)} --user Kid", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Key_comes_from_a_file_or_a_variable_and_is_never_shown(bool isFile)
    {
        await using var home = await StartAsync();
        home.Environment.Remove("PLEXSYNC_TAUTULLI_KEY");
        var args = new List<string> { "import", "tautulli", Url(home), "--user", "Kid", "--yes", "--verbose" };
        if (isFile)
        {
            args.AddRange(["--key-file", home.WriteFile("key", $"{Key}\n")]);
        }
        else
        {
            home.Environment["PLEXSYNC_TAUTULLI_KEY"] = Key;
        }

        var result = await home.RunAsync([.. args]);

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(Key, result.Out + result.Error, StringComparison.Ordinal);
        Assert.All(
            home.Plex.Requests.All,
            request => Assert.Equal(request.Role == "tautulli", request.Headers.Values.Contains(Key)));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(home.Environment["PLEXSYNC_HOME"], "*", SearchOption.AllDirectories),
            static file => File.ReadAllText(file).Contains(Key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "import", "tautulli", "http://kid:5ecr3t@nas:8181", "--user", "Kid")]
    [InlineData(2, "import", "tautulli", "http://nas:8181/api/v2?apikey=5ecr3t", "--user", "Kid")]
    [InlineData(2, "import", "tautulli", "nas:8181/api/v2?apikey=5ecr3t", "--user", "Kid")]
    [InlineData(2, "import", "tautulli", "http://nas:8181", "--user", "Kid", "--api-key", "5ecr3t")]
    [InlineData(2, "import", "tautulli", "http://nas:8181", "--user", "Kid", "--key=5ecr3t")]
    public async Task Secret_on_the_command_line_is_refused_and_not_repeated(int exitCode, params string[] args)
    {
        await using var home = await StartAsync();

        var result = await home.RunAsync([.. args, "--yes"]);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.DoesNotContain("5ecr3t", result.Out + result.Error, StringComparison.Ordinal);
        Assert.Empty(home.Plex.Requests.All);
    }

    [Theory]
    [InlineData(3, "does not accept the key", "wrong", null)]
    [InlineData(4, "could not return its history: database is locked", Key, "database is locked")]
    public async Task Tautullis_refusals_have_their_exit_codes(int exitCode, string text, string key, string? failure)
    {
        await using var home = await StartAsync();
        home.Environment["PLEXSYNC_TAUTULLI_KEY"] = key;
        home.World.Tautulli!.Failure = failure;

        var result = await home.RunWithoutWritingAsync("import", "tautulli", Url(home), "--user", "Kid", "--yes");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_Tautulli_or_not_there_is_exit_4()
    {
        await using var home = await StartAsync();

        var other = await home.RunWithoutWritingAsync("import", "tautulli", $"{home.Plex.TautulliUrl}elsewhere", "--user", "Kid", "--yes");
        var nothing = await home.RunWithoutWritingAsync("import", "tautulli", "http://127.0.0.1:9", "--user", "Kid", "--yes");

        Assert.Equal((4, 4), (other.ExitCode, nothing.ExitCode));
        Assert.Contains("is not Tautulli", other.Error, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:9 cannot be reached", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_another_user_are_imported_by_name_and_an_unknown_name_lists_who_there_is()
    {
        await using var home = await StartAsync();

        var unknown = await home.RunWithoutWritingAsync(
            "import", "tautulli", Url(home), "--user", "Kid", "--tautulli-user", "Nobody", "--yes");
        var found = await home.RunAsync("import", "tautulli", Url(home), "--user", "Kid", "--tautulli-user", "teen", "--yes");

        Assert.Equal((2, 0), (unknown.ExitCode, found.ExitCode));
        Assert.Contains("Kid (id:1002), Teen (id:1003)", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("History of Teen → Kid", found.Out, StringComparison.Ordinal);
        Assert.Equal((0, 1), (home.Of(home.Kid, 2).ViewCount, home.Of(home.Kid, 6).ViewCount));
    }

    [Fact]
    public async Task File_of_Tautulli_or_of_states_is_read_from_disk_or_standard_input()
    {
        await using var home = await StartAsync();
        var states = """
            {"format":"plexsync-states","version":1,"items":[{"type":"movie","ratingKey":"7","title":"Movie 7","watched":true},17]}
            """;
        var history = """
            {"response":{"result":"success","data":{"data":[{"row_id":1,"user_id":1002,"user":"kid","media_type":"movie","rating_key":8,
            "title":"Movie 8","percent_complete":100,"watched_status":1}]}}}
            """;

        var fromStates = await home.RunAsync("import", "states", home.WriteFile("states.json", states), "--user", "Kid", "--yes");
        var fromHistory = await home.RunAsync(["import", "tautulli", "-", "--user", "Kid", "--yes"], stdin: history);

        Assert.Equal((0, 0), (fromStates.ExitCode, fromHistory.ExitCode));
        Assert.Contains("1 entry of the history cannot be used: 2. “?” (damaged)", fromStates.Error, StringComparison.Ordinal);
        Assert.Equal((1, 1), (home.Of(home.Kid, 7).ViewCount, home.Of(home.Kid, 8).ViewCount));
    }

    [Theory]
    [InlineData("en", "The history has 1 entry about 1 item.", "music (1)", "2. “?” (damaged); 3. “?” (damaged)")]
    [InlineData(
        "fr", "L’historique compte 1 entrée, qui concerne 1 élément.", "musique (1)",
        "2. «\u00A0?\u00A0» (endommagée)\u202F; 3. «\u00A0?\u00A0» (endommagée)")]
    public async Task What_was_read_is_told_in_the_words_of_the_language(string language, string one, string kinds, string unusable)
    {
        await using var home = await StartAsync();
        const string Head = """{"format":"plexsync-states","version":1,"items":[{"type":"movie","ratingKey":"7","title":"Movie 7"}""";
        var single = home.WriteFile("single.json", Head + "]}");
        var mixed = home.WriteFile("mixed.json", Head + """,17,18,{"type":"track"}]}""");

        var first = await home.RunAsync("import", "states", single, "--user", "Kid", "--dry-run", "--lang", language);
        var second = await home.RunAsync("import", "states", mixed, "--user", "Kid", "--dry-run", "--lang", language);

        Assert.Contains(one, first.Error, StringComparison.Ordinal);
        Assert.Contains(kinds, second.Error, StringComparison.Ordinal);
        Assert.Contains(unusable, second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_without_its_scheme_is_told_apart_from_a_missing_file()
    {
        await using var home = await StartAsync();

        var result = await home.RunWithoutWritingAsync("import", "tautulli", "nas:8181", "--user", "Kid", "--yes");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("There is no file “nas:8181”. An address begins with http:// or https://.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("states", "is not a file of states")]
    [InlineData("tautulli", "is not Tautulli’s history")]
    public async Task Another_file_is_refused(string format, string text)
    {
        await using var home = await StartAsync();

        var file = home.WriteFile("x.json", """{"format":"x"}""");

        var result = await home.RunWithoutWritingAsync("import", format, file, "--user", "Kid", "--yes");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
    }

    private static string Url(Household home) => home.Plex.TautulliUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>Kid has watched 2, and come to 40 % of 3; Teen has watched 6.</summary>
    private static async Task<Household> StartAsync()
    {
        var world = Worlds.Small();
        world.Tautulli = new SimulatedTautulli { ApiKey = Key };
        var (kid, server) = (world.User("Kid"), world.Server);
        world.Tautulli.Add(TautulliRow.Of(kid, server.Item("2")));
        world.Tautulli.Add(TautulliRow.Of(kid, server.Item("3"), percent: 40, watched: 0.25));
        world.Tautulli.Add(TautulliRow.Of(kid, server.Item("4")) with { MediaType = "track" });
        world.Tautulli.Add(TautulliRow.Of(world.User("Teen"), server.Item("6")));
        var home = await Household.StartAsync(world);
        home.Environment["PLEXSYNC_TAUTULLI_KEY"] = Key;
        return home;
    }
}
