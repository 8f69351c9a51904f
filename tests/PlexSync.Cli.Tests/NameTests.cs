using PlexSync.Simulator;

namespace PlexSync.Cli.Tests;

/// <summary>Wherever a person or a thing is named: what several answer to is never taken for all of them, or for the first.</summary>
public sealed class NameTests
{
    /// <summary>A managed profile "Sam", a friend whose user name is "Sam", and a profile titled like the owner's user name.</summary>
    private static async Task<Household> StartAsync()
    {
        var household = await Household.StartAsync();
        household.Kid.Title = "Sam";
        household.World.User("Friend").Title = "Samantha B";
        household.World.User("Samantha B").Username = "Sam";
        return household;
    }

    [Theory]
    [InlineData("sync", "--to", "Sam")]
    [InlineData("sync", "--to", "sam")]
    [InlineData("merge", "--user", "Owner", "--user", "Sam")]
    [InlineData("sync", "--from", "Sam", "--to", "Teen")]
    [InlineData("sync", "--to-all", "--except", "Sam")]
    [InlineData("explain", "--to", "Sam", "Movie 2")]
    [InlineData("plan", "--to", "Sam", "-o", "-")]
    public async Task A_title_that_is_the_user_name_of_somebody_else_is_ambiguous(params string[] args)
    {
        await using var household = await StartAsync();

        var result = await household.RunWithoutWritingAsync(args);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("could be several users: Sam (id:1002), Samantha B (id:2001, @Sam).", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_names_people_by_the_same_rule()
    {
        await using var household = await StartAsync();
        household.Configure("""{ "to": ["Sam"] }""");

        var result = await household.RunWithoutWritingAsync("sync", "--json");

        Assert.Equal("userAmbiguous", result.Json.GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_profile_titled_like_the_owners_user_name_is_told_apart_by_a_prefix()
    {
        await using var household = await Household.StartAsync();
        var kid = household.Kid;
        household.World.Owner.Title = "Robert";
        kid.Title = "owner";

        var ambiguous = await household.RunWithoutWritingAsync("sync", "--to", "owner");
        var titled = await household.RunAsync("sync", "--to", "title:owner");

        Assert.Equal((2, 0), (ambiguous.ExitCode, titled.ExitCode));
        Assert.Contains("Robert (id:1001, @owner)", ambiguous.Error, StringComparison.Ordinal);
        Assert.True(household.Of(kid, 2).IsWatched);
    }

    [Theory]
    [InlineData("Sam=4321", 2, "could be several: Sam (id:1003), Samantha B (id:2001, @Sam)")]
    [InlineData("title:Sam=4321", 0, "")]
    [InlineData("\"Sam\"=4321;username:sam=1", 2, "Entry 1")]
    public async Task A_PIN_goes_to_one_person_or_to_nobody(string pins, int exitCode, string sentence)
    {
        await using var household = await Household.StartAsync();
        household.World.User("Teen").Title = "Sam";
        household.World.User("Friend").Title = "Samantha B";
        household.World.User("Samantha B").Username = "Sam";
        household.Environment["PLEXSYNC_PINS"] = pins;

        var result = await household.RunAsync("sync", "--to", "id:1003");

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("4321", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.SeenBy(household.World.User("Samantha B")));
    }

    [Fact]
    public async Task A_PIN_can_be_given_for_a_name_with_a_semicolon()
    {
        await using var household = await Household.StartAsync();
        household.World.User("Teen").Title = "Tom; Jerry=1";
        household.Environment["PLEXSYNC_PINS"] = "\"Tom; Jerry=1\"=4321; Kid=1";

        var result = await household.RunAsync("sync", "--to", "id:1003");

        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("Teen=\"4321\"")]
    [InlineData("\"Teen=4321\"")]
    [InlineData("\"Teen\"=\"4321\"")]
    [InlineData("\"Teen=4321\";Kid=1")]
    public async Task Quotes_that_a_file_of_variables_keeps_belong_to_no_PIN(string pins)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = pins;

        var result = await household.RunAsync("sync", "--to", "Teen");

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_PIN_of_no_name_is_malformed()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321;\"  \"=8765";

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Teen");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Entry 2 of PLEXSYNC_PINS is not of the form NAME=PIN", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("teen=9999;Teen=4321")]
    [InlineData("Nobody=9999;id:1003=4321")]
    public async Task A_PIN_that_could_be_a_friends_is_passed_over_where_the_friends_are_not_known(string pins)
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/users").Status(410);
        household.Environment["PLEXSYNC_PINS"] = pins;

        var result = await household.RunAsync("sync", "--to", "Teen");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("entry 1 of PLEXSYNC_PINS could name a friend", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("9999", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Den:2", "Den:2")]
    [InlineData("Den:2", "den:2")]
    [InlineData("NAS @ Home / upstairs", "nas @ home / upstairs")]
    [InlineData("Tom’s<Den>:2", "Tom’s<Den>:2")]
    public async Task A_server_whose_name_looks_like_an_address_is_found_by_it(string name, string typed)
    {
        await using var household = await Household.StartAsync();
        household.Server.Name = name;

        var result = await household.RunAsync("sync", "--to", "Kid", "--server", typed);
        var doctor = await household.RunAsync("doctor", "--server", typed);

        Assert.Equal((0, 0), (result.ExitCode, doctor.ExitCode));
        Assert.DoesNotContain("http://", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Except_must_leave_somebody_out()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunWithoutWritingAsync("sync", "--to-all", "--except", "Friend");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("“Friend” is not in the Home", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Junior")]
    [InlineData("kid")]
    public async Task A_user_is_found_by_the_name_that_Plex_shows_and_by_the_title_behind_it(string typed)
    {
        await using var household = await Household.StartAsync();
        household.Kid.FriendlyName = "Junior";

        var result = await household.RunAsync("sync", "--to", typed, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Junior", result.Targets[0].GetProperty("user").GetProperty("title").GetString());
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Users_shows_what_tells_people_apart()
    {
        await using var household = await StartAsync();
        household.World.User("Teen").Title = "Sam\u200E ";

        var result = await household.RunAsync("users");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(result.Lines, static line => line.Contains("Samantha B (@Sam)", StringComparison.Ordinal) && line.Contains("2001", StringComparison.Ordinal));
        Assert.Contains(result.Lines, static line => line.Contains("\"Sam\\u200E \"", StringComparison.Ordinal) && line.Contains("1003", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(410, "sync", "--to", "Kid")]
    [InlineData(500, "sync", "--to", "id:1002")]
    [InlineData(410, "users")]
    [InlineData(404, "users")]
    [InlineData(403, "users")]
    [InlineData(403, "doctor")]
    public async Task The_friends_list_is_not_needed_for_the_Home(int status, params string[] args)
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/users").Status(status);

        var result = await household.RunAsync(args);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("did not tell who the friends of this account are", result.Error, StringComparison.Ordinal);
        Assert.Equal(args[0] == "sync", household.Of(household.Kid, 2).IsWatched);
    }

    [Theory]
    [InlineData("kid")]
    [InlineData("Friend")]
    [InlineData("id:2001")]
    [InlineData("Nobody")]
    public async Task A_name_that_could_be_a_friends_stops_where_the_friends_are_not_known(string typed)
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/users").Status(410);

        var result = await household.RunWithoutWritingAsync("sync", "--to", typed, "--json");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal("friendsUnknown", result.Json.GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Two_shows_of_one_title_are_refused_and_a_key_chooses_one()
    {
        await using var household = await Household.StartAsync(Worlds.Remake());

        var ambiguous = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--show", "Ghosts");
        var chosen = await household.RunAsync("sync", "--to", "Kid", "--show", "key:11", "--json");

        Assert.Equal((2, 0), (ambiguous.ExitCode, chosen.ExitCode));
        Assert.Contains("“Ghosts” could be several shows: Ghosts (", ambiguous.Error, StringComparison.Ordinal);
        Assert.Contains("(key:11)", ambiguous.Error, StringComparison.Ordinal);
        var own = household.Server.Libraries[1].Items.Where(static item => item.ShowKey == "11").Select(static item => item.RatingKey).ToHashSet();
        Assert.NotEmpty(chosen.Targets[0].GetProperty("changes").EnumerateArray());
        Assert.All(chosen.Targets[0].GetProperty("changes").EnumerateArray(), change => Assert.Contains(change.GetProperty("ratingKey").GetString()!, own));
    }

    [Theory]
    [InlineData("11")]
    [InlineData("Ghosts")]
    public async Task A_show_is_chosen_by_its_bare_key_and_by_the_exact_title_among_others_in_capitals(string typed)
    {
        var world = Worlds.Remake();
        foreach (var item in world.Server.Libraries[1].Items.Where(static item => item.ShowKey != "11"))
        {
            item.ShowTitle = "GHOSTS";
        }

        await using var household = await Household.StartAsync(world);

        var result = await household.RunAsync("sync", "--to", "Kid", "--show", typed, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            result.Targets[0].GetProperty("changes").EnumerateArray(),
            change => Assert.Equal("11", household.Server.Item(change.GetProperty("ratingKey").GetString()!).ShowKey));
        Assert.Equal(4, result.Targets[0].GetProperty("changes").GetArrayLength());
    }
}
