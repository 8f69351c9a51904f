using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Programs;

/// <summary>The sample of a program for a terminal.</summary>
public sealed class SearchAndMarkTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-marks-");
    private PlexSimulator _plex = null!;

    public async ValueTask InitializeAsync() =>
        _plex = await PlexSimulator.StartAsync(Worlds.Small(), TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_search_names_shows_and_items_with_their_keys()
    {
        Assert.Contains("11  Show 1 (2010): 3 of 10 episodes watched", (await RunAsync("search", "show")).Out, StringComparison.Ordinal);
        Assert.Contains("2  Movie 2 (2002): watched", (await RunAsync("search", "movie 2")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_show_is_marked_episode_by_episode()
    {
        var first = await RunAsync("mark", "11");
        var back = await RunAsync("mark", "11", "--unwatched", "--user", "Kid");

        Assert.EndsWith("7 of 7 changed for Owner.\n", first.Out, StringComparison.Ordinal);
        Assert.EndsWith("0 of 0 changed for Kid.\n", back.Out, StringComparison.Ordinal);
        Assert.All(_plex.World.Server.Library("TV Shows").Items, item => Assert.True(item.StateOf(_plex.World.Owner).IsWatched));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        var result = await RunAsync("mark", "6", "--dry-run");

        Assert.Equal((0, 0), (result.ExitCode, _plex.Requests.Writes));
        Assert.Contains("Movie 6", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'Owner' sees no item 999 on 'NAS'.", "999")]
    [InlineData("No user 'Nobody'", "6", "--user", "Nobody")]
    [InlineData("'a/b' is not a rating key.", "a/b")]
    public async Task What_goes_wrong_is_said_in_one_line(string error, params string[] arguments)
    {
        var result = await RunAsync(["mark", .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    public async ValueTask DisposeAsync()
    {
        await _plex.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) => ManagedProgram.RunAsync(
        "samples/SearchAndMark",
        "SearchAndMark",
        new Dictionary<string, string> { ["PLEX_TOKEN"] = _plex.World.Owner.AccountToken, ["PLEX_ACCOUNT_URL"] = $"{_plex.AccountUrl}" },
        [.. arguments, "--server", $"{_plex.ServerUrl}", "--state-folder", _folder.FullName]);
}
