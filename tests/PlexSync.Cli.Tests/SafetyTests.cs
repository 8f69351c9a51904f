using System.Globalization;
using System.Text.Json.Nodes;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>Plan, apply, runs, undo, snapshot and restore, as their user meets them.</summary>
public sealed class SafetyTests
{
    [Fact]
    public async Task Plan_writes_a_file_and_nothing_to_plex()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "plan.json");

        var result = await home.RunAsync("plan", "--to", "Kid", "-o", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(home.Server.Writes);
        Assert.Contains($"plexsync apply {file}", result.Out, StringComparison.Ordinal);
        Assert.Contains("[WATCHED] Movie 2", result.Out, StringComparison.Ordinal);
        Assert.Equal(8, JsonNode.Parse(await File.ReadAllTextAsync(file))!["changes"]!.AsArray().Count);
        Assert.Equal([file], Directory.GetFiles(home.Folder, "plan*"));
    }

    [Fact]
    public async Task Plan_goes_to_standard_output_alone_when_asked()
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("plan", "--to", "Kid", "-o", "-");

        Assert.Equal("plexsync-plan", result.Json.GetProperty("format").GetString());
        Assert.DoesNotContain(home.World.Owner.AccountToken, result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_does_what_the_plan_says_and_nothing_the_second_time()
    {
        await using var home = await Household.StartAsync();
        var file = await PlanAsync(home);

        var first = await home.RunAsync("apply", file, "--json");
        var plays = home.Server.Writes.Count;
        var second = await home.RunAsync("apply", file, "--json");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal((8, 8), (Target(first)["applied"]!.GetValue<int>(), Target(first)["verified"]!.GetValue<int>()));
        Assert.Equal(8, Target(second)["skipped"]!["alreadyDone"]!.GetValue<int>());
        Assert.Equal(plays, home.Server.Writes.Count);
    }

    [Fact]
    public async Task Apply_leaves_alone_what_has_changed_and_says_so()
    {
        await using var home = await Household.StartAsync();
        var file = await PlanAsync(home);
        home.Server.SetState(home.Kid, "4", new ItemState(ViewOffset: 600_000, LastViewedAt: 1_700_000_000));

        var result = await home.RunAsync("apply", file, "--json");

        Assert.Equal(5, result.ExitCode);
        Assert.Equal(7, Target(result)["applied"]!.GetValue<int>());
        Assert.Equal(600_000, home.Of(home.Kid, 4).ViewOffset);
    }

    [Fact]
    public async Task Undo_brings_everything_back_and_can_be_undone()
    {
        await using var home = await Household.StartAsync();
        var before = home.Server.StatesOf(home.Kid).Keys.Order().ToList();
        await home.RunAsync("sync", "--to", "Kid");

        var undo = await home.RunAsync("undo", "--yes", "--json");

        Assert.Equal(0, undo.ExitCode);
        Assert.Equal(
            before,
            home.Server.StatesOf(home.Kid).Where(state => state.Value.IsWatched || state.Value.IsInProgress).Select(state => state.Key)
                .Order());

        var again = await home.RunAsync("undo", undo.Json.GetProperty("run").GetString()!, "--yes", "--json");

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
        Assert.Equal(20 * 60_000, home.Of(home.Kid, 4).ViewOffset);

        // The undo of the undo leaves the first run to be undone again.
        var last = await home.RunAsync("undo", "--dry-run", "--json");
        Assert.Equal(8, Target(last)["changes"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("undo", "--yes")]
    [InlineData("undo", "--dry-run")]
    public async Task Undo_leaves_out_one_of_several_users_who_can_no_longer_be_served(params string[] args)
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Friend", "--to", "Kid");
        foreach (var library in home.Server.Libraries)
        {
            library.SharedWith.Remove(home.World.User("Friend").Id);
        }

        var result = await home.RunAsync([.. args, "--json"]);

        Assert.Equal(5, result.ExitCode);
        Assert.Equal(
            [("Kid", "proved"), ("Friend", "none")],
            result.Targets.Select(static target => (
                target.GetProperty("user").GetProperty("title").GetString(), target.GetProperty("identity").GetString())));
        Assert.Equal(args.Contains("--yes") ? 0 : 1, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Undo_takes_nothing_away_that_was_watched_since()
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        home.Server.SetState(home.Kid, "2", new ItemState(2, 0, 1_790_000_000));

        var result = await home.RunAsync("undo", "--yes", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, home.Of(home.Kid, 2).ViewCount);
        Assert.Equal(1, Target(result)["skipped"]!["changedSincePlanned"]!.GetValue<int>());
    }

    [Fact]
    public async Task Undo_names_what_cannot_be_brought_back()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "2", new ItemState(ViewOffset: 300_000, LastViewedAt: 1_600_000_000));
        await home.RunAsync("sync", "--to", "Kid");

        var result = await home.RunAsync("undo", "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("The original watch date of 1 item cannot be restored", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("n\n", false)]
    [InlineData("", false)]
    public async Task Undo_asks_on_a_terminal(string answer, bool isUndone)
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        home.Terminal = new Terminal { IsInput = true, IsError = true };

        var result = await home.RunAsync(["undo"], stdin: answer);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[UNWATCHED] Movie 2", result.Out, StringComparison.Ordinal);
        Assert.Equal(isUndone ? 0 : 1, home.Of(home.Kid, 2).ViewCount);
        Assert.Equal(!isUndone, result.Error.Contains("Nothing was written", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("undo")]
    [InlineData("restore", "x.jsonl", "--user", "Kid")]
    public async Task Command_that_takes_back_needs_consent_where_nobody_can_be_asked(params string[] args)
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        // A file that is missing would be spoken of first.
        args = Array.ConvertAll(args, word => word == "x.jsonl" ? home.WriteFile(word, "") : word);
        home.Plex.Requests.Clear();

        var result = await home.RunAsync(args);
        home.Terminal = new Terminal { IsInput = true, IsError = true };
        var json = await home.RunAsync([.. args, "--json"]);

        Assert.Equal((2, 2), (result.ExitCode, json.ExitCode));
        Assert.Contains("--yes", result.Error, StringComparison.Ordinal);
        Assert.Empty(home.Plex.Requests.All);
    }

    [Fact]
    public async Task Undo_says_that_there_is_nothing_to_undo()
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("undo");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("There is no run to undo.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-01T00-00-00Z-abcd")]
    [InlineData("../../etc/passwd")]
    [InlineData("7")]
    [InlineData("0")]
    public async Task Run_that_is_not_there_is_named(string run)
    {
        await using var home = await Household.StartAsync();

        foreach (var args in (string[][])[["undo", run, "--yes"], ["runs", "--resume", run]])
        {
            var result = await home.RunAsync(args);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains($"“{run}”", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Runs_lists_what_was_written_without_asking_anybody()
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid", "--to", "Friend");
        await home.RunAsync("undo", "--yes");
        home.Plex.Requests.Clear();
        home.Environment.Remove("PLEXSYNC_TOKEN");

        var json = await home.RunAsync("runs", "--json");
        var text = await home.RunAsync("runs");

        Assert.Empty(home.Plex.Requests.All);
        var runs = json.Json.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal(4, runs.Count);
        Assert.Equal(2, runs.DistinctBy(run => run.GetProperty("run").GetString()).Count());
        Assert.All(runs, run => Assert.True(run.GetProperty("finished").GetBoolean()));
        Assert.Equal([2, 2, 1, 1], runs.Select(static run => run.GetProperty("number").GetInt64()));
        Assert.Equal(
            [null, null, runs[0].GetProperty("run").GetString(), runs[0].GetProperty("run").GetString()],
            runs.Select(static run => run.GetProperty("undoneBy").GetString()));
        Assert.Equal(5, text.Lines.Length);
    }

    [Theory]
    [InlineData("en", "No.|Date|Users|Operation|Updated|Outcome", "undo of 1", "undone by 2")]
    [InlineData("fr", "N°|Date|Utilisateurs|Opération|Mis à jour|Résultat", "annulation de 1", "annulée par 2")]
    public async Task Runs_are_a_table_with_numbers_and_local_times(string language, string headings, string undo, string undone)
    {
        await using var home = await Household.StartAsync();
        home.Time = new TimeElsewhere();
        await home.RunAsync("sync", "--to", "Kid", "--to", "Friend");
        await home.RunAsync("undo", "1", "--yes");
        var listed = (await home.RunAsync("runs", "--json")).Json.GetProperty("runs").EnumerateArray();
        var date = Texts.Of(language).When(listed.First().GetProperty("startedAt").GetDateTimeOffset(), home.Time.LocalTimeZone);

        var rows = (await home.RunAsync("runs", "--lang", language)).Out.TrimEnd('\n').Split('\n');

        var columns = headings.Split('|');
        Assert.Equal(columns, rows[0].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Equal(5, rows.Length);
        Assert.StartsWith($"2{new string(' ', columns[0].Length + 1)}{date}  Owner → ", rows[1], StringComparison.Ordinal);
        Assert.Contains($"  {undo}  ", rows[1], StringComparison.Ordinal);
        // The other target of the same run: its number and date stand above.
        Assert.StartsWith("      ", rows[2], StringComparison.Ordinal);
        Assert.DoesNotContain(date, rows[2], StringComparison.Ordinal);
        Assert.StartsWith("1 ", rows[3], StringComparison.Ordinal);
        Assert.All(rows[3..], row => Assert.EndsWith(undone, row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_name_the_server_where_there_are_several()
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        var folder = Path.Combine(home.Folder, "state", "journals");
        var file = Directory.GetFiles(folder, "*.jsonl", SearchOption.AllDirectories).Single();
        var machine = $"{home.Server.MachineIdentifier}";
        var other = new string('a', machine.Length);
        var copy = file.Replace(machine, other, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        var text = await File.ReadAllTextAsync(file);
        text = text.Replace(machine, other, StringComparison.Ordinal).Replace("\"NAS\"", "\"Attic\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(copy, text);

        var result = await home.RunAsync("runs");

        Assert.Contains("Owner → Kid on “Attic”", result.Out, StringComparison.Ordinal);
        Assert.Contains("Owner → Kid on “NAS”", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", "n\n", "Run 1 of [^:]+:[0-9]+: Owner → Kid, 8 items updated.", "Nothing was written.")]
    [InlineData("fr", "\n", "Exécution 1 du [^:]+:[0-9]+\u00A0: Owner → Kid, 8 éléments mis à jour.", "Rien n’a été écrit.")]
    public async Task Undo_tells_of_the_run_before_it_asks_and_adds_one_sentence_to_a_no(
        string language, string answer, string run, string declined)
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        home.Terminal = new Terminal { IsInput = true, IsOutput = true, IsError = true, Width = 200 };
        var before = home.Plex.Requests.Writes;

        var result = await home.RunAsync(["undo", "--quiet", "--no-color", "--lang", language], stdin: answer);

        Assert.Equal(0, result.ExitCode);
        Assert.Matches($"^{run}\n", result.Error);
        Assert.EndsWith($") {declined}\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, home.Plex.Requests.Writes);
    }

    [Fact]
    public async Task A_no_is_followed_by_no_step_and_no_closing_line()
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        home.Terminal = new Terminal { IsInput = true, IsOutput = true, IsError = true };

        var no = await home.RunAsync(["undo", "--no-color"], stdin: "n\n");
        var yes = await home.RunAsync(["undo", "--no-color"], stdin: "y\n");

        Assert.DoesNotContain("[4]", no.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Done in", no.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Dry run", no.Out, StringComparison.Ordinal);
        // What was shown before the question is not shown again.
        Assert.Single(yes.Lines, static line => line == "[UNWATCHED] Movie 2 (2002)");
        Assert.Contains("Kid: 8 items updated.", yes.Lines);
    }

    private sealed class TimeElsewhere : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } =
            TimeZoneInfo.CreateCustomTimeZone("elsewhere", TimeSpan.FromMinutes(345), displayName: null, standardDisplayName: null);
    }

    [Theory]
    [InlineData("Kid=1111;Teen=0000", 3, false, "pinRejected")]
    [InlineData("Kid=0000;Teen=4321", 3, false, "pinRejected")]
    [InlineData("Kid=1111;Teen=4321", 0, true, null)]
    public async Task Resume_proves_everybody_before_it_writes_to_anybody(string pins, int exitCode, bool isWritten, string? error)
    {
        await using var home = await Household.StartAsync();
        home.Kid.Pin = "1111";
        home.Environment["PLEXSYNC_PINS"] = "Kid=1111;Teen=4321";
        await home.RunAsync("sync", "--to", "Kid", "--to", "Teen");
        foreach (var journal in Directory.GetFiles(home.Environment["PLEXSYNC_HOME"], "*.jsonl", SearchOption.AllDirectories))
        {
            // Killed before the first write.
            var lines = await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken);
            var ready = Array.FindIndex(lines, static line => line.StartsWith("{\"ready\"", StringComparison.Ordinal));
            await File.WriteAllLinesAsync(journal, lines[..(ready + 1)], TestContext.Current.CancellationToken);
        }

        SimulatedUser[] users = [home.Kid, home.World.User("Teen")];
        foreach (var user in users)
        {
            home.Server.StatesOf(user).Keys.ToList().ForEach(key => home.Server.SetState(user, key, ItemState.None));
        }

        home.Plex.Requests.Clear();
        home.Environment["PLEXSYNC_PINS"] = pins;

        var result = await home.RunAsync("runs", "--resume", "1", "--json");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(isWritten, home.Plex.Requests.Writes > 0);
        Assert.Equal(error, result.Json.TryGetProperty("error", out var failure) ? failure.GetProperty("kind").GetString() : null);
    }

    [Fact]
    public async Task Interrupted_run_is_settled_by_the_next_and_finished_by_resume()
    {
        await using var home = await Household.StartAsync();
        var run = (await home.RunAsync("sync", "--to", "Kid", "--json")).Json.GetProperty("run").GetString()!;
        // As after a kill in the middle: nothing is known of the last outcomes, and the last items are as before.
        var file = Directory.GetFiles(Path.Combine(home.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, string.Join(
            '\n', lines.Where(line => !line.StartsWith("{\"outcome", StringComparison.Ordinal)).SkipLast(1).Append("{\"outco")));
        home.Server.SetState(home.Kid, "16", ItemState.None);
        home.Server.SetState(home.Kid, "15", ItemState.None);

        home.Time = new HurriedTime();
        var open = await home.RunAsync("runs");
        var resumed = await home.RunAsync("runs", "--resume", run, "--json");

        Assert.Contains("interrupted", open.Out, StringComparison.Ordinal);
        Assert.Contains("To finish run 1: plexsync runs --resume 1", open.Lines);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Equal(8, Target(resumed)["applied"]!.GetValue<int>());
        Assert.Equal(1, home.Of(home.Kid, 15).ViewCount);
        Assert.All(home.Server.StatesOf(home.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
        Assert.DoesNotContain("interrupted", (await home.RunAsync("runs")).Out, StringComparison.Ordinal);
        Assert.Contains("Run 1 is finished", (await home.RunAsync("runs", "--resume", "1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("en", 0, "Waiting 30 s: run {0} was stopped a moment ago, and the server may still be processing its requests…")]
    [InlineData(
        "fr",
        0,
        "Attente de 30 s : l’exécution {0} vient d’être interrompue, et le serveur traite peut-être encore ses requêtes…")]
    [InlineData("en", 3600, null)]
    public async Task Next_run_says_what_it_waits_for_and_waits_only_where_it_is_owed(string language, int age, string? expected)
    {
        await using var home = await Household.StartAsync();
        home.Time = new HurriedTime();
        var run = (await home.RunAsync("sync", "--to", "Kid", "--json")).Json.GetProperty("run").GetString()!;
        // As after a kill: nothing is known of the last change but that it was sent.
        var file = Directory.GetFiles(Path.Combine(home.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file);
        var sent = Array.FindLastIndex(lines, line => line.StartsWith("{\"sending", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(file, lines[..(sent + 1)]);
        // Seconds are whole in a Date: not a moment must seem to have passed.
        home.World.DateOffset = TimeSpan.FromSeconds(age == 0 ? -1 : age);

        var next = await home.RunAsync("sync", "--to", "Kid", "--lang", language);

        Assert.Equal(0, next.ExitCode);
        Assert.Equal(expected is not null, next.Error.Contains(run, StringComparison.Ordinal));
        if (expected is not null)
        {
            Assert.Contains(
                string.Format(CultureInfo.InvariantCulture, expected, run),
                next.Error.Replace('\u00a0', ' ').Replace('\u202f', ' '),
                StringComparison.Ordinal);
        }

        Assert.All(home.Server.StatesOf(home.Kid).Values, state => Assert.InRange(state.ViewCount, 0, 1));
    }

    [Fact]
    public async Task What_the_server_did_not_keep_is_said_and_tried_again_on_demand()
    {
        await using var home = await Household.StartAsync();
        home.Time = new HurriedTime();
        home.Plex.Faults.On("/:/timeline").And(request => request["ratingKey"] == "4").Status(200, "");

        var first = await home.RunAsync("sync", "--to", "Kid");
        home.Plex.Faults.Clear();
        var second = await home.RunAsync("sync", "--to", "Kid");
        var third = await home.RunAsync("sync", "--to", "Kid", "--retry-unkept");

        Assert.Equal((5, 0, 0), (first.ExitCode, second.ExitCode, third.ExitCode));
        Assert.Contains(
            "1 item skipped for Kid: the server did not keep the change last time. Use --retry-unkept to try again.", second.Out,
            StringComparison.Ordinal);
        Assert.Equal(20 * 60_000, home.Of(home.Kid, 4).ViewOffset);
    }

    [Fact]
    public async Task Snapshot_and_exact_restore_bring_a_user_back()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        var snapshot = await home.RunAsync("snapshot", "--user", "Kid", "-o", file);
        await home.RunAsync("sync", "--to", "Kid");

        var restore = await home.RunAsync("restore", file, "--user", "Kid", "--exact", "--yes");

        Assert.Equal((0, 0), (snapshot.ExitCode, restore.ExitCode));
        Assert.Contains("19 items saved", snapshot.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["1"],
            home.Server.StatesOf(home.Kid).Where(state => state.Value.IsWatched || state.Value.IsInProgress).Select(state => state.Key));
    }

    [Fact]
    public async Task Snapshot_seeds_another_user()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "owner.jsonl");
        await home.RunAsync("snapshot", "--user", "Owner", "-o", file);

        var result = await home.RunAsync("restore", file, "--user", "Kid", "--yes", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Snapshot_waits_until_a_killed_run_is_finished()
    {
        await using var home = await Household.StartAsync();
        home.Time = new HurriedTime();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        var run = await KillAsync(home);

        var refused = await home.RunAsync("snapshot", "--user", "Kid", "-o", file, "--json");
        Assert.False(File.Exists(file));
        await home.RunAsync("runs", "--resume", run);
        var made = await home.RunAsync("snapshot", "--user", "Kid", "-o", file);

        Assert.Equal((6, 0), (refused.ExitCode, made.ExitCode));
        Assert.Equal("runUnfinished", refused.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains($"plexsync runs --resume {run}", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mirror_from_a_user_with_a_killed_run_takes_nothing_away_and_says_how_to_finish_it()
    {
        await using var home = await Household.StartAsync();
        home.Time = new HurriedTime();
        home.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        home.Server.SetState(home.World.User("Teen"), "6", new ItemState(2, 0, 1_700_000_000));
        var run = await KillAsync(home);

        var mirrored = await home.RunAsync("sync", "--from", "Kid", "--to", "Teen", "--policy", "mirror", "--max-removals", "100");

        Assert.Equal(2, home.Of(home.World.User("Teen"), 6).ViewCount);
        Assert.Contains("plexsync runs --resume", mirrored.Out, StringComparison.Ordinal);
        await home.RunAsync("runs", "--resume", run);
        await home.RunAsync("sync", "--from", "Kid", "--to", "Teen", "--policy", "mirror", "--max-removals", "100");
        Assert.Equal(0, home.Of(home.World.User("Teen"), 6).ViewCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Apply_takes_away_only_what_the_source_confirms(bool isChanged)
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "6", new ItemState(2, 0, 1_700_000_000));
        var file = Path.Combine(home.Folder, "plan.json");
        await home.RunAsync("plan", "--to", "Kid", "--policy", "mirror", "-o", file);
        home.Server.SetState(home.World.Owner, "6", isChanged ? new ItemState(1, 0, 1_700_000_001) : ItemState.None);

        var result = await home.RunAsync("apply", file, "--json");

        Assert.Equal(isChanged ? 5 : 0, result.ExitCode);
        Assert.Equal(isChanged ? 2 : 0, home.Of(home.Kid, 6).ViewCount);
        Assert.Equal(isChanged ? 1 : null, Target(result)["skipped"]!["sourceChanged"]?.GetValue<int>());
    }

    [Fact]
    public async Task Apply_takes_nothing_away_by_a_plan_that_does_not_say_what_that_rests_on()
    {
        await using var home = await Household.StartAsync();
        home.Server.SetState(home.Kid, "6", new ItemState(2, 0, 1_700_000_000));
        var file = Path.Combine(home.Folder, "plan.json");
        await home.RunAsync("plan", "--to", "Kid", "--policy", "mirror", "-o", file);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        foreach (var change in plan["changes"]!.AsArray())
        {
            change!.AsObject().Remove("restsOn");
        }

        var result = await home.RunAsync(["apply", "-", "--json"], stdin: plan.ToJsonString());

        Assert.Equal((5, 2), (result.ExitCode, home.Of(home.Kid, 6).ViewCount));
        Assert.Equal(1, Target(result)["skipped"]!["sourceNotRead"]!.GetValue<int>());
    }

    [Fact]
    public async Task Limit_refuses_a_restore_that_takes_too_much_away()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        await home.RunAsync("snapshot", "--user", "Kid", "-o", file);
        await home.RunAsync("sync", "--to", "Kid");
        var plays = home.Server.Writes.Count;

        var refused = await home.RunAsync("restore", file, "--user", "Kid", "--exact", "--yes", "--max-removals", "3");
        var shown = await home.RunAsync("restore", file, "--user", "Kid", "--exact", "--dry-run", "--max-removals", "3");

        Assert.Equal((6, 6), (refused.ExitCode, shown.ExitCode));
        Assert.Equal(plays, home.Server.Writes.Count);
        Assert.Contains("[UNWATCHED] Movie 2", shown.Out, StringComparison.Ordinal);
        Assert.Contains("--max-removals", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_reads_a_plan_from_standard_input_and_proves_the_identity_anew()
    {
        await using var home = await Household.StartAsync();
        var plan = await File.ReadAllTextAsync(await PlanAsync(home));

        var result = await home.RunAsync(
            ["apply", "-", "--json"], stdin: plan.Replace("\"proved\"", "\"declared\"", StringComparison.Ordinal));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("proved", Target(result)["identity"]!.GetValue<string>());
    }

    [Fact]
    public async Task Output_leaves_devices_links_and_neighbours_as_they_are()
    {
        await using var home = await Household.StartAsync();
        var draft = home.WriteFile("plan.json.draft", "mine");
        var link = Path.Combine(home.Folder, "link.json");
        File.CreateSymbolicLink(link, Path.Combine(home.Folder, "plan.json"));

        await home.RunAsync("plan", "--to", "Kid", "-o", link);
        var device = await home.RunAsync("plan", "--to", "Kid", "-o", "/dev/null");

        Assert.Equal("mine", await File.ReadAllTextAsync(draft));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.StartsWith("{", await File.ReadAllTextAsync(Path.Combine(home.Folder, "plan.json")), StringComparison.Ordinal);
        Assert.Equal(0, device.ExitCode);
        Assert.Empty(await File.ReadAllTextAsync("/dev/null"));
    }

    [Fact]
    public async Task Dry_run_writes_nothing_whatever_the_command()
    {
        await using var home = await Household.StartAsync();
        var file = await PlanAsync(home);
        home.Environment["PLEXSYNC_DRY_RUN"] = "1";

        Assert.Equal(0, (await home.RunAsync("apply", file)).ExitCode);

        Assert.Empty(home.Server.Writes);
    }

    private static async Task<string> PlanAsync(Household home)
    {
        var file = Path.Combine(home.Folder, "plan.json");
        Assert.Equal(0, (await home.RunAsync("plan", "--to", "Kid", "-o", file)).ExitCode);
        return file;
    }

    private static JsonNode Target(Result result) => JsonNode.Parse(result.Out)!["targets"]![0]!;

    /// <summary>Syncs to Kid, and makes it look as if that had been killed after its last write.</summary>
    private static async Task<string> KillAsync(Household home)
    {
        await home.RunAsync("sync", "--to", "Kid");
        var file = Directory.GetFiles(Path.Combine(home.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllLinesAsync(file, lines[..^1]);
        return Path.GetFileNameWithoutExtension(file);
    }
}
