using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Copies of the same work on one server, and across servers.</summary>
public sealed class MatchTests
{
    [Theory]
    [InlineData]
    [InlineData("--match", "auto")]
    [InlineData("--match", "guid")]
    public async Task Copies_that_a_user_sees_get_the_state_of_what_the_user_does_not_see(params string[] match)
    {
        await using var household = await Household.StartAsync(Worlds.Twins());

        var result = await household.RunAsync(["sync", "--to", "Kid", "--json", .. match]);
        var again = await household.RunWithoutWritingAsync(["sync", "--to", "Kid", .. match]);

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.All(Enumerable.Range(21, 10).Concat([46, 47, 48]), key => Assert.Equal(1, household.Of(household.Kid, key).ViewCount));
        Assert.Equal(10 * 60_000, household.Of(household.Kid, 49).ViewOffset);
        Assert.Equal(14, household.SeenBy(household.Kid).Count);
        Assert.Equal(14, result.Targets[0].GetProperty("verified").GetInt32());
    }

    [Fact]
    public async Task Key_skips_what_a_user_does_not_see()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--match", "key", "--json");

        Assert.Equal(0, result.ExitCode);
        var skip = Assert.Single(result.Targets[0].GetProperty("skipped").EnumerateObject());
        Assert.Equal(("notVisibleToTarget", 17), (skip.Name, skip.Value.GetInt32()));
    }

    [Fact]
    public async Task Guid_marks_every_copy()
    {
        await using var household = await Household.StartAsync(Worlds.Twins());

        var result = await household.RunAsync("sync", "--to", "Friend", "--match", "guid");
        var again = await household.RunWithoutWritingAsync("sync", "--to", "Friend", "--match", "guid");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        var friend = household.World.User("Friend");
        Assert.All(new[] { 1, 21, 6, 26, 33, 46 }, key => Assert.True(household.Of(friend, key).IsWatched));
    }

    [Fact]
    public async Task Sync_writes_to_another_server_and_to_no_other()
    {
        await using var there = await Elsewhere.StartAsync();

        var result = await there.RunAsync("sync", "--to", "Nina", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(there.Nas.Writes);
        Assert.NotEmpty(there.Den.Writes);
        Assert.All(there.Den.Writes, play => Assert.Equal(there.Nina.Id, play.UserId));
        Assert.Equal(there.Nas.MachineIdentifier, result.Json.GetProperty("server").GetProperty("machineIdentifier").GetString());
        Assert.Equal(there.Den.MachineIdentifier, result.Targets[0].GetProperty("server").GetProperty("machineIdentifier").GetString());
        Assert.Equal("Den", result.Targets[0].GetProperty("server").GetProperty("name").GetString());
        Assert.True(result.Targets[0].GetProperty("applied").GetInt32() > 300);
        foreach (var key in
            there.Nas.StatesOf(there.Household.World.Owner).Where(static pair => pair.Value.IsWatched)
                .Select(static pair => pair.Key))
        {
            var copies = there.World.Truth[key];
            Assert.True(copies.All(copy => there.Den.State(there.Nina, copy).IsWatched) || IsSkipped(there, key));
        }
    }

    [Fact]
    public async Task Sync_writes_nothing_to_another_server_when_run_again()
    {
        await using var there = await Elsewhere.StartAsync();
        await there.RunAsync("sync", "--to", "Nina");
        var writes = there.Household.Plex.Requests.Writes;

        var result = await there.RunAsync("sync", "--to", "Nina");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(writes, there.Household.Plex.Requests.Writes);
        Assert.Contains("Owner on “NAS” → Nina on “Den”", result.Lines);
    }

    [Fact]
    public async Task Two_way_across_servers_brings_both_up_and_writes_nothing_when_run_again()
    {
        await using var there = await Elsewhere.StartAsync();

        var first = await there.RunAsync("sync", "--to", "Nina", "--two-way", "--json");
        var writes = there.Household.Plex.Requests.Writes;
        var second = await there.RunAsync("sync", "--to", "Nina", "--two-way");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(writes, there.Household.Plex.Requests.Writes);
        Assert.NotEmpty(there.Nas.Writes);
        Assert.All(there.Nas.Writes, play => Assert.Equal(there.Household.World.Owner.Id, play.UserId));
    }

    [Fact]
    public async Task Undo_takes_back_what_was_written_to_another_server()
    {
        await using var there = await Elsewhere.StartAsync();
        var before = Household.SeenBy(there.Den, there.Nina);
        await there.RunAsync("sync", "--to", "Nina");

        var result = await there.RunAsync("undo", "--yes");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(before, Household.SeenBy(there.Den, there.Nina));
    }

    [Fact]
    public async Task Plan_for_another_server_is_applied_with_the_same_options()
    {
        await using var there = await Elsewhere.StartAsync();
        var file = Path.Combine(there.Household.Folder, "plan.json");

        var plan = await there.RunAsync("plan", "--to", "Nina", "-o", file);
        var writes = there.Household.Plex.Requests.Writes;
        var apply = await there.RunAsync("apply", file, "--json");

        Assert.Equal((0, 0, 0), (plan.ExitCode, writes, apply.ExitCode));
        Assert.NotEmpty(there.Den.Writes);
        Assert.Equal(0, apply.Targets[0].GetProperty("failed").GetInt32());
    }

    [Fact]
    public async Task User_who_is_not_known_there_is_named()
    {
        await using var there = await Elsewhere.StartAsync();

        var result = await there.RunAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("There is no user “Kid” in the Home or among the friends of this account.", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, there.Household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Token_of_nobody_is_refused()
    {
        await using var there = await Elsewhere.StartAsync();
        there.Household.WriteFile("token", "notthetokenofanybody");

        var result = await there.RunAsync("sync", "--to", "Nina");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("rejected the token", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, there.Household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Token_of_an_account_without_that_server_is_refused()
    {
        await using var there = await Elsewhere.StartAsync();
        there.Household.WriteFile("token", there.Household.World.Owner.AccountToken);

        var result = await there.RunAsync("sync", "--to", "Kid");
        var without = await there.Household.RunAsync(
            "sync", "--to", "Nina", "--to-server", there.Household.Plex.UrlOf(there.Den).AbsoluteUri);

        Assert.Equal((3, 3), (result.ExitCode, without.ExitCode));
        Assert.Equal(0, there.Household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Other_server_can_be_named()
    {
        await using var there = await Elsewhere.StartAsync();

        var result = await there.Household.RunWithoutWritingAsync(
            "sync", "--to", "Nina", "--to-server", "den", "--to-token-file", there.TokenFile, "--dry-run", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(result.Targets[0].GetProperty("changes").EnumerateArray());
    }

    [Fact]
    public async Task Tokens_of_both_accounts_are_told_to_nobody()
    {
        await using var there = await Elsewhere.StartAsync();

        var result = await there.RunAsync("sync", "--to", "Nina", "--verbose");

        Assert.All(
            there.Household.World.Users,
            user => Assert.DoesNotContain(user.AccountToken, result.Out + result.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ratings_for_a_server_that_keeps_only_its_owners_are_skipped_with_a_word()
    {
        await using var there = await Elsewhere.StartAsync();
        there.Den.Switches.SharedRatingsAreOwners = true;
        var rated = there.Nas.Libraries[0].Items.Where(item => item.Guids.Count > 0 && there.World.Truth[item.RatingKey].Count == 1).Take(4)
            .ToList();
        rated.ForEach(
            item => there.Nas.SetState(
                there.Household.World.Owner,
                item.RatingKey,
                there.Nas.State(there.Household.World.Owner, item.RatingKey) with { UserRating = 7 }));

        var first = await there.RunAsync("sync", "--to", "Nina", "--ratings");
        var writes = there.Household.Plex.Requests.Writes;
        var second = await there.RunAsync("sync", "--to", "Nina", "--ratings");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains("skipped for Nina: the server shows its owner’s ratings to all users.", first.Out, StringComparison.Ordinal);
        Assert.InRange(there.Household.Plex.Requests.Writes - writes, 0, 1);
        Assert.DoesNotContain(there.Den.Writes, static play => play.Kind is WriteKind.Rate);
    }

    /// <summary>
    /// Identifiers that are absent or contradict each other, and other numbers, leave no proof that two works are the same.
    /// </summary>
    private static bool IsSkipped(Elsewhere there, string key)
    {
        var item = there.Nas.Libraries.SelectMany(static library => library.Items).Single(item => item.RatingKey == key);
        var copies = there.Den.Libraries.SelectMany(static library => library.Items)
            .Where(copy => there.World.Truth[key].Contains(copy.RatingKey)).ToList();
        return there.World.Renumbered.Contains(key) || item.Guids.Count == 0 || copies.Exists(static copy => copy.Guids.Count == 0);
    }

    /// <summary>The household with a second server of somebody else, and that one's token in a file.</summary>
    private sealed class Elsewhere(TwoServers world, Household household) : IAsyncDisposable
    {
        public TwoServers World => world;

        public Household Household => household;

        public SimulatedServer Nas => world.Nas;

        public SimulatedServer Den => world.Den;

        public SimulatedUser Nina => world.World.User("Nina");

        public string TokenFile => Path.Combine(household.Folder, "token");

        public static async Task<Elsewhere> StartAsync()
        {
            var world = Worlds.TwoServers();
            var household = await Household.StartAsync(world.World);
            household.WriteFile("token", world.World.User("Cousin").AccountToken);
            return new Elsewhere(world, household);
        }

        public Task<Result> RunAsync(params string[] args) =>
            household.RunAsync([.. args, "--to-server", household.Plex.UrlOf(world.Den).AbsoluteUri, "--to-token-file", TokenFile]);

        public ValueTask DisposeAsync() => household.DisposeAsync();
    }
}
