using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace PlexSync.Cli.Tests;

/// <summary><c>plexsync status</c>: what it says of the jobs that are kept up, and by its exit code.</summary>
public sealed class StatusTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));
    private Household _household = null!;

    private string File => Path.Combine(_household.Environment["PLEXSYNC_HOME"], "status.json");

    public async ValueTask InitializeAsync()
    {
        _household = await Household.StartAsync();
        _household.Time = _time;
    }

    public ValueTask DisposeAsync() => _household.DisposeAsync();

    [Fact]
    public async Task Healthy_jobs_are_shown_and_all_is_well()
    {
        Write(Up);

        var result = await _household.RunAsync("status");
        var quiet = await _household.RunAsync("status", "--quiet");
        var json = await _household.RunAsync("status", "--json");
        var french = await _household.RunAsync("status", "--lang", "fr");

        Assert.Equal((0, "", 0, 0), (result.ExitCode, result.Error, json.ExitCode, french.ExitCode));
        Assert.Equal(
            """
            Job  State    Since              Last run           Last full run      Changes  Users
            kid  in step  22 Nov 2026 09:00  22 Nov 2026 09:50  22 Nov 2026 09:00  12       Owner → Kid on “NAS”
                                                                                            without Teen
            “NAS” sends events.

            All is well.

            """,
            result.Out);
        Assert.Equal((0, "", ""), (quiet.ExitCode, quiet.Out, quiet.Error));
        Assert.Equal("up", json.Json.GetProperty("status").GetProperty("jobs")[0].GetProperty("state").GetString());
        Assert.False(json.Json.TryGetProperty("error", out _));
        Assert.Contains("Tout va bien.", french.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_watch_has_run_that_is_said()
    {
        await AssertAsync($"No watch has run here yet: there is no {File}. Start one with “plexsync watch”.");
    }

    [Theory]
    [InlineData(12, null)]
    [InlineData(13, "“plexsync watch” (process 4711) has not reported since 22 Nov 2026 10:00: it has ended or hangs. Restart it.")]
    [InlineData(-13, "“plexsync watch” (process 4711) has not reported since 22 Nov 2026 10:00: it has ended or hangs. Restart it.")]
    public async Task A_file_that_is_old_or_of_the_future_is_stale(int minutes, string? sentence)
    {
        Write(Up);
        _time.AdjustTime(_time.GetUtcNow().AddMinutes(minutes));

        await AssertAsync(sentence);
    }

    [Theory]
    [InlineData("09:45:00", null)]
    [InlineData("09:44:59", "The job “kid” has been failing since 22 Nov 2026 09:44: The server is away.")]
    public async Task A_job_that_fails_for_long_is_not_well(string since, string? sentence)
    {
        Write($$"""
            "name": "kid", "state": "failing", "since": "2026-11-22T{{since}}Z", "changes": 0,
            "error": { "kind": "unreachable", "message": "The server is away." }, "retryAt": "2026-11-22T10:05:00Z"
            """);

        var shown = await AssertAsync(sentence);

        Assert.Contains("kid: The server is away. Next attempt: 22 Nov 2026 10:05", shown, StringComparison.Ordinal);
        Assert.Equal(sentence is null, shown.Contains("A job is failing. If that lasts more than 15 minutes", StringComparison.Ordinal));
        Assert.DoesNotContain("All is well", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_was_stopped_is_not_there()
    {
        Write(Up, stopped: "\"2026-11-22T09:59:00Z\"");

        await AssertAsync("“plexsync watch” was stopped on 22 Nov 2026 09:59.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"plexsync-status\",\"version\":2}")]
    [InlineData("{\"format\":\"plexsync-status\",\"version\":\"1\"}")]
    [InlineData("{\"format\":\"other\",\"version\":1}")]
    public async Task What_is_no_status_is_not_taken_for_one(string text)
    {
        WriteText(text);

        await AssertAsync($"{File} is damaged or from another version. Restart “plexsync watch”, which replaces it.");
    }

    [Theory]
    [InlineData("\"jobs\": 1, \"servers\": {}")]
    [InlineData("\"jobs\": [1, {\"state\": [], \"error\": 5, \"leftOut\": 3}], \"servers\": [null]")]
    public async Task Damaged_parts_are_passed_over(string parts)
    {
        WriteText($$"""{ "format": "plexsync-status", "version": 1, "updatedAt": "2026-11-22T10:00:00Z", {{parts}} }""");

        Assert.Equal(0, (await _household.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task What_is_wrong_with_the_configuration_is_no_news_of_the_watch()
    {
        Write(Up);
        _household.Configure("{ \"too\": 1 }");

        Assert.Equal(0, (await _household.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task The_file_is_written_though_nothing_happens_and_others_cannot_read_it()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var watch = Watching.Start(household, "--to", "Kid");
        await watch.SeeAsync("in step");
        var file = Path.Combine(household.Environment["PLEXSYNC_HOME"], "status.json");
        var before = household.Status();
        Assert.Equal(("plexsync-status", 1), (before.GetProperty("format").GetString(), before.GetProperty("version").GetInt32()));
        Assert.Equal(Environment.ProcessId, before.GetProperty("processId").GetInt32());
        Assert.True(
            OperatingSystem.IsWindows()
                || System.IO.File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        using var changes = new FileSystemWatcher(Path.GetDirectoryName(file)!, "status.json*");
        var written = new TaskCompletionSource();
        changes.Renamed += (_, _) =>
        {
            if (household.Status().GetProperty("updatedAt").GetDateTime() - before.GetProperty("updatedAt").GetDateTime()
                >= TimeSpan.FromMinutes(4))
            {
                written.TrySetResult();
            }
        };
        changes.EnableRaisingEvents = true;
        await written.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await watch.StopAsync();

        Assert.Equal(5, (await household.RunAsync("status")).ExitCode);
    }

    private const string Up = """
        "name": "kid", "state": "up", "since": "2026-11-22T09:00:00Z", "users": "Owner → Kid on “NAS”", "leftOut": ["Teen"],
        "lastRun": "2026-11-22T09:50:00Z", "lastWholeRun": "2026-11-22T09:00:00Z", "changes": 12, "error": null, "retryAt": null
        """;

    private void Write(string job, string stopped = "null") => WriteText($$"""
        {
          "format": "plexsync-status", "version": 1, "program": "0.1.0", "processId": 4711, "startedAt": "2026-11-22T09:00:00Z",
          "updatedAt": "2026-11-22T10:00:00Z", "stoppedAt": {{stopped}}, "jobs": [ { {{job}} } ],
          "servers": [ { "machineIdentifier": "abc", "name": "NAS", "events": true } ]
        }
        """);

    private void WriteText(string text)
    {
        OwnerOnly.CreateFolder(Path.GetDirectoryName(File)!, Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, text);
    }

    /// <summary>All is well, or else there is this one sentence.</summary>
    private async Task<string> AssertAsync(string? sentence)
    {
        var result = await _household.RunAsync("status");
        var json = await _household.RunAsync("status", "--json");
        Assert.Equal((sentence is null ? 0 : 5, result.ExitCode), (result.ExitCode, json.ExitCode));
        Assert.Equal(sentence is null ? "" : $"plexsync: {sentence}\n", result.Error);
        Assert.Equal(
            sentence, json.Json.TryGetProperty("error", out var error) ? error.GetProperty("message").GetString() : null);
        Assert.Equal(sentence is not null, error.ValueKind is JsonValueKind.Object && error.GetProperty("kind").GetString() == "stale");
        return result.Out;
    }
}
