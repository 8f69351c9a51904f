using System.Collections;
using PlexSync.Cli.Output;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>What stands at the end of a run, when everything else has scrolled by; and tables.</summary>
public sealed class SummaryTests
{
    [Fact]
    public async Task Summary_says_what_was_written_left_out_and_verified_and_how_to_take_it_back()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "6", new ItemState(0, 60_000, 1_700_000_000));

        var result = await household.RunAsync("sync", "--to", "Kid");

        var summary = SummaryOf(result);
        Assert.Equal(
            [
                "Kid: 8 items updated, 1 skipped.",
                "  Movies: 3 watched, 1 in progress",
                "  TV Shows: 3 watched, 1 in progress",
                "  1 position skipped for Kid: Plex ignores positions in the first minute.",
                "  All changes are confirmed on the server.",
            ],
            summary[..5]);
        Assert.Matches(@"^Done in [0-9.]+ s \([0-9]+ reads, 9 writes\)\.$", summary[5]);
        Assert.Equal("To undo: plexsync undo 1", summary[6]);
        Assert.Equal(7, summary.Length);
    }

    [Fact]
    public async Task Quiet_says_nothing_each_night_of_what_another_owners_server_never_tells()
    {
        var there = Worlds.TwoServers();
        await using var household = await Household.StartAsync(there.World);
        foreach (var library in there.Den.Libraries)
        {
            library.SharedWith.UnionWith([household.World.Owner.Id, household.Kid.Id]);
        }

        household.Environment["PLEXSYNC_SERVER"] = "Den";

        var first = await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        var night = await household.RunAsync("sync", "--to", "Kid", "--quiet");

        Assert.Contains("the server does not report what is being played", first.Error, StringComparison.Ordinal);
        Assert.Equal((0, "", ""), (night.ExitCode, night.Out, night.Error));
    }

    [Fact]
    public async Task Command_that_applies_a_plan_can_be_copied_whatever_the_file_is_called()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Folder, "a $(plan).json");

        var result = await household.RunAsync("plan", "--to", "Kid", "-o", file);

        Assert.Contains($"Plan saved to {file}. To apply it: plexsync apply '{file}'", result.Lines);
    }

    [Fact]
    public async Task Summary_names_a_run_that_undo_knows()
    {
        await using var household = await Household.StartAsync();
        var before = household.SeenBy(household.Kid);
        var run = SummaryOf(await household.RunAsync("sync", "--to", "Kid"))[^1].Split(' ')[^1];

        var undone = await household.RunAsync("undo", run, "--yes");

        Assert.Equal(before, household.SeenBy(household.Kid));
        Assert.Equal(
            [
                "Kid: 8 items updated.",
                "  Movies: 4 unwatched",
                "  TV Shows: 4 unwatched",
                "  All changes are confirmed on the server.",
            ],
            SummaryOf(undone)[..4]);
        Assert.Equal("1", run);
        Assert.Equal("To undo: plexsync undo 2", SummaryOf(undone)[^1]);
    }

    [Fact]
    public async Task Summary_of_a_run_without_changes_is_short()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");

        var summary = SummaryOf(await household.RunAsync("sync", "--to", "Kid"));

        Assert.Equal("Kid: nothing to do.", summary[0]);
        Assert.StartsWith("Done in ", summary[1], StringComparison.Ordinal);
        Assert.Equal(2, summary.Length);
    }

    [Fact]
    public async Task Summary_of_a_dry_run_says_how_to_do_it()
    {
        await using var household = await Household.StartAsync();

        var summary = SummaryOf(await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--library", "TV Shows"));

        Assert.Equal(["Kid: 4 items would change.", "  TV Shows: 3 watched, 1 in progress"], summary[..2]);
        Assert.StartsWith("Dry run: nothing was written.", summary[2], StringComparison.Ordinal);
        var word = OperatingSystem.IsWindows() ? "\"TV Shows\"" : "'TV Shows'";
        Assert.Equal($"To make these changes: plexsync sync --to Kid --library {word}", summary[3]);
    }

    [Fact]
    public async Task Summary_of_a_dry_run_names_no_command_that_would_still_be_dry()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_DRY_RUN"] = "1";

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.StartsWith("Dry run: nothing was written.", SummaryOf(result)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_of_several_targets_stands_below_all_items()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Friend");

        var summary = SummaryOf(result);
        Assert.Equal("Kid: 8 items updated.", summary[0]);
        Assert.Equal("Friend: 9 items updated.", summary[4]);
        Assert.DoesNotContain(summary, static line => line.Contains('['));
        Assert.Single(summary, static line => line.StartsWith("To undo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Summary_tells_where_something_failed()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "2").Status(403);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(5, result.ExitCode);
        Assert.Equal("Kid: 7 items updated, 1 failed.", SummaryOf(result)[0]);
        Assert.Equal("  Movies: 2 watched, 1 in progress, 1 failed", SummaryOf(result)[1]);
    }

    [Fact]
    public async Task Summary_does_not_claim_what_nobody_has_looked_at()
    {
        await using var household = await Household.StartAsync();
        var isWritten = false;
        household.Plex.Faults
            .On(request => (isWritten |= request.IsWrite) && !request.IsWrite
                && request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal))
            .Status(403);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Contains("  Confirmed on the server: 0 of 8 changes. The others were not checked.", SummaryOf(result));
        Assert.DoesNotContain("everything that was written", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_names_a_library_that_was_left_out()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/1/all").Status(403);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal("Kid: 4 items updated, 1 library skipped.", SummaryOf(result)[0]);
        Assert.StartsWith("  Movies – Skipped: ", SummaryOf(result)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_is_there_in_French()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--lang", "fr");

        var lines = result.Out.TrimEnd('\n').Split('\n');
        Assert.Contains("Bilan", lines);
        Assert.Contains("  TV Shows\u00A0: 3 vus, 1 en cours", lines);
        Assert.Equal("Pour annuler\u00A0: plexsync undo 1", lines[^1]);
    }

    [Theory]
    [InlineData("en", "Kid: 6 watched, 2 in progress. To undo: plexsync undo 1\n")]
    [InlineData("fr", "Kid\u00A0: 6 vus, 2 en cours. Pour annuler\u00A0: plexsync undo 1\n")]
    public async Task Quiet_has_a_line_for_what_changed_and_none_where_nothing_did(string language, string line)
    {
        await using var household = await Household.StartAsync();
        household.Terminal = new Terminal { IsOutput = true, IsError = true };

        var first = await household.RunAsync("sync", "--to", "Kid", "--quiet", "--lang", language);
        var second = await household.RunAsync("sync", "--to", "Kid", "--quiet", "--lang", language);
        var third = await household.RunAsync("sync", "--to", "Kid", "--quiet", "--json");

        Assert.Equal((0, line, ""), (first.ExitCode, first.Out, first.Error));
        Assert.Equal((0, "", ""), (second.ExitCode, second.Out, second.Error));
        Assert.Empty(third.Targets[0].GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task Quiet_names_every_target_and_the_way_back_once()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "2").Status(403);

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Friend", "--quiet");

        Assert.Equal(5, result.ExitCode);
        Assert.Equal(
            "Kid: 5 watched, 2 in progress, 1 failed.\nFriend: 6 watched, 2 in progress, 1 failed. To undo: plexsync undo 1\n",
            result.Out);
        Assert.Equal(
            "plexsync: The run is incomplete. To see the details, run it without --quiet, or with --report FILE.\n", result.Error);
    }

    [Fact]
    public async Task Quiet_dry_run_says_what_would_change()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--quiet", "--dry-run");

        Assert.Equal("Kid: 6 watched, 2 in progress. Dry run: nothing was written.\n", result.Out);
    }

    [Fact]
    public async Task Quiet_says_that_a_library_was_left_out()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        household.Plex.Faults.On("/library/sections/1/all").Status(403);

        var result = await household.RunAsync("sync", "--to", "Kid", "--quiet");

        Assert.Equal(("Kid: 1 library skipped.\n", 5), (result.Out, result.ExitCode));
        Assert.NotEqual("", result.Error);
    }

    [Fact]
    public async Task Resume_that_is_dry_shows_only_what_is_not_done()
    {
        await using var household = await Household.StartAsync();
        var run = (await household.RunAsync("sync", "--to", "Kid", "--json")).Json.GetProperty("run").GetString()!;
        var file = Directory.GetFiles(Path.Combine(household.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, string.Join(
            '\n', lines.Where(static line => !line.StartsWith("{\"outcome", StringComparison.Ordinal)).SkipLast(1).Append("{\"outco")));
        household.Time = new LeapingTime();

        var result = await household.RunAsync("runs", "--resume", run, "--dry-run");
        var finished = await household.RunAsync("runs", "--resume", run);

        Assert.EndsWith("unconfirmed.", SummaryOf(result)[0], StringComparison.Ordinal);
        Assert.Equal($"To make these changes: plexsync runs --resume {run}", SummaryOf(result)[^1]);
        Assert.Equal("Kid: 8 items updated.", SummaryOf(finished)[0]);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public async Task Tables_fit_the_terminal(int width)
    {
        await using var household = await Household.StartAsync();
        household.Server.Edit(static server => server.Library("Movies").Title = "アニメ映画");
        await household.RunAsync("sync", "--to", "Kid", "--to", "Friend");
        await household.RunAsync("undo", "--yes");
        household.Terminal = new Terminal { IsOutput = true, Width = width };

        foreach (var command in (string[])["users", "libraries", "servers", "runs"])
        {
            var result = await household.RunAsync(command, "--no-color");

            Assert.Equal(0, result.ExitCode);
            // What is longer than the terminal all by itself stays whole, to be copied.
            Assert.All(result.Out.Split('\n'), line => Assert.True(Cells.Of(line) <= width, $"{command}: {line}"));
        }
    }

    [Fact]
    public async Task Table_columns_are_even_whatever_the_letters()
    {
        await using var household = await Household.StartAsync();
        household.Server.Edit(static server => server.Library("Movies").Title = "アニメ映画");

        var result = await household.RunAsync("libraries");

        Assert.Equal(["Name        Key  Type   Can be synced", "アニメ映画  1    movie  yes", "TV Shows    2    show   yes"], result.Lines);
    }

    [Fact]
    public async Task Table_that_is_too_wide_becomes_blocks()
    {
        await using var household = await Household.StartAsync();
        household.Terminal = new Terminal { IsOutput = true, Width = 20 };

        var result = await household.RunAsync("users", "--no-color");

        Assert.Equal(
            ["Name  Owner", "ID    1001", "Kind  owner", "PIN   no", "", "Name  Kid", "ID    1002", "Kind  managed user", "PIN   no"],
            result.Out.Split('\n')[..9]);
    }

    [Fact]
    public async Task Results_are_gone_through_as_often_however_many_libraries_there_are()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--to", "Kid", "-o", file);
        await using var saved = File.OpenRead(file);
        var plan = await SyncPlan.ReadAsync(saved, TestContext.Current.CancellationToken);

        Assert.Equal(TimesGoneThrough(plan), TimesGoneThrough(plan with { Libraries = [.. Enumerable.Repeat(plan.Libraries[0], 100)] }));
    }

    private static int TimesGoneThrough(SyncPlan plan)
    {
        var results = new Counted();
        var outcome =
            new SyncOutcome { Id = RunId.Create(TimeProvider.System), Reports = [new SyncReport { Plan = plan, Results = results }] };
        var around =
            new ConsoleEnvironment
            {
                In = TextReader.Null,
                Out = TextWriter.Null,
                Error = TextWriter.Null,
                Environment = new Dictionary<string, string>(),
                Terminal = new(),
                Time = TimeProvider.System,
            };
        new SyncWriter(new Screen(around, hasColor: false), Texts.Of("en")).Write(outcome);
        return results.Times;
    }

    private static string[] SummaryOf(Result result) =>
        [.. result.Out.TrimEnd('\n').Split('\n').SkipWhile(static line => line != "Summary").Skip(1)];

    private sealed class Counted : IReadOnlyList<ChangeResult>
    {
        public int Times { get; private set; }

        public int Count => 0;

        public ChangeResult this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<ChangeResult> GetEnumerator()
        {
            Times++;
            return Enumerable.Empty<ChangeResult>().GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
