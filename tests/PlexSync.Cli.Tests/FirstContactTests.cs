using PlexSync.Cli.Output;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>
/// The first time that somebody uses PlexSync, and mistypes: nothing is written that was not meant, and the message helps.
/// </summary>
public sealed class FirstContactTests
{
    [Theory]
    [InlineData("PLEXSYNC_DRYRUN", "PLEXSYNC_DRY_RUN")]
    [InlineData("PLEXSYNC_DRY", "PLEXSYNC_DRY_RUN")]
    [InlineData("PLEXSYNC_DRY_RUNS", "PLEXSYNC_DRY_RUN")]
    [InlineData("plexsync_dry_run", "PLEXSYNC_DRY_RUN")]
    [InlineData("PLEX_SYNC_DRY_RUN", "PLEXSYNC_DRY_RUN")]
    [InlineData("PLEXSNYC_DRY_RUN", "PLEXSYNC_DRY_RUN")]
    [InlineData("PLEXSYNC_MAX_REMOVAL", "PLEXSYNC_MAX_REMOVALS")]
    [InlineData("PLEXSYNC_LIBRARIES", "PLEXSYNC_LIBRARY")]
    [InlineData("PLEXSYNC_PIN", "PLEXSYNC_PINS")]
    public async Task Variable_that_nearly_means_something_is_refused(string name, string meant)
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows()
                && name.Equals(meant, StringComparison.OrdinalIgnoreCase), "Capitals make no difference on Windows.");
        await using var home = await Household.StartAsync();
        home.Environment[name] = "1";

        var result = await home.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(
            $"plexsync: Unknown variable {name}. Did you mean {meant}?", result.Error, StringComparison.Ordinal);
        Assert.Empty(home.Plex.Requests.All);
    }

    [Theory]
    [InlineData("PLEXSYNC_REQUIRE_NATIVE")]
    [InlineData("PLEXSYNC_THOROUGH")]
    [InlineData("PLEXSYNC_RELEASES")]
    [InlineData("PLEXSYNC_PORT_8080_TCP")]
    [InlineData("PLEXSYNC_SERVICE_HOST")]
    [InlineData("PLEXSYNC_PORT")]
    public async Task Variable_that_means_nothing_is_mentioned_and_passed_over(string name)
    {
        await using var home = await Household.StartAsync();
        home.Environment[name] = "1";

        var result = await home.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Warning: unknown variable {name}; it is ignored.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLEX_TOKEN")]
    [InlineData("PLEX_SERVER")]
    [InlineData("PLEX_USER")]
    public async Task Variable_of_another_tool_is_passed_over(string name)
    {
        await using var home = await Household.StartAsync();
        home.Environment[name] = "1";

        var result = await home.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(name, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_replaces_nothing_unless_told_to()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        await home.RunAsync("snapshot", "--user", "Kid", "-o", file);
        var kept = await File.ReadAllTextAsync(file);
        home.Server.SetState(home.Kid, "2", new ItemState(1, 0, 1_700_000_000));
        home.Plex.Requests.Clear();

        var refused = await home.RunAsync("snapshot", "--user", "Kid", "-o", file);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--overwrite", refused.Error, StringComparison.Ordinal);
        Assert.Empty(home.Plex.Requests.All);
        Assert.Equal(kept, await File.ReadAllTextAsync(file));

        var replaced = await home.RunAsync("snapshot", "--user", "Kid", "-o", file, "--overwrite");

        Assert.Equal(0, replaced.ExitCode);
        Assert.NotEqual(kept, await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("of another user")]
    [InlineData("of another server")]
    [InlineData("no snapshot")]
    [InlineData("a plan")]
    [InlineData("a long line")]
    public async Task Snapshot_never_replaces_anything_but_one_of_the_same_user_and_server(string what)
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "backup.jsonl");
        await home.RunAsync("snapshot", "--user", what == "of another user" ? "Owner" : "Kid", "-o", file);
        var text = await File.ReadAllTextAsync(file);
        text = what switch
        {
            "of another server" => text.Replace(home.Server.MachineIdentifier, new string('0', 40), StringComparison.Ordinal),
            "no snapshot" => "Things to do\n",
            "a plan" => "{\n  \"format\": \"plexsync-plan\"\n}\n",
            "a long line" => new string('x', 3 * 1024 * 1024),
            _ => text,
        };
        await File.WriteAllTextAsync(file, text);

        var result = await home.RunAsync("snapshot", "--user", "Kid", "-o", file, "--overwrite");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("backup.jsonl", result.Error, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Snapshot_fills_a_file_that_is_empty()
    {
        await using var home = await Household.StartAsync();
        var file = home.WriteFile("kid.jsonl", "");

        Assert.Equal(0, (await home.RunAsync("snapshot", "--user", "Kid", "-o", file)).ExitCode);
        Assert.NotEmpty(await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("1\ny\n", 1)]
    [InlineData("1\n\n", 0)]
    [InlineData("1\n", 0)]
    public async Task Sync_that_had_to_ask_whom_to_copy_to_shows_what_it_would_do_and_asks_once_more(string answers, int views)
    {
        await using var home = await OnATerminalAsync();

        var result = await home.RunAsync(["sync"], stdin: answers);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[WATCHED] Movie 2", result.Out, StringComparison.Ordinal);
        Assert.Contains("Make these changes?", result.Error, StringComparison.Ordinal);
        Assert.Equal(views, home.Of(home.Kid, 2).ViewCount);
        Assert.Equal(views == 0, result.Error.Contains("Nothing was written", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("option")]
    [InlineData("variable")]
    [InlineData("file")]
    [InlineData("yes")]
    public async Task Sync_never_asks_where_it_was_told_whom_to_copy_to(string how)
    {
        await using var home = await OnATerminalAsync();
        if (how == "variable")
        {
            home.Environment["PLEXSYNC_TO"] = "Kid";
        }
        else if (how == "file")
        {
            home.Configure("""{"to":["Kid"]}""");
        }

        string[] args = how switch
        {
            "option" => ["sync", "--to", "Kid"],
            "yes" => ["sync", "--yes"],
            _ => ["sync"],
        };
        var result = await home.RunAsync(args, stdin: how == "yes" ? "1\n" : "");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Make these changes?", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
    }

    [Fact]
    public async Task Yes_is_taken_by_every_command_that_writes()
    {
        await using var home = await Household.StartAsync();
        var plan = Path.Combine(home.Folder, "plan.json");
        await home.RunAsync("plan", "--to", "Kid", "-o", plan);

        var runs = await home.RunAsync("sync", "--to", "Friend", "--yes", "--json");
        var run = runs.Json.GetProperty("run").GetString()!;
        foreach (var args in (string[][])[
            ["apply", plan, "--yes"], ["merge", "--user", "Kid", "--user", "Friend", "--yes"], ["runs", "--resume", run, "--yes"],
            ["undo", "--yes"]])
        {
            var result = await home.RunAsync(args);
            Assert.True(result.ExitCode == 0, $"{args[0]}: {result.Error}");
        }

        Assert.Equal(0, runs.ExitCode);
    }

    [Fact]
    public async Task Short_n_is_a_dry_run()
    {
        await using var home = await Household.StartAsync();
        var plan = Path.Combine(home.Folder, "plan.json");
        await home.RunAsync("plan", "--to", "Kid", "-o", plan);
        await home.RunAsync("snapshot", "--user", "Owner", "-o", Path.Combine(home.Folder, "owner.jsonl"));

        foreach (var args in (string[][])[
            ["sync", "--to", "Kid", "-n"], ["apply", plan, "-n"], ["merge", "--user", "Owner", "--user", "Kid", "-n"], ["undo", "-n"],
            ["restore", Path.Combine(home.Folder, "owner.jsonl"), "--user", "Kid", "-n"]])
        {
            var result = await home.RunWithoutWritingAsync(args);
            Assert.True(result.ExitCode == 0, $"{args[0]}: {result.Error}");
        }

        Assert.Contains("plexsync sync --to Kid\n", (await home.RunAsync("sync", "--to", "Kid", "-n")).Out, StringComparison.Ordinal);
        Assert.Contains("-n, --dry-run", (await home.RunAsync("sync", "--help")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan", "-n", "--to", "Kid", "-o", "-")]
    [InlineData("users", "-n")]
    [InlineData("-n")]
    public async Task Short_n_where_nothing_is_written_is_not_taken_for_a_cry_for_help(params string[] args)
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync(args);

        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("Did you mean -h", result.Error, StringComparison.Ordinal);
        Assert.Contains("-n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1111\n4321\n", 0)]
    [InlineData("1111\n2222\n4321\n", 0)]
    [InlineData("1111\n2222\n3333\n4321\n", 3)]
    [InlineData("1111\n\n4321\n", 3)]
    public async Task Wrong_PIN_at_the_prompt_is_asked_for_again_twice(string answers, int exitCode)
    {
        await using var home = await OnATerminalAsync();

        var result = await home.RunAsync(["sync", "--to", "Teen"], stdin: answers);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(exitCode == 0 ? 1 : 0, home.Of(home.World.User("Teen"), 2).ViewCount);
    }

    [Fact]
    public async Task Wrong_PIN_that_was_given_otherwise_ends_the_run()
    {
        await using var home = await OnATerminalAsync();
        home.Environment["PLEXSYNC_PINS"] = "Teen=1111";

        var result = await home.RunAsync(["sync", "--to", "Teen"], stdin: "4321\n");

        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("users")]
    [InlineData("servers")]
    public async Task Option_for_a_server_is_refused_where_it_would_do_nothing(string command)
    {
        await using var home = await Household.StartAsync();

        var option = await home.RunAsync(command, "--server", "Foo");
        var variable = await home.RunAsync(command);

        Assert.Equal((2, 0), (option.ExitCode, variable.ExitCode));
        Assert.Contains("--server", option.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_speaks_of_a_missing_file_before_it_asks_for_consent()
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("restore", "missing.jsonl", "--user", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("The file missing.jsonl does not exist.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--yes", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_says_of_a_page_that_it_is_no_plan()
    {
        await using var home = await Household.StartAsync();
        var page = Path.Combine(home.Folder, "plan.html");
        await home.RunAsync("plan", "--to", "Kid", "-o", Path.Combine(home.Folder, "plan.json"), "--report", page);

        var english = await home.RunAsync("apply", page);
        var french = await home.RunAsync("apply", page, "--lang", "fr");
        var json = await home.RunAsync("apply", page, "--json");

        Assert.Equal((2, 2), (english.ExitCode, french.ExitCode));
        Assert.Equal("invalidFile", json.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains($"“{page}” is not a plan", english.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ournal", english.Error + french.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Option_before_the_command_is_answered_with_the_commands_that_take_it()
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(
            "Put --to after a command. Commands that accept it: setup, sync, watch, plan, explain", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Title_of_several_words_is_answered_with_quotes()
    {
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("explain", "Movie", "45", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("plexsync explain \"Movie 45\"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_names_the_causes_of_a_failure_and_no_addresses_of_a_native_binary()
    {
        var lines = Messages.Explain(new NativeException("It failed.", new NativeException("It was reset.", null)));

        Assert.Equal(
            [$"{typeof(NativeException).FullName}: It failed.", $" ---> {typeof(NativeException).FullName}: It was reset."],
            lines.Select(static line => line.TrimEnd('\r')));
    }

    private static async Task<Household> OnATerminalAsync()
    {
        var home = await Household.StartAsync();
        home.Terminal = new Terminal { IsInput = true, IsError = true };
        return home;
    }

    /// <summary>An exception as it looks where the names of methods were stripped.</summary>
    private sealed class NativeException(string message, Exception? cause) : Exception(message, cause)
    {
        public override string StackTrace =>
            "   at PlexSync!<BaseAddress>+0x1a2b3c\n--- End of stack trace from previous location ---\n   at PlexSync!<BaseAddress>+0x4d";
    }
}
