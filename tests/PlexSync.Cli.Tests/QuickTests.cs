using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary><c>--quick</c>: as an option, a variable and a key of the file; what it says, and how little it asks for.</summary>
public sealed class QuickTests
{
    private const string Changed = "Only items viewed since the last run were read.";

    [Fact]
    public async Task Quick_repeat_takes_at_most_25_requests()
    {
        await using var household = await Household.StartAsync();
        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid")).ExitCode);
        View(household, household.World.Owner, 6);
        var before = household.Plex.Requests.All.Count;

        var result = await household.RunAsync("sync", "--to", "Kid", "--quick", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.InRange(household.Plex.Requests.All.Count - before, 1, 25);
        Assert.Equal("changed", result.Json.GetProperty("reading").GetString());
        Assert.False(result.Json.TryGetProperty("wholeBecause", out _));
        Assert.Equal(["6"], result.Targets[0].GetProperty("changes").EnumerateArray().Select(change =>
            change.GetProperty("ratingKey").GetString()));
        Assert.True(household.Of(household.Kid, 6).IsWatched);
    }

    [Fact]
    public async Task Quick_run_says_what_it_read_and_why()
    {
        await using var household = await Household.StartAsync();

        var first = await household.RunAsync("sync", "--to", "Kid", "--quick");
        var second = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--quick");
        var french = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--quick", "--lang", "fr");
        var quiet = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--quick", "--quiet");
        var other = await household.RunWithoutWritingAsync(
            "sync", "--to", "Kid", "--quick", "--policy", "furthest", "--json", "--dry-run");
        var without = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--json");

        Assert.Contains(
            "Everything was read: no earlier run with these users and options is recorded.", first.Error, StringComparison.Ordinal);
        Assert.Contains(Changed, second.Error, StringComparison.Ordinal);
        Assert.Contains("Seuls les éléments vus depuis la dernière exécution ont été lus.", french.Error, StringComparison.Ordinal);
        Assert.Equal("", quiet.Error + quiet.Out);
        Assert.Equal(
            ("whole", "nothingKnown"),
            (other.Json.GetProperty("reading").GetString(), other.Json.GetProperty("wholeBecause").GetString()));
        Assert.False(without.Json.TryGetProperty("reading", out _));
    }

    [Fact]
    public async Task Damaged_reading_is_said_in_one_sentence()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        var file = Directory.GetFiles(household.Environment["PLEXSYNC_HOME"], "*.json", SearchOption.AllDirectories)
            .Single(path => Path.GetFileName(Path.GetDirectoryName(path)) == "readings");
        Assert.DoesNotContain(household.World.Owner.AccountToken, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{");

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--quick");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Everything was read: no earlier run", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLEXSYNC_QUICK", null, "--to", "Kid")]
    [InlineData(null, "\"quick\": true", "--to", "Kid")]
    [InlineData(null, """ "jobs": { "kid": { "to": "Kid", "quick": true } } """, "--job", "kid")]
    public async Task Quick_can_be_set_by_variable_file_and_job(string? variable, string? file, params string[] args)
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        if (variable is not null)
        {
            household.Environment[variable] = "1";
        }

        if (file is not null)
        {
            // Where a job is named, the server comes from the file alone.
            household.Environment.Remove("PLEXSYNC_SERVER");
            household.Configure($$"""{ "server": "{{household.ServerUrl}}", {{file}} }""");
        }

        var result = await household.RunAsync(["sync", .. args]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(Changed, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removals_wait_for_a_run_that_reads_everything()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--policy", "mirror");
        View(household, household.Kid, 7);

        var quick = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--policy", "mirror", "--quick");
        var whole = await household.RunAsync("sync", "--to", "Kid", "--policy", "mirror");

        Assert.Contains(
            "1 item skipped for Kid: it waits for a run that reads everything, without --quick.", quick.Out, StringComparison.Ordinal);
        Assert.Equal((0, 0), (quick.ExitCode, whole.ExitCode));
        Assert.False(household.Of(household.Kid, 7).IsWatched);
    }

    [Fact]
    public async Task Plan_and_merge_read_only_what_changed_too()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("sync", "--to", "Kid");
        View(household, household.World.Owner, 6);

        var plan = await household.RunAsync("plan", "--to", "Kid", "--quick", "-o", file);
        var saved = await File.ReadAllTextAsync(file);
        var apply = await household.RunAsync("apply", file);
        await household.RunAsync("merge", "--user", "Owner", "--user", "Kid");
        View(household, household.Kid, 8);
        var merge = await household.RunAsync("merge", "--user", "Kid", "--user", "Owner", "--quick");

        Assert.Contains(Changed, plan.Error, StringComparison.Ordinal);
        Assert.Contains("\"onlyChanged\": true", saved, StringComparison.Ordinal);
        Assert.Equal((0, 0), (plan.ExitCode, apply.ExitCode));
        Assert.True(household.Of(household.Kid, 6).IsWatched);
        Assert.Contains(Changed, merge.Error, StringComparison.Ordinal);
        Assert.True(household.Of(household.World.Owner, 8).IsWatched);
    }

    private static void View(Household household, SimulatedUser user, int key) => household.Server.SetState(
        user, $"{key}", new ItemState(1, 0, household.World.Clock.GetUtcNow().ToUnixTimeSeconds()));
}
