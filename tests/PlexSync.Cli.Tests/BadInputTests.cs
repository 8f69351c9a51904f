using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>What people get wrong: a sentence that helps, the promised exit code, and nothing written.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task No_token()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_TOKEN");

        await RefusedAsync(household, 2, ["Run “plexsync login” first", "PLEXSYNC_TOKEN", "--token-file"]);
    }

    [Theory]
    [InlineData(null, " does not exist. Check its name and folder.")]
    [InlineData("  \n", " is empty; it must contain the token.")]
    public async Task Token_file_missing_or_empty(string? content, string sentence)
    {
        await using var household = await Household.StartAsync();
        var path = content is null ? Path.Combine(household.Folder, "none") : household.WriteFile("empty", content);

        await RefusedAsync(household, 2, [sentence, path], "--to", "Kid", "--token-file", path);
    }

    [Fact]
    public async Task Invalid_token()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = "notthetokenofanybody";

        await RefusedAsync(household, 3, ["rejected the token", "Run “plexsync login” again"]);
    }

    [Fact]
    public async Task Jwt_that_plex_tv_does_not_know()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMDAxIn0.c2lnbmF0dXJl";

        await RefusedAsync(household, 3, ["rejected the token", "plexsync login"]);
        Assert.Equal(1, household.Plex.Requests.Count);
    }

    [Fact]
    public async Task No_server_of_ones_own()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Environment["PLEXSYNC_TOKEN"] = household.Kid.AccountToken;

        await RefusedAsync(household, 2, ["owns no server", "--server", "NAS"]);
    }

    [Fact]
    public async Task Several_servers_of_ones_own()
    {
        var world = Worlds.Small();
        var attic = world.AddServer("Attic", world.Owner.Id);
        attic.AddMovieLibrary("Films").SharedWith.Clear();
        await using var household = await Household.StartAsync(world);
        household.Environment.Remove("PLEXSYNC_SERVER");

        await RefusedAsync(household, 2, ["several servers: NAS, Attic", "--server"]);
    }

    [Fact]
    public async Task Unknown_server()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 2, ["no server “NASA”", "Available: NAS"], "--to", "Kid", "--server", "NASA");
    }

    [Fact]
    public async Task Pin_missing()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 3, ["“Teen” is protected by a PIN", "PLEXSYNC_PINS=\"id:1003=…\"", "--pin-file"], "--to", "Teen");
    }

    [Fact]
    public async Task Pin_wrong()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";

        await RefusedAsync(household, 3, ["rejected the PIN provided for “Teen”"], "--to", "Teen");
    }

    [Fact]
    public async Task Pin_wrong_for_the_second_target_stops_the_first_too()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";

        await RefusedAsync(household, 3, ["rejected the PIN provided for “Teen”"], "--to", "Kid", "--to", "Teen");
    }

    [Fact]
    public async Task Pin_for_a_user_who_has_none_is_warned_about_and_never_sent()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "kid=1234";

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Warning: “Kid” has no PIN", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            household.Plex.Requests.All, static request => request.QueryString.Contains("1234", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pin_for_nobody_is_warned_about()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Tean=4321;Teen=4321";

        var result = await household.RunAsync("sync", "--to", "Teen");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("entry 1 of PLEXSYNC_PINS matches no user", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elle\u0301a=0000\r\nid:1003 = 4321\n")]
    [InlineData("TEEN=4321")]
    public async Task Pins_in_a_file_name_users_as_options_do(string content)
    {
        await using var household = await Household.StartAsync();
        household.World.Add(
            new SimulatedUser
            {
                Id = 1004,
                Uuid = "1004",
                Title = "Ell\u00E9a",
                AccountToken = "token-of-ellea-1234",
                Pin = "0000",
                IsManaged = true,
            });
        household.Server.ShareWith(household.World.User(1004));
        var path = household.WriteFile("pins", content);

        var result = await household.RunAsync("sync", "--to", "Teen", "--pin-file", path);

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Pin_is_asked_for_on_a_terminal()
    {
        await using var household = await Household.StartAsync();
        household.Terminal = new Terminal { IsInput = true, IsError = true };

        var result = await household.RunAsync(["sync", "--to", "Teen", "--quiet"], stdin: "4321\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("PIN of “Teen”: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("4321", result.Out + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pins_malformed()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321;8765";

        await RefusedAsync(household, 2, ["Entry 2 of PLEXSYNC_PINS is not in the form NAME=PIN"], "--to", "Teen");
    }

    [Fact]
    public async Task Unknown_user()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 2, ["no user “Kidd”", "Did you mean: Kid,", "plexsync users"], "--to", "Kidd");
    }

    [Fact]
    public async Task Two_users_of_the_same_title()
    {
        await using var household = await Household.StartAsync();
        household.World.Add(
            new SimulatedUser { Id = 1004, Uuid = "1004", Title = "Kid", AccountToken = "token-of-other-kid-1", IsManaged = true });

        await RefusedAsync(household, 2, ["Several users are called “Kid”", "id:1002", "id:1004"]);
    }

    [Fact]
    public async Task User_without_any_shared_library()
    {
        await using var household = await Household.StartAsync();
        household.Server.StopSharingWith(household.Kid);

        await RefusedAsync(household, 3, ["Nothing on the server is shared with “Kid”"]);
    }

    [Theory]
    [InlineData("--to", "Owner")]
    [InlineData("--from", "Kid", "--to", "id:1002")]
    [InlineData("--to", "Kid", "--to", "KID")]
    public async Task Source_and_target_the_same(params string[] args)
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 2, ["is both source and target, or is given twice"], args);
    }

    [Fact]
    public async Task Unknown_library()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(
            household, 2, ["no movie, show or music library “Music”", "Available: Movies, TV Shows"], "--to", "Kid", "--library", "Music");
    }

    [Fact]
    public async Task Ambiguous_library()
    {
        await using var household = await Household.StartAsync();
        household.Server.Edit(static server => server.Libraries[1].Title = "Movies");

        await RefusedAsync(
            household,
            2,
            ["Several libraries are called “Movies”: Movies (key:1), Movies (key:2)", "key:1"],
            "--to",
            "Kid",
            "--library",
            "Movies");
    }

    [Fact]
    public async Task Server_unreachable()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 4, ["127.0.0.1:1 cannot be reached"], "--to", "Kid", "--server", "http://127.0.0.1:1");
    }

    [Fact]
    public async Task Named_server_unreachable_at_every_address()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/identity").ResetBefore();

        await RefusedAsync(household, 4, ["NAS cannot be reached", "Tried: http://"], "--to", "Kid", "--server", "NAS");
    }

    [Fact]
    public async Task Named_server_that_fails_at_every_address()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/identity").Status(502);

        await RefusedAsync(household, 4, ["returned an error (status 502)"], "--to", "Kid", "--server", "NAS");
    }

    [Fact]
    public async Task Plex_tv_unreachable()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, 4, ["127.0.0.1:1 cannot be reached"], "--to", "Kid", "--account-url", "http://127.0.0.1:1");
    }

    [Fact]
    public async Task Something_that_is_not_Plex()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/identity").Html();

        await RefusedAsync(household, 4, ["is not Plex", "32400"]);
    }

    [Fact]
    public async Task Server_of_somebody_else()
    {
        var world = Worlds.Small();
        var neighbour = world.AddServer("Neighbour", world.User("Friend").Id);
        neighbour.AddMovieLibrary("Films").SharedWith.Clear();
        await using var household = await Household.StartAsync(world);

        await RefusedAsync(
            household,
            3,
            ["not among those that plex.tv lists for this account: NAS"],
            "--to",
            "Kid",
            "--server",
            household.Plex.UrlOf(neighbour).AbsoluteUri);
    }

    [Fact]
    public async Task Another_machine_than_the_one_expected()
    {
        var world = Worlds.Small();
        var other = world.AddServer("Other", world.User("Friend").Id);
        await using var household = await Household.StartAsync(world);
        household.Server.ExtraConnections.Add(new SimulatedConnection(household.Plex.UrlOf(other)));
        household.Plex.Faults.On(request => request.Role == household.Server.MachineIdentifier && request.Path == "/identity").Status(502);

        string[] sentences = ["The server that answers for NAS is not the expected one", household.Plex.UrlOf(other).Authority];
        await RefusedAsync(household, 4, sentences, "--to", "Kid", "--server", "NAS");
    }

    [Fact]
    public async Task Https_to_a_bare_address()
    {
        await using var household = await Household.StartAsync();
        household.Server.ExtraConnections.Add(new SimulatedConnection(new Uri("https://127-0-0-1.0123456789abcdef.plex.direct:32400")));
        await using var server = new TlsServer("elsewhere.test", isExpired: false);

        await RefusedAsync(
            household,
            4,
            ["is not valid for this name", "https://127-0-0-1.0123456789abcdef.plex.direct:32400"],
            "--to", "Kid", "--server", server.Url("127.0.0.1"));
    }

    [Theory]
    [InlineData(false, "was issued by an authority that this machine does not trust", "SSL_CERT_FILE")]
    [InlineData(true, "has expired or is not yet valid", "clock")]
    public async Task Https_with_a_certificate_of_ones_own(bool isExpired, string sentence, string remedy)
    {
        await using var household = await Household.StartAsync();
        await using var server = new TlsServer("localhost", isExpired);

        await RefusedAsync(household, 4, [sentence, remedy], "--to", "Kid", "--server", server.Url("localhost"));
    }

    [Fact]
    public async Task Https_to_a_port_without_TLS()
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(
            household, 4, ["does not support https", "http:// instead of https://"],
            "--to", "Kid", "--server", household.ServerUrl.Replace("http:", "https:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("den", "Available: NAS. Addresses start with http:// or https://.")]
    [InlineData("http://user:secretword@nas:32400", "--server is not a valid address")]
    [InlineData("http://nas:32400?X-Plex-Token=secretword", "--server is not a valid address")]
    public async Task Address_that_is_none(string address, string sentence)
    {
        await using var household = await Household.StartAsync();

        var result = await RefusedAsync(household, 2, [sentence], "--to", "Kid", "--server", address);
        Assert.DoesNotContain("secretword", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Maintenance()
    {
        await using var household = await Household.StartAsync();
        household.Server.Switches.Maintenance = true;

        await RefusedAsync(household, 4, ["starting, under maintenance or overloaded (503)", "a few minutes"]);
    }

    [Fact]
    public async Task Too_many_requests()
    {
        await using var household = await Household.StartAsync();
        household.World.Account.RateLimit(100, TimeSpan.FromSeconds(150));

        await RefusedAsync(household, 4, ["accepts no more requests for now (429)", "Try again in 2 min 30 s."]);
    }

    [Fact]
    public async Task Too_many_requests_once_is_no_failure()
    {
        await using var household = await Household.StartAsync();
        household.World.Account.RateLimit(1);

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid")).ExitCode);
    }

    [Fact]
    public async Task No_answer_in_time()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/v2/user").Hang();

        await RefusedAsync(household, 4, ["did not answer in time", "--timeout"], "--to", "Kid", "--timeout", "0.1");
    }

    [Fact]
    public async Task Redirect()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/identity").Status(301, headers: ("Location", "https://plex.example.org/identity"));

        await RefusedAsync(household, 4, ["redirects to another address", "https://plex.example.org"]);
    }

    [Fact]
    public async Task Token_of_a_managed_user_cannot_list_the_Home()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = household.Kid.AccountToken;

        var result = await household.RunAsync("users");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("does not allow this user to do this (403)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_lets_everyone_in_as_owner()
    {
        await using var household = await Household.StartAsync();
        household.Server.Switches.LetsEveryoneInAsOwner = true;

        await RefusedAsync(household, 3, ["could not verify that the server acts only for “Kid”", "without authentication"]);
    }

    [Fact]
    public async Task Token_that_belongs_to_somebody_else()
    {
        await using var household = await Household.StartAsync();
        household.World.Account.SwitchReturnsWrongUser = true;

        await RefusedAsync(household, 3, ["could not verify"]);
    }

    private static async Task<Result> RefusedAsync(Household household, int exitCode, string[] fragments, params string[] args)
    {
        var result = await household.RunAsync(["sync", .. args.Length == 0 ? ["--to", "Kid"] : args]);

        Assert.All(fragments, fragment => Assert.Contains(fragment, result.Error, StringComparison.Ordinal));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Writes);
        return result;
    }
}
