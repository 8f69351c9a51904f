using PlexSync.Testing;

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
        Assert.Contains(
            "Several users are called “Sam”: Sam (id:1002), Samantha B (id:2001, @Sam).", result.Error, StringComparison.OrdinalIgnoreCase);
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
    [InlineData("Sam=4321", 2, "matches several users: Sam (id:1003), Samantha B (id:2001, @Sam)")]
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

    [Theory]
    [InlineData("friend=4321", "id:1002", 0)]
    [InlineData("Te=43=21", "id:1002", 0)]
    [InlineData("teen=4321", "Teen", 3)]
    [InlineData("Teen=4321", "Teen", 0)]
    public async Task A_PIN_that_could_be_a_friends_is_passed_over_and_not_shown(string pins, string to, int exitCode)
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/users").Status(410);
        household.Environment["PLEXSYNC_PINS"] = pins;

        var result = await household.RunAsync("sync", "--to", to);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(pins != "Teen=4321", result.Error.Contains("entry 1 of PLEXSYNC_PINS may be for a friend", StringComparison.Ordinal));
        Assert.DoesNotContain("43", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sam=4321", 2, "Sam (id:1003), Sam (id:3001)")]
    [InlineData("id:1003=4321", 0, "")]
    [InlineData("Nobody=4321;id:1003=4321", 0, "entry 1 of PLEXSYNC_PINS matches no user")]
    public async Task A_PIN_is_for_one_person_in_two_accounts(string pins, int exitCode, string sentence)
    {
        var world = Worlds.TwoServers();
        await using var household = await Household.StartAsync(world.World);
        household.World.User("Teen").Title = "Sam";
        household.World.User("Cousin").Title = "Sam";
        household.Environment["PLEXSYNC_PINS"] = pins;
        var token = household.WriteFile("token", household.World.User(3001).AccountToken);
        string[] there = ["--to-server", household.Plex.UrlOf(world.Den).AbsoluteUri, "--to-token-file", token];

        var result = await household.RunAsync(["sync", "--from", "id:1003", "--to", "id:3001", "--dry-run", .. there]);

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, household.Plex.Requests.All.Any(static request => request.FormOrQuery("pin") is not null));
    }

    [Theory]
    [InlineData("Tom; Jerry=1", "\"Tom; Jerry=1\"=4321; Kid=1")]
    [InlineData("Tom; Jerry=1", "Kid=1;\"Tom; Jerry=1\" = 4321")]
    [InlineData("Tom \"TJ\"; Jerry", "\"Tom \"TJ\"; Jerry\"=4321")]
    [InlineData("\"Tom", "\"Tom=4321;Kid=1")]
    [InlineData("\"Tom\"", "\"\"Tom\"\"=4321")]
    [InlineData("Tom=Jerry", "Tom=Jerry=4321")]
    public async Task A_PIN_can_be_given_for_a_name_with_signs_in_it(string title, string pins)
    {
        await using var household = await Household.StartAsync();
        household.World.User("Teen").Title = title;
        household.Environment["PLEXSYNC_PINS"] = pins;

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
        Assert.Contains("Entry 2 of PLEXSYNC_PINS is not in the form NAME=PIN", result.Error, StringComparison.Ordinal);
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
        Assert.Contains("entry 1 of PLEXSYNC_PINS may be for a friend", result.Error, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("Kid", null, "Kid")]
    [InlineData("Kid", "Junior", "Junior (Kid)")]
    [InlineData("Kid", "KID", "KID")]
    [InlineData("K\u200Bid", null, "\"K\\u200Bid\"")]
    [InlineData("Kid\u00A0", null, "\"Kid\u00A0\"")]
    [InlineData("Kid\uFE0F", null, "\"Kid\\uFE0F\"")]
    [InlineData("Kid\U000E0041", null, "\"Kid\\uE0041\"")]
    [InlineData("\U0001F468\u200D\U0001F467 \u2764\uFE0F", null, "\U0001F468\u200D\U0001F467 \u2764\uFE0F")]
    public async Task Users_shows_a_name_so_that_nothing_of_it_is_hidden(string title, string? friendlyName, string shown)
    {
        await using var household = await Household.StartAsync();
        (household.Kid.FriendlyName, household.Kid.Title) = (friendlyName, title);

        var text = await household.RunAsync("users");
        var json = await household.RunAsync("users", "--json");
        var user = json.Json.GetProperty("users").EnumerateArray().Single(static user => user.GetProperty("id").GetInt64() == 1002);

        Assert.StartsWith(
            shown + " ", text.Lines.Single(static line => line.Contains("1002", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(friendlyName ?? title, user.GetProperty("title").GetString());
        Assert.Equal(friendlyName is null ? null : title, user.GetProperty("listedTitle").GetString());
    }

    [Theory]
    [InlineData("Kid", "\u200B", "Kid")]
    [InlineData("\u200B", " ", "1002")]
    public async Task A_name_that_nobody_can_see_is_none(string title, string friendlyName, string shown)
    {
        await using var household = await Household.StartAsync();
        (household.Kid.FriendlyName, household.Kid.Title) = (friendlyName, title);

        var result = await household.RunAsync("sync", "--to", shown, "--dry-run", "--json");

        Assert.Equal(shown, result.Targets[0].GetProperty("user").GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_friend_whose_title_nobody_can_see_is_shown_by_the_user_name()
    {
        await using var household = await Household.StartAsync();
        household.World.User("Friend").Title = "\u200B\u00AD";

        var result = await household.RunAsync("users");

        Assert.Contains(
            result.Lines,
            static line => line.StartsWith("friend ", StringComparison.Ordinal) && line.Contains("2001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Users_shows_what_tells_people_apart()
    {
        await using var household = await StartAsync();
        household.World.User("Teen").Title = "Sam\u200E ";

        var result = await household.RunAsync("users");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            result.Lines,
            static line => line.Contains("Samantha B (@Sam)", StringComparison.Ordinal) && line.Contains("2001", StringComparison.Ordinal));
        Assert.Contains(
            result.Lines,
            static line => line.Contains("\"Sam\\u200E \"", StringComparison.Ordinal) && line.Contains("1003", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(410, "sync", "--to", "Kid")]
    [InlineData(500, "sync", "--to", "id:1002")]
    [InlineData(410, "users")]
    [InlineData(404, "users")]
    [InlineData(403, "users")]
    [InlineData(403, "doctor")]
    [InlineData(404, "sync", "--to", "id:1002")]
    public async Task The_friends_list_is_not_needed_for_the_Home(int status, params string[] args)
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/users").Status(status);

        var result = await household.RunAsync(args);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("did not send the list of friends of this account", result.Error + result.Out, StringComparison.Ordinal);
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
        Assert.Contains("Several shows are called “Ghosts”: Ghosts (", ambiguous.Error, StringComparison.Ordinal);
        Assert.Contains("(key:11)", ambiguous.Error, StringComparison.Ordinal);
        var own = household.Server.Libraries[1].Items.Where(static item => item.ShowKey == "11").Select(static item => item.RatingKey)
            .ToHashSet();
        Assert.NotEmpty(chosen.Targets[0].GetProperty("changes").EnumerateArray());
        Assert.All(
            chosen.Targets[0].GetProperty("changes").EnumerateArray(),
            change => Assert.Contains(change.GetProperty("ratingKey").GetString()!, own));
    }

    [Theory]
    [InlineData("Owner", "Kid", "Show 1", "46 47 48 49")]
    [InlineData("Owner", "Kid", "key:31", "")]
    [InlineData("Owner", "Kid", "key:44", "")]
    [InlineData("Kid", "Owner", "Show 1", "46")]
    public async Task Copies_of_one_show_are_one_show(string from, string to, string show, string keys)
    {
        await using var household = await Household.StartAsync(Worlds.Twins());
        household.Server.SetState(household.Kid, "46", new ItemState(from == "Kid" ? 1 : 0, 0, 1_700_000_000));
        household.Server.SetState(household.World.Owner, "33", from == "Kid" ? ItemState.None : household.Of(household.World.Owner, 33));

        var result = await household.RunAsync("sync", "--from", from, "--to", to, "--show", show, "--json");

        Assert.Equal(0, result.ExitCode);
        var changes = result.Targets[0].GetProperty("changes").EnumerateArray()
            .Select(static change => change.GetProperty("ratingKey").GetString());
        Assert.Equal(keys, string.Join(' ', changes.Order()));
    }

    [Fact]
    public async Task A_key_that_is_no_shows_at_the_source_is_refused_whatever_the_target_calls_its_shows()
    {
        var world = Worlds.TwoServers();
        var film = world.Nas.Libraries[0].Items[0];
        film.Title = world.Den.Libraries.SelectMany(static library => library.Items)
            .First(static item => item.ShowTitle is not null).ShowTitle!;
        await using var household = await Household.StartAsync(world.World);
        var token = household.WriteFile("token", household.World.User("Cousin").AccountToken);

        string[] there = ["--to-server", household.Plex.UrlOf(world.Den).AbsoluteUri, "--to-token-file", token];

        var result = await household.RunWithoutWritingAsync(
            ["sync", "--to", "Nina", "--show", $"key:{film.RatingKey}", "--json", .. there]);

        Assert.Equal("showNotFound", result.Json.GetProperty("error").GetProperty("kind").GetString());
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
