using System.Text.Json;

namespace PlexSync.Cli.Tests;

/// <summary>Named jobs of the configuration file: <c>--job</c> and <c>--all-jobs</c>.</summary>
public sealed class JobTests
{
    private const string Two = """
        {
          "since": "30d",
          "jobs": {
            "kid": { "to": ["Kid"], "since": "9y" },
            "us": { "from": "Kid", "to": ["Friend"], "policy": "fill", "twoWay": true }
          }
        }
        """;

    [Fact]
    public async Task A_job_says_who_gets_what()
    {
        await using var household = await StartAsync("""{ "jobs": { "kid": { "to": "Kid" }, "others": { "to": "Friend" } } }""");

        var result = await household.RunAsync("sync", "--job", "KID");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Job “kid”", result.Lines);
        Assert.Contains("Owner → Kid on “NAS”", result.Lines);
        Assert.NotEmpty(household.Server.Writes);
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task A_job_with_users_is_a_merge()
    {
        await using var household = await StartAsync(
            """{ "from": "Kid", "twoWay": true, "to": "Teen", "jobs": { "all": { "users": ["Owner", "Kid"] } } }""");

        var sync = await household.RunAsync("sync", "--job", "all", "--dry-run", "--json");
        var plan = await household.RunAsync("plan", "--job", "all", "-o", Path.Combine(household.Folder, "plan.json"));

        Assert.Equal((0, 0), (sync.ExitCode, plan.ExitCode));
        Assert.Equal("all", sync.Json.GetProperty("job").GetString());
        Assert.Equal(JsonValueKind.Null, sync.Json.GetProperty("source").ValueKind);
        Assert.Equal(["Owner", "Kid"], sync.Targets.Select(TitleOf));
        Assert.All(sync.Targets, static target => Assert.Equal("furthest", target.GetProperty("policy").GetString()));
        Assert.Equal(0, (await household.RunAsync("apply", Path.Combine(household.Folder, "plan.json"))).ExitCode);
    }

    [Fact]
    public async Task Option_beats_variable_beats_job_beats_file()
    {
        await using var household = await StartAsync(
            """{ "only": "a", "jobs": { "plain": { "to": "Kid" }, "own": { "to": "Kid", "only": "b" } } }""");

        var file = await household.RunAsync("sync", "--job", "plain");
        var job = await household.RunAsync("sync", "--job", "own");
        household.Environment["PLEXSYNC_ONLY"] = "c";
        var variable = await household.RunAsync("sync", "--job", "own");
        var option = await household.RunAsync("sync", "--job", "own", "--only", "d");

        Assert.StartsWith("plexsync: only (", file.Error, StringComparison.Ordinal);
        Assert.StartsWith("plexsync: jobs.own.only (", job.Error, StringComparison.Ordinal);
        Assert.StartsWith("plexsync: PLEXSYNC_ONLY is “c”", variable.Error, StringComparison.Ordinal);
        Assert.StartsWith("plexsync: --only is “d”", option.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_a_job_replaces_that_of_the_file()
    {
        await using var household = await StartAsync(
            """
            {
              "library": ["Movies"], "to": ["Friend"],
              "jobs": {
                "kid": { "to": ["Kid"], "library": ["TV Shows"] }, "same": { "type": "movie" },
                "all": { "to": ["Kid"], "library": [] }, "unset": { "to": ["Kid"], "library": null }
              }
            }
            """);

        var kid = await household.RunAsync("sync", "--job", "kid", "--dry-run", "--json");
        var same = await household.RunAsync("sync", "--job", "same", "--dry-run", "--json");
        var all = await household.RunAsync("sync", "--job", "all", "--dry-run", "--json");
        var unset = await household.RunAsync("sync", "--job", "unset", "--dry-run", "--json");

        Assert.Equal(["TV Shows"], LibrariesOf(kid));
        Assert.Equal(["Kid"], kid.Targets.Select(TitleOf));
        Assert.Equal(["Movies"], LibrariesOf(same));
        Assert.Equal(["Friend"], same.Targets.Select(TitleOf));
        Assert.Equal(["Movies", "TV Shows"], LibrariesOf(all));
        Assert.Equal(["Movies"], LibrariesOf(unset));

        static IEnumerable<string?> LibrariesOf(Result result) =>
            result.Targets.Single().GetProperty("libraries").EnumerateArray()
                .Select(static library => library.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("--to cannot be combined with --job", "--to", "Friend")]
    [InlineData("--to-all cannot be combined with --job", "--to-all")]
    [InlineData("--from cannot be combined with --job", "--from", "Teen")]
    [InlineData("--server cannot be combined with --job", "--server", "NAS")]
    [InlineData("--to-server cannot be combined with --job", "--to-server", "Den")]
    [InlineData("--policy cannot be combined with --job", "--policy", "mirror")]
    [InlineData("--two-way cannot be combined with --job", "--two-way")]
    public async Task Who_and_where_come_from_the_file_alone(string sentence, params string[] args)
    {
        await using var household = await StartAsync(Two);

        var result = await household.RunAsync(["sync", "--job", "kid", .. args]);

        AssertRefused(household, result, sentence);
    }

    [Fact]
    public async Task Nor_do_they_come_from_a_variable()
    {
        await using var household = await StartAsync(Two);
        household.Environment["PLEXSYNC_TO"] = "Friend";

        AssertRefused(household, await household.RunAsync("sync", "--all-jobs"), "PLEXSYNC_TO cannot be combined with --all-jobs");
        household.Environment["PLEXSYNC_JOB"] = "kid";
        AssertRefused(household, await household.RunAsync("sync"), "PLEXSYNC_TO cannot be combined with PLEXSYNC_JOB");
        household.Environment.Remove("PLEXSYNC_TO");
        Assert.Contains("Job “kid”", (await household.RunAsync("sync", "--dry-run")).Lines);
    }

    [Theory]
    [InlineData("""{ "jobs": ["kid"] }""", "“jobs” must be an object with a name for each job")]
    [InlineData("""{ "jobs": { "kid": "Kid" } }""", "“jobs” must be an object with a name for each job")]
    [InlineData("""{ "jobs": { "../kid": { "to": "Kid" } } }""", "“../kid” cannot be the name of a job")]
    [InlineData(
        """{ "jobs": { "kid": { "to": "Kid", "twoWays": true } } }""",
        "unknown key “jobs.kid.twoWays”. Did you mean “twoWay”?")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "user": "Ann" } } }""", "“jobs.kid.user” cannot be set for one job")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "tokenFile": "token" } } }""", "“jobs.kid.tokenFile” cannot be set for one job")]
    [InlineData("""{ "jobs": { "kid": { "to": { "name": "Kid" } } } }""", "the value of “jobs.kid.to” has the wrong type")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid" }, "kid": { "to": "Kid" } } }""", "the key “jobs.kid” appears twice")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid" } }, "jobs": { "ann": { "to": "Ann" } } }""", "the key “jobs” appears twice")]
    [InlineData("""{ "to": "Kid", "jobs": { "kid": { "to": [] } } }""", "The job “kid” in ")]
    [InlineData("""{ "jobs": { "kid": { "users": [] } } }""", "The job “kid” in ")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid" }, "Kid": { "to": "Kid" } } }""", "the key “jobs.Kid” appears twice")]
    [InlineData("""{ "job": "kid", "jobs": { "kid": { "to": "Kid" } } }""", "unknown key “job”. Did you mean “jobs”?")]
    [InlineData("""{ "jobs": { "kid": {} } }""", "The job “kid” in ")]
    [InlineData(
        """{ "jobs": { "kid": { "to": "Kid", "toAll": true } } }""",
        "A job takes only one of “to”, “toAll” and “users”. Remove jobs.kid.to (")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "users": ["Ann", "Bob"] } } }""", "A job takes only one of “to”, “toAll” and “users”")]
    [InlineData("""{ "jobs": { "kid": { "users": ["Ann"] } } }""", "a merge needs at least two users")]
    [InlineData("""{ "jobs": { "kid": { "users": ["Ann", "Bob"], "from": "Ann" } } }""", "cannot be used with “users”")]
    [InlineData("""{ "jobs": { "kid": { "users": ["Ann", "Bob"], "toServer": "Den" } } }""", "cannot be used with “users”")]
    [InlineData("""{ "jobs": { "kid": { "users": ["Ann", "Bob"], "policy": "copy" } } }""", "The policy “copy” does not work for a merge")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "except": "Ann" } } }""", "works only with toAll")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "twoWay": "maybe" } } }""", "jobs.kid.twoWay (")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid", "maxRemovals": -1 } } }""", "jobs.kid.maxRemovals (")]
    [InlineData("""{ "jobs": { "kid": { "to": "Kid" }, "ann": { "to": "Ann", "since": "soon" } } }""", "jobs.ann.since (")]
    [InlineData("""{ "to": "Kid" }""", "has no jobs")]
    public async Task A_file_with_a_mistake_runs_no_job_at_all(string json, string sentence)
    {
        await using var household = await StartAsync(json);

        AssertRefused(household, await household.RunAsync("sync", "--all-jobs"), sentence);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_refused_with_those_that_are()
    {
        await using var household = await StartAsync(Two);

        AssertRefused(household, await household.RunAsync("sync", "--job", "kids"), " has no job “kids”. Available: ");
        AssertRefused(household, await household.RunAsync("plan", "--job", "kids", "-o", "-"), "Available: kid, us.");
        AssertRefused(household, await household.RunAsync("sync", "--job", "kid", "--all-jobs"), "--all-jobs already runs every job");
        AssertRefused(household, await household.RunAsync("sync"), "or run a job from config.json with --job (kid, us)");
    }

    [Fact]
    public async Task All_jobs_run_one_after_the_other()
    {
        await using var household = await StartAsync("""{ "jobs": { "kid": { "to": "Kid" }, "friend": { "to": "Friend" } } }""");

        var result = await household.RunAsync("sync", "--all-jobs");
        var again = await household.RunAsync("sync", "--all-jobs", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.True(Array.IndexOf(result.Lines, "Job “kid”") < Array.IndexOf(result.Lines, "Job “friend”"));
        Assert.Contains("Job “friend” (2 of 2)", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, again.Json.GetProperty("exitCode").GetInt32());
        Assert.Equal(["kid", "friend"], JobsOf(again).Select(static job => job.GetProperty("job").GetString()));
        Assert.All(JobsOf(again), static job => Assert.Equal(0, job.GetProperty("requests").GetProperty("writes").GetInt32()));
    }

    [Fact]
    public async Task One_job_that_fails_does_not_stop_the_others_and_the_gravest_exit_code_counts()
    {
        await using var household = await StartAsync(
            """{ "jobs": { "nobody": { "to": "Nobody" }, "teen": { "to": "Teen" }, "kid": { "to": "Kid" } } }""");

        var result = await household.RunAsync("sync", "--all-jobs", "--json");
        var people = await household.RunAsync("sync", "--all-jobs", "--quiet");

        Assert.Equal((3, 3), (result.ExitCode, result.Json.GetProperty("exitCode").GetInt32()));
        Assert.Equal(
            ["userNotFound", "pinRequired", null],
            JobsOf(result).Select(static job => job.TryGetProperty("error", out var error) ? error.GetProperty("kind").GetString() : null));
        Assert.NotEmpty(household.Server.Writes);
        Assert.EndsWith("2 of 3 jobs are incomplete: nobody, teen.\n", people.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_that_would_undo_each_other_are_refused_before_anything_is_written()
    {
        await using var household = await StartAsync(
            """{ "jobs": { "kid": { "to": "Kid" }, "back": { "from": "id:1002", "to": "Friend", "twoWay": true } } }""");

        var result = await household.RunAsync("sync", "--all-jobs");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("The jobs “kid” and “back” would undo each other’s changes to “Kid”", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Writes);
        household.Configure(
            """
            { "jobs": {
              "kid": { "to": "Kid", "library": "Movies" },
              "back": { "from": "Kid", "to": "Friend", "twoWay": true, "library": "TV Shows" }
            } }
            """);
        Assert.Equal(0, (await household.RunAsync("sync", "--all-jobs", "--dry-run")).ExitCode);
    }

    [Fact]
    public async Task Plans_and_pages_of_all_jobs_are_files_of_their_own()
    {
        await using var household = await StartAsync("""{ "jobs": { "kid": { "to": "Kid" }, "friend": { "to": "Friend" } } }""");
        var (plan, page) = (Path.Combine(household.Folder, "plan.json"), Path.Combine(household.Folder, "page.html"));

        var result = await household.RunAsync("plan", "--all-jobs", "-o", plan, "--report", page);
        var stdout = await household.RunAsync("plan", "--all-jobs", "-o", "-");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            ["page.friend.html", "page.kid.html", "plan.friend.json", "plan.kid.json"],
            Directory.GetFiles(household.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        AssertRefused(household, stdout, "--output cannot be standard output with --all-jobs", requests: null);
    }

    [Theory]
    [InlineData("/dev/stdout", 2)]
    [InlineData("/dev/fd/1", 2)]
    [InlineData("/dev/null", 0)]
    public async Task A_device_is_no_file_of_each_job(string device, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such devices.");
        await using var household = await StartAsync("""{ "jobs": { "kid": { "to": "Kid" }, "friend": { "to": "Friend" } } }""");

        var plan = await household.RunAsync("plan", "--all-jobs", "-o", device);
        var page = await household.RunAsync("sync", "--all-jobs", "--dry-run", "--report", device);

        Assert.Equal((exitCode, exitCode), (plan.ExitCode, page.ExitCode));
        Assert.Equal(exitCode == 2, household.Plex.Requests.Count == 0);
    }

    [Fact]
    public async Task A_dry_run_of_all_jobs_shows_how_to_do_each()
    {
        await using var household = await StartAsync("""{ "jobs": { "my kid": { "to": "Kid" } } }""");

        var result = await household.RunAsync("sync", "--all-jobs", "--dry-run");

        Assert.Contains("To make these changes: plexsync sync '--job=my kid'", result.Lines);
    }

    [Fact]
    public async Task Cancelling_a_job_cancels_those_to_come_and_still_reports()
    {
        await using var household = await StartAsync("""{ "jobs": { "kid": { "to": "Kid" }, "friend": { "to": "Friend" } } }""");
        using var stop = new CancellationTokenSource();
        household.CancelAtWrite(2, stop);

        var result = await household.RunAsync(["sync", "--all-jobs", "--json"], stop.Token);

        Assert.Equal((130, 130), (result.ExitCode, result.Json.GetProperty("exitCode").GetInt32()));
        Assert.Equal("kid", Assert.Single(JobsOf(result)).GetProperty("job").GetString());
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task Doctor_looks_at_the_jobs_too()
    {
        await using var household = await StartAsync(
            """{ "jobs": { "kid": { "to": "Kid" }, "friend": { "from": "Kid", "to": "Friend" } } }""");

        var found = await household.RunAsync("doctor", "--json");
        household.Configure("""{ "jobs": { "kid": { "to": "Nobody" } } }""");
        var missing = await household.RunAsync("doctor", "--json");
        household.Configure("""{ "jobs": { "kid": {} } }""");
        var wrong = await household.RunAsync("doctor", "--json");

        Assert.Equal("All found: Kid, Friend.", Check(found, "users").GetProperty("message").GetString());
        Assert.Equal("failed", Check(missing, "users").GetProperty("status").GetString());
        Assert.StartsWith("The job “kid” in ", Check(wrong, "configuration").GetProperty("message").GetString(), StringComparison.Ordinal);

        static JsonElement Check(Result result, string name) =>
            result.Json.GetProperty("checks").EnumerateArray().First(check => check.GetProperty("check").GetString() == name);
    }

    [Fact]
    public async Task The_names_of_jobs_are_completed()
    {
        await using var household = await StartAsync(Two);

        Assert.Equal(["kid", "us"], (await household.RunAsync("__complete", "zsh", "sync", "--job", "")).Lines);
    }

    /// <summary>The only server of the account is found through plex.tv: a variable would not go with a job.</summary>
    private static async Task<Household> StartAsync(string json)
    {
        var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Configure(json);
        return household;
    }

    private static void AssertRefused(Household household, Result result, string sentence, int? requests = 0)
    {
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Equal(requests ?? household.Plex.Requests.Count, household.Plex.Requests.Count);
    }

    private static JsonElement[] JobsOf(Result result) => [.. result.Json.GetProperty("jobs").EnumerateArray()];

    private static string? TitleOf(JsonElement target) => target.GetProperty("user").GetProperty("title").GetString();
}
