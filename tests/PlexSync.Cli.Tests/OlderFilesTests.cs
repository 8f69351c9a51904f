using System.Text.Json;
using PlexSync.Cli.Configuration;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>A state folder and a plan that version 0.1.0 of November 2026 (8481aaf) wrote: this version goes on with them.</summary>
public sealed class OlderFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private string State => Path.Combine(_folder.FullName, "state");

    [Fact]
    public async Task Stored_token_and_client_identifier_are_sent()
    {
        await using var home = await StartAsync();
        home.Environment.Remove("PLEXSYNC_TOKEN");

        await home.RunAsync("users");

        var request = home.Plex.Requests.All[0];
        Assert.Equal("vKcX7kXKSE6MTYF5QKiZ", request.Token);
        Assert.Equal("f077a150281e81add79d4d57f5262cb7", request.Headers["X-Plex-Client-Identifier"]);
    }

    [Fact]
    public void Names_are_completed()
    {
        var names = new NameCache(Path.Combine(State, "names.json"));

        Assert.Equal(["Owner", "Kid", "Teen", "Friend"], names.Of(NameCache.Users));
        Assert.Equal(["Movies", "TV Shows"], names.Of(NameCache.Libraries));
        Assert.Equal(["NAS"], names.Of(NameCache.Servers));
    }

    [Fact]
    public async Task Runs_are_listed()
    {
        await using var home = await StartAsync();

        var runs = (await home.RunAsync("runs", "--json")).Json.GetProperty("runs");

        Assert.Equal(
            [false, false, true, true, true, true], runs.EnumerateArray().Select(static run => run.GetProperty("finished").GetBoolean()));
        // They have no number, and go by their names.
        Assert.All(runs.EnumerateArray(), static run => Assert.Equal(JsonValueKind.Null, run.GetProperty("number").ValueKind));
        Assert.Equal(
            runs.EnumerateArray().Select(static run => run.GetProperty("run").GetString()),
            (await home.RunAsync("runs")).Lines[1..7].Select(static line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Run_is_settled_and_undone_and_a_plan_applied()
    {
        await using var home = await StartAsync();
        // As the finished run on Friend left it.
        foreach (var (key, views, position) in ((string, int, long)[])[("13", 1, 0), ("14", 1, 0), ("15", 1, 0), ("16", 0, 600_000)])
        {
            home.Server.SetState(home.World.User("Friend"), key, new Testing.ItemState(views, position, 1_795_738_166));
        }

        var undone = await home.RunAsync("undo", "2026-11-27T00-09-26Z-a625", "--yes", "--json");
        var applied = await home.RunAsync("apply", Path.Combine(_folder.FullName, "plan.json"), "--json");

        Assert.Equal(0, undone.ExitCode);
        Assert.Equal(4, undone.Targets[0].GetProperty("applied").GetInt32());
        Assert.Equal(0, home.Of(home.World.User("Friend"), 13).ViewCount);
        // Its killed run, too, is settled: what it had not come to is as before.
        Assert.DoesNotContain(
            (await home.RunAsync("runs", "--json")).Json.GetProperty("runs").EnumerateArray(),
            static run =>
                run.GetProperty("target").GetProperty("title").GetString() == "Friend" && !run.GetProperty("finished").GetBoolean());
        Assert.Equal(1, home.Of(home.Kid, 2).ViewCount);
        Assert.True(applied.Targets[0].GetProperty("applied").GetInt32() >= 6, applied.Out);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<Household> StartAsync()
    {
        var home = await Household.StartAsync();
        home.Environment["PLEXSYNC_HOME"] = State;
        home.Time = new HurriedTime();
        return home;
    }
}
