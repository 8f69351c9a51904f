using System.Globalization;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>What is synchronised: types, libraries, shows, since when, which half of the state, and ratings.</summary>
public sealed class ChoiceTests
{
    [Fact]
    public async Task Ratings_travel_only_when_asked_for()
    {
        await using var household = await StartRatedAsync();

        await household.RunAsync("sync", "--to", "Kid");
        var without = household.Of(household.Kid, 2).UserRating;
        var result = await household.RunAsync("sync", "--to", "Kid", "--ratings");
        var again = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--ratings");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Null(without);
        Assert.Equal(8, household.Of(household.Kid, 2).UserRating);
        Assert.Equal(6.5, household.Of(household.Kid, 9).UserRating);
        Assert.False(household.Of(household.Kid, 9).IsWatched);
        Assert.Contains("[RATED] Movie 2 (2002) – 8 out of 10", result.Lines);
        Assert.Contains("[RATED] Movie 9 (2009) – 6.5 out of 10", result.Lines);
    }

    [Fact]
    public async Task Ratings_are_written_as_the_language_writes_numbers()
    {
        await using var household = await StartRatedAsync();

        var sync = await household.RunAsync("sync", "--to", "Kid", "--ratings", "--dry-run", "--lang", "fr");
        var explain = await household.RunAsync("explain", "--to", "Kid", "Movie 9", "--ratings", "--lang", "fr");

        Assert.Contains("[NOTÉ] Movie 9 (2009) – 6,5 sur 10", sync.Lines);
        Assert.Contains("noté 6,5", explain.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ratings_are_taken_back_by_undo()
    {
        await using var household = await StartRatedAsync();
        await household.RunAsync("sync", "--to", "Kid", "--ratings");

        var result = await household.RunAsync("undo", "--yes");

        Assert.Equal(0, result.ExitCode);
        Assert.Null(household.Of(household.Kid, 2).UserRating);
        Assert.Null(household.Of(household.Kid, 9).UserRating);
    }

    [Fact]
    public async Task Ratings_are_left_alone_when_the_server_shows_its_owners_to_everybody()
    {
        await using var household = await StartRatedAsync();
        household.Server.Switches.SharedRatingsAreOwners = true;

        var result = await household.RunAsync("sync", "--to", "Kid", "--ratings");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(household.Server.Writes, static play => play.Kind is WriteKind.Rate);
        Assert.DoesNotContain("[RATED]", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ratings_are_skipped_with_a_word_when_the_server_turns_out_to_keep_only_its_owners()
    {
        await using var household = await StartRatedAsync();
        household.Server.SetState(household.World.User("Friend"), "6", new ItemState(UserRating: 3));
        household.Server.SetState(household.World.User("Friend"), "3", new ItemState(UserRating: 4));
        var file = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--from", "Friend", "--to", "Kid", "--ratings", "-o", file);
        household.Server.Switches.SharedRatingsAreOwners = true;

        var result = await household.RunAsync("apply", file, "--json");

        Assert.Equal(2, result.Targets[0].GetProperty("skipped").GetProperty("ownersRating").GetInt32());
        Assert.Equal(0, result.Targets[0].GetProperty("applied").GetInt32());
        Assert.Equal((0, 1), (result.ExitCode, household.Plex.Requests.Writes));
    }

    [Fact]
    public async Task Tracks_are_synchronised_only_when_asked_for()
    {
        await using var household = await Household.StartAsync(Worlds.Music());

        var plain = await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--json");
        var excluded = await household.RunAsync("sync", "--to", "Kid", "--type", "!movie", "--dry-run", "--json");
        var inOthers = await household.RunAsync("sync", "--to", "Kid", "--library", "!TV Shows", "--dry-run", "--json");
        var result = await household.RunAsync("sync", "--to", "Kid", "--type", "track", "--json");
        var again = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--type", "track");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.DoesNotContain("Track", plain.Out, StringComparison.Ordinal);
        Assert.Equal(["13", "14", "15", "16"], Keys(excluded));
        Assert.Equal(["2", "3", "4", "5"], Keys(inOthers));
        Assert.Equal(["27", "28", "31", "37", "38"], Keys(result));
        Assert.All(new[] { 27, 28, 31, 38 }, key => Assert.Equal(1, household.Of(household.Kid, key).ViewCount));
        Assert.Equal(2 * 60_000, household.Of(household.Kid, 37).ViewOffset);
        Assert.False(household.Of(household.Kid, 2).IsWatched);
    }

    [Theory]
    [InlineData("13 14 15 16", "--type", "!movie")]
    [InlineData("13 14 15 16", "--type", "episode")]
    [InlineData("2 3 4 5", "--type", "movie")]
    [InlineData("13 14 15 16", "--library", "!Movies")]
    [InlineData("13 14 15 16", "--library", "!movies")]
    [InlineData("2 3 4 5", "--library", "Movies", "--library", "!TV Shows")]
    [InlineData("13 14 15 16", "--show", "Show 1")]
    [InlineData("13 14 15 16", "--show", "show 1")]
    [InlineData("13 14 15 16 3 4 5", "--since", "2026-05-05")]
    [InlineData("14 15 16", "--since", "2026-05-09")]
    [InlineData("", "--since", "1h")]
    [InlineData("16 4", "--only", "progress")]
    [InlineData("2 3 5", "--only", "watched", "--library", "Movies")]
    [InlineData("13 14 15 2 3 5", "--only", "watched")]
    [InlineData("13 14 15 16 2 3 4 5", "--type", "movie", "--type", "episode")]
    [InlineData("4", "--since", "2026-05-06", "--only", "progress", "--type", "movie")]
    public async Task Sync_keeps_to_what_was_asked_for(string keys, params string[] args)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync(["sync", "--to", "Kid", "--json", .. args]);
        var again = await household.RunWithoutWritingAsync(["sync", "--to", "Kid", .. args]);

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Equal(keys.Split(' ', StringSplitOptions.RemoveEmptyEntries), Keys(result));
    }

    [Theory]
    [InlineData("13 14 15 16 2", "--label", "together")]
    [InlineData("3 4", "--collection", "Cosy")]
    [InlineData("13 14 15 16 2 5", "--label", "Together", "--label", "Alone")]
    [InlineData("", "--label", "Together", "--collection", "Cosy")]
    [InlineData("2", "--label", "Together", "--library", "Movies")]
    public async Task Sync_keeps_to_labels_and_collections(string keys, params string[] args)
    {
        await using var household = await StartTaggedAsync();

        var result = await household.RunAsync(["sync", "--to", "Kid", "--json", .. args]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(keys.Split(' ', StringSplitOptions.RemoveEmptyEntries), Keys(result));
    }

    [Fact]
    public async Task Job_keeps_to_labels_and_a_merge_to_its_quorum()
    {
        await using var household = await StartTaggedAsync();
        // With a job, who and where come from the file alone.
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Configure($$"""
            {
              "server": "{{household.ServerUrl}}",
              "jobs": {
                "kid": { "to": "Kid", "label": ["Together"], "library": ["Movies"] },
                "both": { "users": ["Kid", "Owner"], "quorum": 2 }
              }
            }
            """);

        var kid = await household.RunAsync("sync", "--job", "kid", "--json");
        var both = await household.RunAsync("sync", "--job", "both", "--json");

        Assert.Equal(["2"], Keys(kid));
        // Of what only one has watched, nothing; of what nobody has, the positions.
        Assert.Equal(["16", "4"], Keys(both));
    }

    [Fact]
    public async Task Merge_marks_watched_what_as_many_have_watched_as_it_takes()
    {
        await using var household = await StartTaggedAsync();

        var two = await household.RunAsync("merge", "--user", "Kid", "--user", "Owner", "--quorum", "2", "--only", "watched", "--json");
        var one = await household.RunAsync("merge", "--user", "Kid", "--user", "Owner", "--quorum", "1", "--only", "watched", "--json");

        Assert.Equal((0, 0), (two.ExitCode, one.ExitCode));
        Assert.Empty(Keys(two));
        Assert.NotEmpty(Keys(one));
    }

    /// <summary>"Together": show 11 and movie 2; "Alone": movie 5; the collection "Cosy": movies 3 and 4.</summary>
    private static async Task<Household> StartTaggedAsync()
    {
        var household = await Household.StartAsync();
        household.Server.SetLabel("Together", "11", "2");
        household.Server.SetLabel("Alone", "5");
        household.Server.Library("Movies").AddCollection("Cosy", "3", "4");
        return household;
    }

    [Fact]
    public async Task Only_progress_leaves_what_is_watched()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--only", "progress");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(20 * 60_000, household.Of(household.Kid, 4).ViewOffset);
        Assert.Equal(10 * 60_000, household.Of(household.Kid, 16).ViewOffset);
        Assert.All(new[] { 2, 3, 5, 13 }, key => Assert.False(household.Of(household.Kid, key).IsWatched));
    }

    [Fact]
    public async Task Only_watched_leaves_what_is_in_progress()
    {
        await using var household = await Household.StartAsync();

        await household.RunAsync("sync", "--to", "Kid", "--only", "watched");

        Assert.All(household.SeenBy(household.Kid).Values, static state => Assert.True(state.IsWatched));
    }

    [Fact]
    public async Task Since_a_time_back_counts_from_now()
    {
        await using var household = await Household.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        household.Server.SetState(household.World.Owner, "6", new ItemState(1, 0, now.AddDays(-29).ToUnixTimeSeconds()));
        household.Server.SetState(household.World.Owner, "7", new ItemState(1, 0, now.AddDays(-31).ToUnixTimeSeconds()));

        var result = await household.RunAsync("sync", "--to", "Kid", "--since", "30d", "--type", "movie", "--json");

        Assert.Contains("6", Keys(result));
        Assert.DoesNotContain("7", Keys(result));
    }

    [Fact]
    public async Task Since_today_is_a_day_that_has_come()
    {
        await using var household = await Household.StartAsync();
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--since", today)).ExitCode);
    }

    [Fact]
    public async Task Choices_can_be_lists_in_the_configuration_file()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "to": ["Kid"], "library": ["!Movies"], "type": ["movie", "episode"], "show": ["Show 1"] }""");

        var result = await household.RunAsync("sync", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["13", "14", "15", "16"], Keys(result));
    }

    private static async Task<Household> StartRatedAsync()
    {
        var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "2", new ItemState(1, 0, 1_700_000_000, UserRating: 8));
        household.Server.SetState(household.World.Owner, "9", new ItemState(UserRating: 6.5));
        return household;
    }

    private static IEnumerable<string?> Keys(Result result) =>
        result.Targets[0].GetProperty("changes").EnumerateArray().Select(static change => change.GetProperty("ratingKey").GetString())
            .Order(StringComparer.Ordinal);
}
