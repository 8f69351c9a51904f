using PlexSync.Simulator;

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
        household.Plex.Faults.On(static request => request.UserId == 1003 && !request.Path.StartsWith("/api/", StringComparison.Ordinal)).Status(401);

        var result = await household.RunAsync("sync", "--to", "Kid", "--to", "Teen", "--json");

        Assert.Equal(5, result.ExitCode);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
        Assert.Empty(household.SeenBy(household.World.User("Teen")));
        Assert.Contains("“Teen” is left out: The server at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("plexsync login", result.Error, StringComparison.Ordinal);
        var left = Assert.Single(result.Targets, static target => target.TryGetProperty("error", out _));
        Assert.Equal(("Teen", "invalidToken"), (left.GetProperty("user").GetProperty("title").GetString(), left.GetProperty("error").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_single_target_whom_the_server_refuses_stops_the_run_by_name()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On(request => request.UserId == household.Kid.Id && !request.Path.StartsWith("/api/", StringComparison.Ordinal)).Status(401);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("refuses the access of “Kid”", result.Error, StringComparison.Ordinal);
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
        Assert.Contains("“Teen” is left out: Nothing on the server is shared with “Teen”.", result.Error, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_server_that_lost_its_sign_in_is_told_apart_from_a_bad_token()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On(static request => !request.Path.StartsWith("/api/", StringComparison.Ordinal) && request.Path != "/identity").Status(401);

        foreach (var command in new string[][] { ["sync", "--to", "Kid"], ["doctor"] })
        {
            var result = await household.RunWithoutWritingAsync(command);

            Assert.Equal(3, result.ExitCode);
            Assert.Contains("no longer signed in to the account", result.Error + result.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("plexsync login", result.Error + result.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_account_without_a_server_is_told_so()
    {
        await using var household = await StartAsync();
        household.World.Account.ResourcesOmitFor.Add(1001);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "id:1002");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("No server is signed in to the account “Owner”", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_before_the_server_is_told_apart_from_the_server()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On(static request => !request.Path.StartsWith("/api/", StringComparison.Ordinal)).Status(401, headers: [("WWW-Authenticate", "Basic realm=\"nas\"")]);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("Something in front of the server", result.Error, StringComparison.Ordinal);
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
        household.Server.SetState(1001, "4", new ItemState(0, 60 * 60_000, 1_780_000_000));
        household.Plex.Faults.On("/:/prefs").By(household.World.Owner).Status(status);

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, result.Targets[0].GetProperty("skipped").GetProperty("positionNearEnd").GetInt32());
        Assert.Equal(30 * 60_000, household.Of(household.Kid, 5).ViewOffset);
        Assert.Contains("did not tell from where on", result.Error, StringComparison.Ordinal);
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
        Assert.Contains("a code that claims a server", result.Error, StringComparison.Ordinal);
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

    [Fact]
    public async Task An_address_without_a_scheme_is_taken_for_http()
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--server", household.ServerUrl["http://".Length..]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("--server has no http:// or https:// in front; trying http://127.0.0.1:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_web_app_is_not_the_server()
    {
        await using var household = await StartAsync();

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Kid", "--server", "https://app.plex.tv/desktop/#!/server/0123");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the address of Plex’s web app", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_refused_while_the_server_starts_is_sent_again_and_counts_once()
    {
        await using var household = await StartAsync();
        household.Plex.Faults.On("/:/scrobble").Times(1).Status(400, "<h1>400 Bad Request</h1><p>Plex Media Server is still starting up</p>");

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.All(household.Server.StatesOf(household.Kid).Values, static state => Assert.True(state.ViewCount <= 1));
    }
}
