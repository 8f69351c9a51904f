using PlexSync.Simulator;

namespace PlexSync.Cli.Tests;

/// <summary>Every direction and every group of users is one command, with the plan, the undo and the limits of every other run.</summary>
public sealed class ReachTests
{
    private static readonly ItemState Seen = new(1, 0, 1_700_000_000);

    [Fact]
    public async Task Two_way_gives_each_what_the_other_has_and_is_undone_for_both()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "6", Seen);

        var first = await home.RunAsync("sync", "--to", "Kid", "--two-way", "--json");
        var again = await home.RunAsync("sync", "--to", "Kid", "--two-way", "--json");

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
        Assert.Equal(1, home.Of(home.World.Owner, 6).ViewCount);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
        Assert.Equal(0, again.Json.GetProperty("requests").GetProperty("writes").GetInt32());
        var targets = first.Json.GetProperty("targets");
        Assert.Equal(["Kid", "Owner"], targets.EnumerateArray().Select(target => target.GetProperty("user").GetProperty("title").GetString()));
        Assert.Equal("Kid", targets[1].GetProperty("sources")[0].GetProperty("title").GetString());

        var undo = await home.RunAsync("undo", "--yes");

        Assert.Equal(0, undo.ExitCode);
        Assert.Equal(0, home.Of(home.World.Owner, 6).ViewCount);
        Assert.Equal(0, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Plan_of_two_directions_is_one_file_that_is_applied_as_one_run()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "6", Seen);
        var file = Path.Combine(home.Folder, "plan.json");

        Assert.Equal(0, (await home.RunAsync("plan", "--to", "Kid", "--two-way", "-o", file)).ExitCode);
        Assert.Empty(home.Server.Plays);
        var apply = await home.RunAsync("apply", file, "--json");

        Assert.Equal(0, apply.ExitCode);
        Assert.Equal(1, home.Of(home.World.Owner, 6).ViewCount);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
        Assert.Single((await home.RunAsync("runs", "--json")).Json.GetProperty("runs").EnumerateArray().DistinctBy(run => run.GetProperty("run").GetString()));
    }

    [Fact]
    public async Task Unwatching_travels_from_the_second_run_on_and_says_so_on_the_first()
    {
        await using var home = await Household.StartAsync();

        var first = await home.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched");
        home.Server.SetState(home.World.Owner, "1", ItemState.None);
        var second = await home.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched");

        Assert.Contains("only remembers", first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("only remembers", second.Out, StringComparison.Ordinal);
        Assert.Contains("[UNWATCHED] Movie 1", second.Out, StringComparison.Ordinal);
        Assert.Equal(ItemState.None, home.Of(home.Kid, 1));

        home.Server.SetState(home.World.Owner, "2", ItemState.None);
        home.Server.SetState(home.World.Owner, "3", ItemState.None);
        var refused = await home.RunAsync("sync", "--to", "Kid", "--two-way", "--unwatched", "--max-removals", "1");

        Assert.Equal(6, refused.ExitCode);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Mirror_takes_away_within_the_limit_only()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "6", Seen);
        home.Server.SetState(home.Kid, "7", Seen);

        Assert.Equal(6, (await home.RunAsync("sync", "--to", "Kid", "--policy", "mirror", "--max-removals", "1")).ExitCode);
        Assert.Empty(home.Server.Plays);
        Assert.Equal(0, (await home.RunAsync("sync", "--to", "Kid", "--policy", "mirror")).ExitCode);
        Assert.Equal((ItemState.None, ItemState.None), (home.Of(home.Kid, 6), home.Of(home.Kid, 7)));
    }

    [Fact]
    public async Task Merge_brings_everybody_to_the_same_and_the_second_writes_nothing()
    {
        await using var home = await Household.StartAsync();
        home.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        home.Server.SetState(home.World.User("Teen"), "6", Seen);

        var first = await home.RunAsync("merge", "--user", "Teen", "--user", "Owner", "--user", "Kid", "--json");
        var again = await home.RunAsync("merge", "--user", "Kid", "--user", "Teen", "--user", "Owner", "--json");

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
        Assert.All(home.World.Users.Take(3), user => Assert.Equal((1, 1), (home.Of(user, 6).ViewCount, home.Of(user, 1).ViewCount)));
        Assert.Equal(0, again.Json.GetProperty("requests").GetProperty("writes").GetInt32());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, first.Json.GetProperty("source").ValueKind);
        Assert.Equal(2, first.Json.GetProperty("targets")[0].GetProperty("sources").GetArrayLength());
    }

    [Fact]
    public async Task To_all_means_the_home_but_the_source_and_whom_except_names()
    {
        await using var home = await Household.StartAsync();

        Assert.Equal(3, (await home.RunAsync("sync", "--to-all")).ExitCode);
        Assert.Empty(home.Server.Plays);
        var result = await home.RunAsync("sync", "--to-all", "--except", "Teen", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid"], result.Json.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("user").GetProperty("title").GetString()));
    }

    [Theory]
    [InlineData("auto", 26, true)]
    [InlineData("guid", 26, true)]
    [InlineData("key", 26, false)]
    [InlineData("auto", 46, true)]
    public async Task Copy_of_what_is_hidden_gets_its_state_by_ids(string match, int copy, bool expected)
    {
        await using var home = await Household.StartAsync(Worlds.Twins());

        var result = await home.RunAsync("sync", "--to", "Kid", "--match", match, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(expected, home.Of(home.Kid, copy).IsWatched);
        Assert.Equal(0, (await home.RunAsync("sync", "--to", "Kid", "--match", match, "--json")).Json.GetProperty("requests").GetProperty("writes").GetInt32());
    }

    [Fact]
    public async Task Another_server_is_written_to_with_its_own_token_and_undone_with_it()
    {
        var world = Worlds.TwoServers();
        await using var home = await Household.StartAsync(world.World);
        var nina = world.World.User("Nina");
        var before = world.Den.StatesOf(nina);
        string[] there = ["--to-server", home.Plex.UrlOf(world.Den).GetLeftPart(UriPartial.Authority), "--to-token-file", home.WriteFile("den.token", world.World.User("Cousin").AccountToken)];

        var first = await home.RunAsync(["sync", "--to", "Nina", .. there, "--json"]);
        var again = await home.RunAsync(["sync", "--to", "Nina", .. there, "--json"]);

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
        Assert.True(first.Json.GetProperty("targets")[0].GetProperty("applied").GetInt32() > 300);
        Assert.Equal("Den", first.Json.GetProperty("targets")[0].GetProperty("server").GetProperty("name").GetString());
        Assert.Equal(0, again.Json.GetProperty("requests").GetProperty("writes").GetInt32());
        Assert.All(world.Nas.Plays, play => Assert.Fail($"{play} on the source's server"));

        var undo = await home.RunAsync(["undo", .. there, "--yes"]);

        Assert.True(undo.ExitCode == 0, undo.Error);
        Assert.Equal(before.Where(pair => pair.Value.IsWatched).Select(pair => pair.Key).Order(), world.Den.StatesOf(nina).Where(pair => pair.Value.IsWatched).Select(pair => pair.Key).Order());
    }

    [Fact]
    public async Task Another_server_is_named_with_what_is_wrong_there()
    {
        var world = Worlds.TwoServers();
        await using var home = await Household.StartAsync(world.World);
        var den = home.Plex.UrlOf(world.Den).GetLeftPart(UriPartial.Authority);
        var token = home.WriteFile("den.token", world.World.User("Cousin").AccountToken);

        var nobody = await home.RunAsync("sync", "--to", "Kid", "--to-server", den, "--to-token-file", token);
        var notOurs = await home.RunAsync("sync", "--to", "Nina", "--to-server", den);
        var wrong = await home.RunAsync("sync", "--to", "Nina", "--to-server", den, "--to-token-file", home.WriteFile("wrong", "notavalidtoken123456"));

        Assert.Equal((2, 3, 3), (nobody.ExitCode, notOurs.ExitCode, wrong.ExitCode));
        Assert.Contains("There is no user “Kid”", nobody.Error, StringComparison.Ordinal);
        Assert.Empty(world.Den.Plays);
    }

    [Fact]
    public async Task Items_are_chosen_by_type_library_show_date_and_kind()
    {
        await using var home = await Household.StartAsync(Worlds.Music());

        await PlansAsync(["--type", "track"], "26", "27", "28", "31", "37", "38");
        await PlansAsync(["--type", "!movie"], "13", "14", "15", "16");
        await PlansAsync(["--library", "!TV Shows"], "2", "3", "4", "5");
        await PlansAsync(["--show", "show 1"], "13", "14", "15", "16");
        await PlansAsync(["--only", "progress"], "4", "16");
        await PlansAsync(["--only", "watched", "--library", "Movies"], "2", "3", "5");
        await PlansAsync(["--since", "2026-05-09"], "14", "15", "16");
        await PlansAsync(["--since", "1h"]);

        async Task PlansAsync(string[] options, params string[] keys)
        {
            var result = await home.RunAsync(["sync", "--to", "Kid", "--dry-run", "--json", .. options]);
            Assert.Equal(0, result.ExitCode);
            var changed = result.Json.GetProperty("targets")[0].GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("ratingKey").GetString());
            // Kid has listened to the first track already.
            Assert.Equal(keys.Except(["26"]).Order(), changed.Order());
        }
    }

    [Fact]
    public async Task Explain_tells_what_both_have_and_what_comes_of_it()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "4", Seen);

        var text = await home.RunAsync("explain", "--to", "Kid", "Movie");
        var json = await home.RunAsync("explain", "--to", "Kid", "Movie", "--json");
        var none = await home.RunAsync("explain", "--to", "Kid", "Nothing of the kind");

        Assert.Equal((0, 0, 0), (text.ExitCode, json.ExitCode, none.ExitCode));
        Assert.Empty(home.Server.Plays);
        Assert.Contains("→ Kid gets: watched, because the other side has watched it (policy copy).", text.Out, StringComparison.Ordinal);
        Assert.Contains("Owner has nothing that is called “Nothing of the kind”.", none.Out, StringComparison.Ordinal);
        var verdicts = json.Json.GetProperty("items").EnumerateArray().ToDictionary(
            item => (item.GetProperty("source").EnumerateArray().Concat(item.GetProperty("target").EnumerateArray())).First().GetProperty("ratingKey").GetString()!,
            item => item.GetProperty("verdict").GetString());
        Assert.Equal(("equal", "changes", "leftByPolicy", "nothingSeen"), (verdicts["1"], verdicts["2"], verdicts["4"], verdicts["7"]));
    }

    [Theory]
    [InlineData("There is no policy “best”; there is: copy, fill, furthest, newest, mirror.", "sync", "--to", "Kid", "--policy", "best")]
    [InlineData("“mirror” makes one user exactly like the other, so it cannot go with --two-way.", "sync", "--to", "Kid", "--policy", "mirror", "--two-way")]
    [InlineData("--since is “tomorrow”; it takes a day that has come", "sync", "--to", "Kid", "--since", "tomorrow")]
    [InlineData("--since is “2999-01-01”; it takes a day that has come", "sync", "--to", "Kid", "--since", "2999-01-01")]
    [InlineData("--match is “name”; it takes one of: auto, key, guid.", "sync", "--to", "Kid", "--match", "name")]
    [InlineData("--only is “all”; it takes one of: watched, progress.", "sync", "--to", "Kid", "--only", "all")]
    [InlineData("--type is “photo”; it takes one of: movie, episode, track.", "sync", "--to", "Kid", "--type", "photo")]
    [InlineData("--type leaves nothing to synchronise", "sync", "--to", "Kid", "--type", "!movie", "--type", "!episode")]
    [InlineData("--library needs a value.", "sync", "--to", "Kid", "--library", "!")]
    [InlineData("There is no show or artist “Show 9” in these libraries. Nearest: Show 1.", "sync", "--to", "Kid", "--show", "Show 9")]
    [InlineData("A merge takes two users at least", "merge", "--user", "Kid")]
    [InlineData("“Kid” is named twice.", "merge", "--user", "Kid", "--user", "id:1002")]
    [InlineData("“copy” cannot bring several users together", "merge", "--user", "Kid", "--user", "Owner", "--policy", "copy")]
    [InlineData("“Kid” cannot be both source and target, or target twice.", "sync", "--to", "Kid", "--to", "id:1002")]
    [InlineData("--to-all already means everybody in the Home", "sync", "--to-all", "--to", "Kid")]
    [InlineData("--except means something only together with --to-all.", "sync", "--to", "Kid", "--except", "Teen")]
    [InlineData("--to-all: nobody else is in the Home.", "sync", "--to-all", "--except", "Teen", "--except", "Kid")]
    [InlineData("--to-token-file means something only together with --to-server.", "sync", "--to", "Kid", "--to-token-file", "x")]
    [InlineData("--match key works within one server", "sync", "--to", "Kid", "--to-server", "Den", "--match", "key")]
    [InlineData("plexsync explain needs a word: TITLE", "explain", "--to", "Kid")]
    public async Task Wrong_words_are_answered_with_one_sentence_and_nothing_is_written(string sentence, params string[] args)
    {
        await using var home = await Household.StartAsync();

        var (english, french) = (await home.RunAsync([.. args, "--quiet"]), await home.RunAsync([.. args, "--quiet", "--lang", "fr"]));

        Assert.Equal((2, 2), (english.ExitCode, french.ExitCode));
        Assert.StartsWith($"plexsync: {sentence}", english.Error, StringComparison.Ordinal);
        Assert.NotEqual(english.Error, french.Error);
        Assert.Equal(("", ""), (english.Out, french.Out));
        Assert.Equal((1, 1), (english.Error.Count(letter => letter == '\n'), french.Error.Count(letter => letter == '\n')));
        Assert.Empty(home.Server.Plays);
    }
}
