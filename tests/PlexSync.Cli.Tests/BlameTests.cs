using PlexSync.Cli.Configuration;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>Every refusal names who refused, whom, and what helps; one bad member of several does not stop the others.</summary>
public sealed class BlameTests
{
    private static Task<Household> StartAsync() => Household.StartAsync();

    [Fact]
    public async Task A_member_whom_the_server_refuses_is_left_out_and_named()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Plex.Faults.On(static request => request.UserId == 1003 && !request.Path.StartsWith("/api/", StringComparison.Ordinal))
            .Status(401);

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Teen", "--json");

        Assert.Equal(5, result.ExitCode);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
        Assert.Empty(household.SeenBy(household.World.User("Teen")));
        Assert.Contains("“Teen” was skipped: The server at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("plexsync login", result.Error, StringComparison.Ordinal);
        var left = Assert.Single(result.Targets, static target => target.TryGetProperty("error", out _));
        Assert.Equal(
            ("Teen", "invalidToken"),
            (left.GetProperty("user").GetProperty("title").GetString(), left.GetProperty("error").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_single_target_whom_the_server_refuses_stops_the_run_by_name()
    {
        await using var household = await StartAsync();
        household.Plex.Faults
            .On(request => request.UserId == household.Kid.Id && !request.Path.StartsWith("/api/", StringComparison.Ordinal))
            .Status(401);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("rejected the access of “Kid”", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("plexsync login", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_without_a_share_is_left_out_of_everybody()
    {
        await using var household = await StartAsync();
        household.Server.Edit(static server =>
        {
            foreach (var library in server.Libraries)
            {
                library.SharedWith.Remove(1003);
            }
        });
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        var result = await household.RunAsync("sync", "--to-all");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("“Teen” was skipped: Nothing on the server is shared with “Teen”.", result.Error, StringComparison.Ordinal);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task A_wrong_PIN_of_one_stops_all()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";

        var result = await household.RunWithoutWritingAsync("sync", "--to-all");

        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("sync", "--to", "Kid")]
    [InlineData("doctor")]
    public async Task A_server_that_lost_its_sign_in_is_told_apart_from_a_bad_token(params string[] command)
    {
        await using var household = await StartAsync();
        RefuseEverybody(household, isClaimed: false);

        var result = await household.RunWithoutWritingAsync(command);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("is no longer signed in to an account", result.Error + result.Out, StringComparison.Ordinal);
        Assert.Contains("plex.tv/claim", result.Error + result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("plexsync login", result.Error + result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claimed_server_that_refuses_its_owner_is_not_called_unclaimed()
    {
        await using var household = await StartAsync();
        RefuseEverybody(household, isClaimed: true);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("rejected the access of “Owner” (401), although plex.tv granted it", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_without_a_server_is_told_so()
    {
        await using var household = await StartAsync();
        household.World.Account.ResourcesOmitFor.Add(1001);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "id:1002");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("The account “Owner” has no server, and none is shared with it.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_before_the_server_is_told_apart_from_the_server()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On(static request => !request.Path.StartsWith("/api/", StringComparison.Ordinal))
            .Status(401, headers: [("WWW-Authenticate", "Basic realm=\"nas\"")]);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("A proxy or firewall in front of the server", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "Server", "nginx")]
    [InlineData(500, null, null)]
    public async Task An_identity_that_the_server_was_not_asked_about_stops_all_and_says_why(int status, string? header, string? value)
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Plex.Faults.On("/:/prefs").By(household.World.User("Teen"))
            .Status(status, headers: header is null ? [] : [(header, value!)]);

        var result = await household.RunWithoutWritingAsync("sync", "--to-all", "--json");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("identityNotProved", result.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains("acts only for “Teen”, so nothing was written. ", result.Error, StringComparison.Ordinal);
        Assert.Contains($"{status}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("allows this network", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_plex_tv_no_longer_takes_is_not_the_fault_of_one_member()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Plex.Faults.On("/api/v2/home/users/*").Status(401);

        var result = await household.RunWithoutWritingAsync("sync", "--to-all");

        Assert.Equal(3, result.ExitCode);
        Assert.DoesNotContain("was skipped", result.Error, StringComparison.Ordinal);
        Assert.Contains("rejected the token", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_PIN_of_one_who_was_named_stops_all_although_the_configuration_names_everybody()
    {
        await using var household = await StartAsync();
        household.Configure("""{"toAll":true}""");

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--to", "Teen");

        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public async Task A_merge_goes_on_without_the_one_who_cannot_be_read()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        RefuseTeen(household);

        var result = await household.RunAsync("merge", "--user", "Owner", "--user", "Teen", "--user", "Kid", "--json");

        Assert.Equal(5, result.ExitCode);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
        var left = Assert.Single(result.Targets, static target => target.GetProperty("identity").GetString() == "none");
        Assert.Equal("Teen", left.GetProperty("user").GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_merge_of_two_stops_where_one_of_them_cannot_be_read()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        RefuseTeen(household);

        var result = await household.RunWithoutWritingAsync("merge", "--user", "Owner", "--user", "Teen");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("rejected the access of “Teen”", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_who_is_left_out_stands_in_plan_summary_and_page()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        RefuseTeen(household);
        var plan = Path.Combine(household.Folder, "plan.json");
        var page = Path.Combine(household.Folder, "page.html");

        var planned = await household.RunWithoutWritingAsync("plan", "--to", "Kid", "--to", "Teen", "-o", plan, "--report", page);
        var dry = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--to", "Teen", "--dry-run");

        Assert.Equal((5, 5), (planned.ExitCode, dry.ExitCode));
        Assert.Contains("“Teen” was skipped: ", dry.Out, StringComparison.Ordinal);
        Assert.Contains("1 user was skipped: Teen. All other users are done.", dry.Error, StringComparison.Ordinal);
        var shown = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("“Teen” was skipped: ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Teen", await File.ReadAllTextAsync(plan, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_applied_without_the_one_whom_the_server_refuses_meanwhile()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        var plan = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--to", "Teen", "--to", "Kid", "-o", plan);
        RefuseTeen(household);

        var result = await household.RunAsync("apply", plan);

        Assert.Equal(5, result.ExitCode);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
        Assert.Empty(household.SeenBy(household.World.User("Teen")));
        Assert.Contains("“Teen” was skipped: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_friend_whose_access_plex_tv_withholds_is_left_out_and_named()
    {
        await using var household = await StartAsync();
        household.World.Account.SharedServersWithoutTokens = true;

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Friend");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains(
            "“Friend” was skipped: Something is shared with “Friend”, but plex.tv does not grant access to it.",
            result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Access_that_ends_in_the_middle_of_a_run_ends_it_in_good_order()
    {
        await using var household = await StartAsync();
        var before = household.SeenBy(household.Kid);
        household.Plex.Faults.On(request => request.IsWrite && request.UserId == household.Kid.Id).Skip(2).Status(401);

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");
        household.Plex.Faults.Clear();
        var between = household.SeenBy(household.Kid);
        var undone = await household.RunAsync("undo", "--yes");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("invalidToken", result.Targets[0].GetProperty("error").GetProperty("kind").GetString());
        Assert.InRange(result.Targets[0].GetProperty("applied").GetInt32(), 1, 2);
        Assert.NotEqual(before, between);
        Assert.Equal(0, undone.ExitCode);
        Assert.Equal(before, household.SeenBy(household.Kid));
    }

    [Fact]
    public async Task A_JWT_is_exchanged_for_a_token_that_the_server_takes()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = household.World.IssueJwt(household.World.Owner);

        var result = await household.RunAsync("sync", "--to", "Kid");
        var again = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Contains("Kid: 8 items updated.", result.Out, StringComparison.Ordinal);
        Assert.Contains("Kid: nothing to do", again.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_PIN_of_a_JWTs_owner_is_taken_from_where_PINs_are_given()
    {
        await using var household = await StartAsync();
        household.World.Owner.Pin = "1111";
        household.Environment["PLEXSYNC_TOKEN"] = household.World.IssueJwt(household.World.Owner);
        household.Environment["PLEXSYNC_PINS"] = "id:1001=1111";

        var result = await household.RunAsync("sync", "--to", "Kid");
        household.Environment.Remove("PLEXSYNC_PINS");
        var without = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal((0, 3), (result.ExitCode, without.ExitCode));
        Assert.DoesNotContain("PIN", result.Error, StringComparison.Ordinal);
        Assert.Contains("“Owner” is protected by a PIN, and none was provided.", without.Error, StringComparison.Ordinal);
        Assert.Contains("PLEXSYNC_PINS=\"id:1001=…\"", without.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Owner=4321")]
    [InlineData("title:Owner=4321")]
    [InlineData("1001=4321")]
    public async Task A_PIN_is_not_sent_for_a_JWTs_owner_by_a_name_that_somebody_else_may_have(string pins)
    {
        await using var household = await StartAsync();
        household.World.Owner.Pin = "1111";
        household.World.User("Teen").Title = "Owner";
        household.Environment["PLEXSYNC_TOKEN"] = household.World.IssueJwt(household.World.Owner);
        household.Environment["PLEXSYNC_PINS"] = pins;

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.DoesNotContain(
            household.Plex.Requests.All, static request => request.QueryString.Contains("4321", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_account_is_never_asked_for_over_a_scheme_that_was_guessed()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_ACCOUNT_URL"] = household.Environment["PLEXSYNC_ACCOUNT_URL"]["http://".Length..];

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_is_starting_is_not_called_unreachable_where_no_address_is_given()
    {
        await using var household = await StartAsync();
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Server.Switches.Maintenance = true;

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("is starting, under maintenance or overloaded (503)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_proves_nobodys_identity()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On("/:/prefs").By(household.Kid).Status(403, headers: [("CF-RAY", "1")]);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    public async Task Preferences_that_cannot_be_read_keep_only_late_positions_from_being_written(int status)
    {
        await using var household = await StartAsync();
        household.Server.SetState(household.World.Owner, "4", new ItemState(0, 60 * 60_000, 1_780_000_000));
        household.Plex.Faults.On("/:/prefs").By(household.World.Owner).Status(status);

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, result.Targets[0].GetProperty("skipped").GetProperty("positionNearEnd").GetInt32());
        Assert.Equal(30 * 60_000, household.Of(household.Kid, 5).ViewOffset);
        Assert.Contains("does not report at what point", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_has_expired_is_told_so()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On("/api/v2/user").Status(498);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("The token has expired (498).", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_code_is_not_taken_for_a_token()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = "claim-abcdefghijklmnopqrst";

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("a code for claiming a server", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefgh", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/web")]
    [InlineData("/web/")]
    [InlineData("/web/index.html#!/server/0123456789/details?key=1")]
    public async Task The_address_of_the_browser_is_understood(string rest)
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--server", household.ServerUrl + rest);

        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("https://house.example/plex/web/index.html#!/server/1", "https://house.example/plex")]
    [InlineData("https://house.example/web/plex", "https://house.example/web/plex")]
    [InlineData("https://house.example/web/plex/web/", "https://house.example/web/plex")]
    [InlineData("http://nas:32400/web/tv/", "http://nas:32400/")]
    public void What_the_browser_adds_is_taken_away_and_the_path_of_a_proxy_stays(string pasted, string address) =>
        Assert.Equal(new Uri(address), ServerAddress.Parse(new Given([pasted], "--server")));

    [Fact]
    public async Task An_address_without_a_scheme_is_taken_for_http()
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--server", household.ServerUrl["http://".Length..]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("--server does not start with http:// or https://; trying http://", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_web_app_is_not_the_server()
    {
        await using var household = await StartAsync();

        var result = await household.RunWithoutWritingAsync(
            "sync", "--to", "Kid", "--server", "https://app.plex.tv/desktop/#!/server/0123");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the address of Plex’s web app", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_refused_while_the_server_starts_is_sent_again_and_counts_once()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On("/:/scrobble").Times(1)
            .Status(400, "<h1>400 Bad Request</h1><p>Plex Media Server is still starting up</p>");

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.All(household.Server.StatesOf(household.Kid).Values, static state => Assert.True(state.ViewCount <= 1));
    }

    private static void RefuseTeen(Household household) => household.Plex.Faults
        .On(static request => request.UserId == 1003 && !request.Path.StartsWith("/api/", StringComparison.Ordinal)).Status(401);

    /// <summary>The server takes no token, and says whether it is signed in to an account.</summary>
    private static void RefuseEverybody(Household household, bool isClaimed)
    {
        var identity = $$$"""
            {"MediaContainer":{"size":0,"claimed":{{{(isClaimed ? "true" : "false")}}},
            "machineIdentifier":"{{{household.Server.MachineIdentifier}}}","version":"1.43"}}
            """;
        household.Plex.Faults.On("/identity").Status(200, identity, headers: [("Content-Type", "application/json")]);
        household.Plex.Faults.On(static request => !request.Path.StartsWith("/api/", StringComparison.Ordinal)).Status(401);
    }
}
