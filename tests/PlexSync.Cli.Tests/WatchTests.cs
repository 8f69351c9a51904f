using System.Text.Json;
using System.Text.RegularExpressions;

namespace PlexSync.Cli.Tests;

/// <summary><c>plexsync watch</c>: what it prints, how it ends, what it refuses.</summary>
public sealed partial class WatchTests
{
    private const string Two = """{ "jobs": { "kid": { "to": ["Kid"] }, "friend": { "to": ["Friend"] } } }""";

    [Fact]
    public async Task What_the_source_watches_reaches_the_target()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync(" watch: in step: Owner → Kid on “NAS”\n");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);

        household.PlayToTheEnd(household.World.Owner, 6);
        await watch.SeeAsync("[WATCHED] Movie 6 (");
        var result = await watch.StopAsync();

        Assert.Equal((0, "Watching 1 job: watch. Ctrl+C stops it.\n"), (result.ExitCode, result.Error));
        Assert.Contains(result.Lines, static line => Change().IsMatch(line));
        Assert.True(household.Of(household.Kid, 6).IsWatched);
    }

    [Fact]
    public async Task A_pause_travels_both_ways_between_two()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid", "--two-way");
        await watch.SeeAsync(": in step: Owner, Kid on “NAS”\n");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);

        household.Server.Players.Play(household.Kid, "7", TimeSpan.FromMinutes(45)).Pause();
        await watch.SeeAsync("Kid → Owner: [IN PROGRESS] Movie 7 (");

        Assert.Equal(TimeSpan.FromMinutes(45).TotalMilliseconds, household.Of(household.World.Owner, 7).ViewOffset);
    }

    [Fact]
    public async Task All_jobs_of_the_file_go_on_in_one_process_and_print_a_document_a_line()
    {
        await using var household = await WatchedHousehold.StartAsync(Two);
        await using var watch = Watching.Start(household, "--all-jobs", "--json");
        await watch.SeeAsync("\"event\":\"up\"", times: 2);
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);

        household.PlayToTheEnd(household.World.Owner, 6);
        await watch.SeeAsync("\"ratingKey\":\"6\"", times: 2);
        await watch.SeeAsync("\"event\":\"events\"");
        var result = await watch.StopAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.All(watch.Json, static line => Assert.True(line.GetProperty("time").GetDateTime() > DateTime.UnixEpoch));
        var up = watch.Json.Where(static line => EventOf(line) == "up").ToDictionary(static line => line.GetProperty("job").GetString()!);
        Assert.Equal("Owner → Friend on “NAS”", up["friend"].GetProperty("users").GetString());
        var change = watch.Json.Last(static line => EventOf(line) == "change" && line.GetProperty("job").GetString() == "kid");
        Assert.Equal("watched", change.GetProperty("change").GetProperty("action").GetString());
        Assert.Equal("applied", change.GetProperty("change").GetProperty("outcome").GetString());
        Assert.Equal(
            ("Owner", "Kid", "NAS"),
            (Name(change, "source", "title"), Name(change, "target", "title"), Name(change, "server", "name")));
        Assert.Matches("^2.+Z-[0-9a-f]+$", change.GetProperty("run").GetString());

        static string? Name(JsonElement line, string what, string name) => line.GetProperty(what).GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_job_that_fails_is_named_and_tried_again_while_the_others_go_on()
    {
        await using var household = await WatchedHousehold.StartAsync(Two);
        household.Plex.Faults.On("/library/sections").And(request => request.UserId == household.World.User("Friend").Id).Status(503);
        await using var watch = Watching.Start(household, "--all-jobs");
        await watch.SeeAsync(" kid: in step: ");
        await watch.SeeAsync(" friend: failed. ");
        await watch.SeeAsync(" Next attempt: 20");
        Assert.Equal(["up", "failing"], StatesIn(household));

        household.Plex.Faults.Clear();
        await watch.SeeAsync(" friend: works again after ");

        Assert.Equal(["up", "up"], StatesIn(household));
        Assert.DoesNotContain(" friend: in step", watch.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_that_cannot_be_read_is_named()
    {
        await using var household = await WatchedHousehold.StartAsync();
        household.Plex.Faults.On("/library/sections/2/all").Status(500);
        await using var watch = Watching.Start(household, "--to", "Kid", "--quiet");

        await watch.SeeAsync(" watch: Owner → Kid: TV Shows – ");
    }

    [Fact]
    public async Task Quiet_says_nothing_but_failures_and_recoveries()
    {
        await using var household = await WatchedHousehold.StartAsync();
        household.Plex.Faults.On("/library/sections").Status(503);
        await using var watch = Watching.Start(household, "--to", "Kid", "--quiet");
        await watch.SeeAsync("failed. ");
        household.Plex.Faults.Clear();
        await watch.SeeAsync("works again");

        var result = await watch.StopAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(result.Lines, static line => Assert.Matches(" watch: (failed|works again)", line));
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Nobody_is_asked_for_users_or_PINs_even_on_a_terminal()
    {
        await using var household = await WatchedHousehold.StartAsync();
        household.Terminal = new() { IsInput = true, IsError = true, ReadSecretAsync = static _ => throw new InvalidOperationException() };
        await using var nobody = Watching.Start(household);
        await using var watch = Watching.Start(household, "--to", "Teen");

        Assert.Equal(2, (await nobody.EndAsync()).ExitCode);
        var result = await watch.EndAsync();
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("PLEXSYNC_PINS=\"id:1003=…\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("--pin-file", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_cannot_be_served_is_left_out_and_named()
    {
        await using var household = await WatchedHousehold.StartAsync();
        household.Server.StopSharingWith(household.Kid);
        await using var watch = Watching.Start(household, "--to", "Kid", "--to", "Friend", "--json");
        await watch.SeeAsync("\"event\":\"up\"");

        var left = watch.Json.First(static line => EventOf(line) == "leftOut");
        Assert.Equal("Kid", left.GetProperty("target").GetProperty("title").GetString());
        Assert.Equal("notShared", left.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains("“Kid” was skipped: ", watch.Error, StringComparison.Ordinal);
        Assert.Equal("Kid", household.Status().GetProperty("jobs")[0].GetProperty("leftOut")[0].GetString());
        Assert.Contains("without Kid", (await household.RunAsync("status")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_are_lost_and_come_back_are_told()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);

        household.Server.Events.Cut();

        await watch.SeeAsync(" “NAS” no longer sends events");
        await watch.SeeAsync(" “NAS” sends events again\n");
        Assert.True(household.Status().GetProperty("servers")[0].GetProperty("events").GetBoolean());
    }

    [Fact]
    public async Task More_than_a_burst_is_left_to_one_run()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid", "--burst", "1");
        await watch.SeeAsync("in step");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);

        household.Server.Players.MarkWatched(household.World.Owner, "7");
        household.PlayToTheEnd(household.World.Owner, 6);

        await watch.SeeAsync("2 changes at once are more than --burst allows; one run will make them at 20");
        await watch.SeeAsync("[WATCHED] Movie 7 (");
        Assert.True(household.Of(household.Kid, 6).IsWatched);
    }

    [Fact]
    public async Task A_signal_during_a_write_ends_with_zero_once_that_is_done()
    {
        await using var household = await WatchedHousehold.StartAsync();
        using var stop = new CancellationTokenSource();
        household.CancelAtWrite(2, stop);

        var result = await household.RunAsync(["watch", "--to", "Kid", "--concurrency", "1"], stop.Token);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, household.Server.Writes.Count);
        Assert.Equal(2, result.Lines.Count(static line => line.Contains("[WATCHED]", StringComparison.Ordinal)));
        Assert.NotEqual(JsonValueKind.Null, household.Status().GetProperty("stoppedAt").ValueKind);
    }

    [Fact]
    public async Task Jobs_in_a_loop_are_refused_unless_that_is_allowed()
    {
        await using var household = await WatchedHousehold.StartAsync(
            """{ "jobs": { "one": { "to": ["Kid"] }, "two": { "from": "Friend", "to": ["Kid"] } } }""");

        var refused = await household.RunWithoutWritingAsync("watch", "--all-jobs");
        var json = await household.RunWithoutWritingAsync("watch", "--all-jobs", "--json");
        await using var allowed = Watching.Start(household, "--all-jobs", "--allow-loops");
        await allowed.SeeAsync("in step", times: 2);

        Assert.Equal((2, 2), (refused.ExitCode, json.ExitCode));
        Assert.Contains(
            "The jobs one, two would undo each other’s changes to “Kid”, so none was started.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--allow-loops", refused.Error, StringComparison.Ordinal);
        Assert.Single(json.Lines);
        Assert.Equal("jobsInLoop", json.Json.GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_second_watch_of_the_same_job_is_told_who_has_it()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");

        var second = await household.RunWithoutWritingAsync("watch", "--to", "Friend");

        Assert.Equal(6, second.ExitCode);
        Assert.Contains(
            $"already watching the job “watch”. It runs on {Environment.MachineName}, {Environment.ProcessId} (machine, process).",
            second.Error,
            StringComparison.Ordinal);
        // The status stays that of the first.
        Assert.Equal(JsonValueKind.Null, household.Status().GetProperty("stoppedAt").ValueKind);
        Assert.Equal(0, (await watch.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task Manual_commands_work_meanwhile()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid")).ExitCode);
        Assert.Equal(0, (await household.RunAsync("undo", "--yes")).ExitCode);
    }

    [Theory]
    [InlineData("--poll", "9s")]
    [InlineData("--poll", "2d")]
    [InlineData("--poll", "soon")]
    [InlineData("--every", "4m")]
    [InlineData("--every", "999999999d")]
    [InlineData("--burst", "0")]
    public async Task Values_that_make_no_sense_are_refused(string option, string value)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("watch", "--to", "Kid", option, value);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"plexsync: {option} is “{value}”; it must be a", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Theory]
    [InlineData("--dry-run")]
    [InlineData("-n")]
    [InlineData("--report=page.html")]
    public async Task What_makes_no_sense_for_something_that_goes_on_is_refused(string option)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("watch", "--to", "Kid", option);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("“plexsync watch” has no option ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_come_from_variables_and_the_file_too()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_POLL"] = "1s";
        var variable = await household.RunAsync("watch", "--to", "Kid");
        household.Environment.Remove("PLEXSYNC_POLL");
        household.Configure("""{ "every": "1m" }""");
        var file = await household.RunAsync("watch", "--to", "Kid");

        Assert.StartsWith("plexsync: PLEXSYNC_POLL is “1s”", variable.Error, StringComparison.Ordinal);
        Assert.StartsWith("plexsync: every (", file.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_that_vanishes_is_named_once_and_written_again()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);
        var state = household.Environment["PLEXSYNC_HOME"];

        Directory.Delete(state, recursive: true);
        household.PlayToTheEnd(household.World.Owner, 6);
        await watch.SeeErrorAsync($"The files in {state} have disappeared");
        var result = await watch.StopAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Single(result.Error.Split("have disappeared").Skip(1));
        Assert.True(File.Exists(Path.Combine(state, "status.json")));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_named_once_and_the_watch_goes_on()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");
        await household.Server.Events.WhenListeningAsync(cancellationToken: TestContext.Current.CancellationToken);
        var file = Path.Combine(household.Environment["PLEXSYNC_HOME"], "status.json");

        // No file can take the place of a folder.
        File.Delete(file);
        Directory.CreateDirectory(file);
        household.PlayToTheEnd(household.World.Owner, 6);
        await watch.SeeErrorAsync("status.json cannot be written");
        household.PlayToTheEnd(household.World.Owner, 7);
        await watch.SeeAsync("[WATCHED] Movie 7 (");
        Directory.Delete(file);
        household.PlayToTheEnd(household.World.Owner, 8);
        await watch.SeeAsync("[WATCHED] Movie 8 (");
        var result = await watch.StopAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Single(result.Error.Split("cannot be written").Skip(1));
        Assert.True(household.Status().GetProperty("jobs")[0].GetProperty("changes").GetInt64() > 3);
    }

    private static string? EventOf(JsonElement line) => line.GetProperty("event").GetString();

    private static string?[] StatesIn(Household household) =>
        [.. household.Status().GetProperty("jobs").EnumerateArray().Select(static job => job.GetProperty("state").GetString())];

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d watch: Owner → Kid: \[WATCHED\] Movie 6 \(\d{4}\)$")]
    private static partial Regex Change();
}
