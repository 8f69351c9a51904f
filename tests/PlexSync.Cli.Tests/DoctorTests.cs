using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

public sealed class DoctorTests
{
    private static readonly string[] AllChecks =
    [
        "configuration", "state", "journal", "token", "plexTv", "clock", "account", "servers", "connection", "encryption", "owner", "home",
        "friends", "pins",
        "users", "libraries",
    ];

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Theory]
    [InlineData("en", "– Not checked, since “Account” failed: Servers, Connection, Encryption, Owner, Home, Friends, ")]
    [InlineData("fr", "– Non vérifié, «\u00A0Compte\u00A0» ayant échoué\u00A0: ")]
    public async Task What_follows_from_one_failure_is_one_line(string language, string line)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = "not-the-right-one";

        var result = await household.RunAsync("doctor", "--lang", language);
        var quiet = await household.RunAsync("doctor", "--quiet");
        var json = await household.RunAsync("doctor", "--json");

        Assert.StartsWith(line, Assert.Single(result.Lines, static line => line[0] == '–'), StringComparison.Ordinal);
        Assert.DoesNotContain("Not checked", quiet.Out, StringComparison.Ordinal);
        var statuses = json.Json.GetProperty("checks").EnumerateArray().Select(static check => check.GetProperty("status").GetString());
        Assert.Equal(9, statuses.Count(static status => status == "skipped"));
    }

    [Fact]
    public async Task A_household_in_order_is_found_so()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Environment["PLEXSYNC_TO"] = "Kid;Teen";

        var result = await household.RunWithoutWritingAsync("doctor");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(result.Lines[..^1], static line => Assert.StartsWith("✓ ", line, StringComparison.Ordinal));
        Assert.Equal(AllChecks.Length + 2 + 1, result.Lines.Length);
        Assert.Contains("✓ Token: Found in PLEXSYNC_TOKEN.", result.Lines);
        Assert.Contains("✓ Account: Signed in as Owner (id:1001).", result.Lines);
        Assert.Contains(
            $"✓ Connection: “NAS”, version 1.43.3.10500-abcdef123, answers at {household.ServerUrl}, on the local network.", result.Lines);
        Assert.Contains("✓ Home: 3 users: Owner, Kid, Teen (with PIN).", result.Lines);
        Assert.Contains("✓ Friends: Friend.", result.Lines);
        Assert.Contains("✓ PINs: Provided for: Teen. Missing for: none.", result.Lines);
        Assert.Contains("✓ Libraries of Teen: Movies, TV Shows.", result.Lines);
        Assert.Equal("Everything is in order.", result.Lines[^1]);
    }

    [Fact]
    public async Task Quiet_prints_nothing_when_all_is_in_order()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("doctor", "--quiet");

        Assert.Equal((0, "", ""), (result.ExitCode, result.Out, result.Error));
    }

    [Fact]
    public async Task Quiet_prints_what_is_wrong_and_what_to_do_alone()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_SERVER"] = "NSA";

        var result = await household.RunAsync("doctor", "--quiet");

        Assert.Equal(
            ["✗ Servers: The account has no server “NSA”.", "→ Available: NAS. Addresses start with http:// or https://."],
            result.Lines);
    }

    [Fact]
    public async Task Without_a_token_login_is_the_remedy_and_plex_tv_is_looked_at_all_the_same()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_TOKEN");

        var checks = await household.CheckAsync(2);

        Assert.Equal("failed", checks["token"].Status);
        Assert.StartsWith("Sign in with “plexsync login”", checks["token"].Remedy, StringComparison.Ordinal);
        Assert.Equal(("ok", "ok"), (checks["plexTv"].Status, checks["clock"].Status));
        foreach (var name in AllChecks[6..])
        {
            Assert.Equal(
                ("skipped", "Not checked, because this failed: Token.", null),
                (checks[name].Status, checks[name].Message, checks[name].Remedy));
        }
    }

    [Fact]
    public async Task A_token_that_plex_tv_refuses_fails_with_3()
    {
        await using var household = await Household.StartAsync();
        household.World.RevokeAccountToken(household.World.Owner.AccountToken);

        var checks = await household.CheckAsync(3);

        Assert.Equal(("ok", "failed", "skipped"), (checks["plexTv"].Status, checks["account"].Status, checks["servers"].Status));
        Assert.NotNull(checks["account"].Remedy);
    }

    [Fact]
    public async Task The_file_of_a_token_is_named_and_never_what_it_holds()
    {
        await using var household = await Household.StartAsync();
        var file = household.WriteFile("token", household.World.Owner.AccountToken);
        SetMode(file, Private);

        var result = await household.RunAsync("doctor", "--token-file", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"✓ Token: Found in {file}.", result.Lines);
    }

    [Fact]
    public async Task A_token_or_PIN_that_others_can_read_is_a_warning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await using var household = await Household.StartAsync();
        var token = SetMode(household.WriteFile("token", household.World.Owner.AccountToken), Private | UnixFileMode.OtherRead);
        var pins = SetMode(household.WriteFile("pins", "Teen=4321"), Private | UnixFileMode.GroupRead);

        var checks = await household.CheckAsync(0, "--token-file", token, "--pin-file", pins);

        Assert.Equal(("warning", $"Make it readable only by you: chmod 600 \"{token}\""), (checks["token"].Status, checks["token"].Remedy));
        Assert.Equal(("warning", $"Make it readable only by you: chmod 600 \"{pins}\""), (checks["pins"].Status, checks["pins"].Remedy));
        Assert.Equal("ok", checks["account"].Status);
    }

    [Fact]
    public async Task What_login_stored_is_found_in_the_state_folder()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_TOKEN");
        Directory.CreateDirectory(household.Environment["PLEXSYNC_HOME"]);
        SetMode(
            household.WriteFile(Path.Combine("state", "credentials.json"), $$"""{"token":"{{household.World.Owner.AccountToken}}"}"""),
            Private);

        var checks = await household.CheckAsync(0);

        Assert.Contains("credentials.json", checks["token"].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plex_tv_that_cannot_be_reached_fails_with_4_and_leaves_the_rest_out()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_ACCOUNT_URL"] = "http://127.0.0.1:1";

        var checks = await household.CheckAsync(4);

        Assert.Equal(("ok", "failed"), (checks["token"].Status, checks["plexTv"].Status));
        Assert.Equal("127.0.0.1:1 cannot be reached.", checks["plexTv"].Message);
        Assert.Equal("Not checked, because this failed: plex.tv.", checks["libraries"].Message);
    }

    [Fact]
    public async Task A_web_page_in_place_of_plex_tv_is_none()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/v2/*").Html();

        Assert.Equal("failed", (await household.CheckAsync(4))["plexTv"].Status);
    }

    [Fact]
    public async Task A_plex_tv_that_wants_a_token_even_for_a_ping_is_reached()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/api/v2/ping").Status(401);

        var checks = await household.CheckAsync(0);

        Assert.Equal(("ok", "ok"), (checks["plexTv"].Status, checks["clock"].Status));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_fails_with_4_and_the_account_is_looked_at_all_the_same()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_SERVER"] = "http://127.0.0.1:1";

        var checks = await household.CheckAsync(4);

        Assert.Equal(("ok", "failed", "skipped"), (checks["servers"].Status, checks["connection"].Status, checks["encryption"].Status));
        Assert.Equal(("ok", "ok"), (checks["home"].Status, checks["friends"].Status));
        Assert.Equal("Not checked, because this failed: Connection.", checks["libraries"].Message);
    }

    [Fact]
    public async Task A_certificate_that_does_not_fit_is_answered_with_the_name_it_is_for()
    {
        await using var household = await Household.StartAsync();
        household.Server.ExtraConnections.Add(
            new SimulatedConnection(new Uri("https://192-168-1-5.0123abcd.plex.direct:32400"), Local: true));
        using var stranger = new UnfittingCertificate();
        household.Environment["PLEXSYNC_SERVER"] = stranger.Address;

        var checks = await household.CheckAsync(4);

        Assert.Equal("failed", checks["connection"].Status);
        Assert.Contains("https://192-168-1-5.0123abcd.plex.direct:32400", checks["connection"].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_is_a_warning()
    {
        await using var household = await Household.StartAsync();
        household.Server.ExtraConnections.Add(
            new SimulatedConnection(
                new Uri(household.ServerUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), Local: false, Relay: true));

        var checks = await household.CheckAsync(
            0, "--server", household.ServerUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        Assert.Equal("warning", checks["connection"].Status);
        Assert.Contains("relay", checks["connection"].Message, StringComparison.Ordinal);
        Assert.Equal("warning", checks["encryption"].Status);
    }

    [Fact]
    public async Task A_user_whose_PIN_is_not_given_is_passed_over_and_nobody_is_asked()
    {
        await using var household = await Household.StartAsync();
        household.Terminal =
            new Terminal
            {
                IsInput = true,
                IsOutput = true,
                IsError = true,
                ReadSecretAsync = static _ => throw new InvalidOperationException("asked"),
            };

        var checks = await household.CheckAsync(0);

        Assert.Equal(
            ("skipped", "“Teen” is protected by a PIN, and none was provided."),
            (checks["libraries Teen"].Status, checks["libraries Teen"].Message));
        Assert.Contains("PLEXSYNC_PINS", checks["libraries Teen"].Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(
            household.Plex.Requests.All, request => request.Path.Contains(household.World.User("Teen").Uuid, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PLEXSYNC_TO", "Teen", "warning")]
    [InlineData("PLEXSYNC_TO_ALL", "true", "warning")]
    [InlineData("PLEXSYNC_TO", "Kid", "skipped")]
    public async Task A_missing_PIN_is_a_warning_where_the_configuration_names_the_user(string variable, string value, string status)
    {
        await using var household = await Household.StartAsync();
        household.Environment[variable] = value;

        Assert.Equal(status, (await household.CheckAsync(0))["libraries Teen"].Status);
    }

    [Fact]
    public async Task A_wrong_PIN_fails_with_3_and_is_tried_once()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";

        var checks = await household.CheckAsync(3);

        Assert.Equal(("ok", "failed", "ok"), (checks["pins"].Status, checks["libraries Teen"].Status, checks["libraries Kid"].Status));
        Assert.Single(
            household.Plex.Requests.All, request => request.Path.Contains(household.World.User("Teen").Uuid, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Nobody=1234", 0, "warning", "entry 1 of PLEXSYNC_PINS matches no user")]
    [InlineData("Kid=1234", 0, "warning", "“Kid” has no PIN")]
    [InlineData("1234", 2, "failed", "Entry 1 of PLEXSYNC_PINS is not in the form NAME=PIN.")]
    [InlineData("Teen=4321;id:1003=4321", 2, "failed", "Entry 2 of PLEXSYNC_PINS is a second PIN for the same user.")]
    public async Task Doubtful_PINs_are_named_by_their_place(string pins, int exitCode, string status, string sentence)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = pins;

        var check = (await household.CheckAsync(exitCode))["pins"];

        Assert.Equal(status, check.Status);
        Assert.StartsWith(sentence, check.Message, StringComparison.Ordinal);
        Assert.NotNull(check.Remedy);
    }

    [Fact]
    public async Task A_user_that_the_configuration_names_and_nobody_knows_fails_with_the_nearest_names()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "to": ["Kidd"] }""");

        var check = (await household.CheckAsync(2))["users"];

        Assert.Equal(
            ("failed", "There is no user “Kidd” in the Home or among the friends of this account."), (check.Status, check.Message));
        Assert.Contains("Kid", check.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0, "warning")]
    [InlineData("Kid", 3, "failed")]
    public async Task Nothing_shared_fails_where_the_configuration_names_the_user(string? to, int exitCode, string status)
    {
        await using var household = await Household.StartAsync();
        household.World.Account.ResourcesOmitFor.Add(household.Kid.Id);
        household.Environment["PLEXSYNC_TO"] = to ?? "";

        Assert.Equal(status, (await household.CheckAsync(exitCode))["libraries Kid"].Status);
    }

    [Fact]
    public async Task A_server_that_lets_everybody_in_as_its_owner_fails_with_3()
    {
        await using var household = await Household.StartAsync();
        household.Server.Switches.LetsEveryoneInAsOwner = true;

        var checks = await household.CheckAsync(3);

        Assert.Equal(("failed", "ok"), (checks["libraries Kid"].Status, checks["libraries Owner"].Status));
    }

    [Theory]
    [InlineData(90, "ok", "Correct")]
    [InlineData(400, "warning", "ahead")]
    [InlineData(-400, "warning", "behind")]
    public async Task A_clock_that_is_off_is_a_warning(int seconds, string status, string word)
    {
        await using var household = await Household.StartAsync();
        household.Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddSeconds(seconds));

        var check = (await household.CheckAsync(0))["clock"];

        Assert.Equal(status, check.Status);
        Assert.Contains(word, check.Message, StringComparison.Ordinal);
        Assert.Equal(status == "ok", check.Remedy is null);
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_fails_with_2_and_the_rest_is_looked_at_all_the_same()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_HOME"] = household.WriteFile("in-the-way", "");

        var checks = await household.CheckAsync(2);

        Assert.Equal(("failed", "skipped"), (checks["state"].Status, checks["journal"].Status));
        Assert.Equal(("ok", "ok"), (checks["account"].Status, checks["libraries Kid"].Status));
    }

    [Fact]
    public async Task The_state_folder_holds_nothing_afterwards_but_what_every_run_puts_there()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        var before = Files();

        await household.CheckAsync(0);

        Assert.Equal(before, Files());

        string[] Files() =>
            [.. Directory.EnumerateFileSystemEntries(household.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("""{ "sevrer": "NAS" }""")]
    [InlineData("""{ "timeout": "soon" }""")]
    public async Task A_configuration_that_is_wrong_fails_with_2_and_nothing_is_done_by_it(string json)
    {
        await using var household = await Household.StartAsync();
        household.Configure(json);

        var checks = await household.CheckAsync(2);

        Assert.Equal("failed", checks["configuration"].Status);
        Assert.NotNull(checks["configuration"].Remedy);
        Assert.Equal(("ok", "skipped", "skipped"), (checks["state"].Status, checks["token"].Status, checks["plexTv"].Status));
        Assert.Empty(household.Plex.Requests.All);
    }

    [Fact]
    public async Task A_variable_that_means_nothing_is_a_warning()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_COLOUR_SCHEME"] = "dark";

        var check = (await household.CheckAsync(0))["configuration"];

        Assert.Equal(("warning", "unknown variable PLEXSYNC_COLOUR_SCHEME; it is ignored."), (check.Status, check.Message));
    }

    [Fact]
    public async Task A_variable_that_nearly_means_something_is_a_failure_as_it_is_of_a_run()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_SERVRE"] = "NAS";

        var check = (await household.CheckAsync(2))["configuration"];

        Assert.Equal("failed", check.Status);
        Assert.StartsWith(
            "Unknown variable PLEXSYNC_SERVRE. Did you mean PLEXSYNC_SERVER?", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_interrupted_is_a_warning_that_names_it()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        var file = household.Journal();
        await File.WriteAllLinesAsync(
            file, (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[..^1], TestContext.Current.CancellationToken);

        var check = (await household.CheckAsync(0))["journal"];

        Assert.Equal("warning", check.Status);
        Assert.StartsWith($"1 run has not finished: {Path.GetFileNameWithoutExtension(file)}.", check.Message, StringComparison.Ordinal);
        Assert.Contains($"plexsync runs --resume {Path.GetFileNameWithoutExtension(file)}", check.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_is_damaged_fails_with_2()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        await File.WriteAllTextAsync(household.Journal(), "damaged\n", TestContext.Current.CancellationToken);

        var checks = await household.CheckAsync(2);

        Assert.Equal(("ok", "failed"), (checks["state"].Status, checks["journal"].Status));
    }

    [Fact]
    public async Task Of_several_failures_the_gravest_is_the_exit_code()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_HOME"] = household.WriteFile("in-the-way", "");
        household.Environment["PLEXSYNC_SERVER"] = "http://127.0.0.1:1";

        var checks = await household.CheckAsync(4);

        Assert.Equal(("failed", "failed"), (checks["state"].Status, checks["connection"].Status));
    }

    [Fact]
    public async Task Somebody_elses_server_is_a_warning()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TOKEN"] = household.World.User("Friend").AccountToken;

        var checks = await household.CheckAsync(0);

        Assert.Equal("warning", checks["owner"].Status);
        Assert.Equal("Friend does not own “NAS”", checks["owner"].Message.Split(':')[0]);
    }

    [Fact]
    public async Task The_document_has_the_documented_shape()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("doctor", "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(["checks", "exitCode"], result.Json.EnumerateObject().Select(static property => property.Name));
        Assert.Equal(0, result.Json.GetProperty("exitCode").GetInt32());
        var checks = result.Json.GetProperty("checks").EnumerateArray().ToList();
        Assert.Equal(AllChecks, checks.Select(static check => check.GetProperty("check").GetString()).Distinct());
        Assert.All(checks, static check =>
        {
            string[] names = ["check", "status", "message", "remedy"];
            Assert.Equal(
                check.GetProperty("check").ValueEquals("libraries") ? [.. names, "user"] : names,
                check.EnumerateObject().Select(static property => property.Name));
            Assert.Contains(check.GetProperty("status").GetString(), new[] { "ok", "warning", "failed", "skipped" });
            Assert.NotEqual("", check.GetProperty("message").GetString());
        });
        Assert.Equal([1001, 1002, 1003], checks.Where(static check => check.TryGetProperty("user", out _)).Select(
            static check => check.GetProperty("user").GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Words_for_programs_are_the_same_in_French()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";
        household.Environment["LANG"] = "fr_FR.UTF-8";

        var checks = await household.CheckAsync(3);
        var lines = (await household.RunAsync("doctor")).Lines;

        Assert.Equal("failed", checks["libraries Teen"].Status);
        Assert.Contains("✗ Bibliothèques, Teen\u00A0: plex.tv a refusé le code PIN fourni pour «\u00A0Teen\u00A0».", lines);
        Assert.Contains("✓ Jeton\u00A0: Trouvé dans PLEXSYNC_TOKEN.", lines);
        Assert.Equal("1 vérification a échoué. Suivez le conseil indiqué dessous.", lines[^1]);
    }

    [Fact]
    public async Task Signs_tell_without_colour_and_without_Unicode()
    {
        await using var household = await Household.StartAsync();
        household.Terminal = new Terminal { IsOutput = true, IsUnicode = false };
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999;Kid=1234";

        var result = await household.RunAsync("doctor", "--no-color");

        Assert.All(result.Out, static letter => Assert.InRange(letter, '\n', '~'));
        Assert.Contains("ok Account: Signed in as Owner (id:1001).", result.Lines);
        Assert.Contains("! PINs: \"Kid\" has no PIN; the one provided is not sent.", result.Lines);
        Assert.Contains(result.Lines, static line => line.StartsWith("x Libraries of Teen: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Colour_is_used_on_a_terminal_alone()
    {
        await using var household = await Household.StartAsync();
        Assert.DoesNotContain('\e', (await household.RunAsync("doctor")).Out);
        household.Terminal = new Terminal { IsOutput = true };

        Assert.Contains("\e[32m✓\e[0m Account: ", (await household.RunAsync("doctor")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_from_servers_cannot_move_the_cursor()
    {
        var world = Worlds.Small();
        // The lists of users and servers come as XML too, which has no C0 controls.
        world.User("Kid").Title = "Ki\u009B2Jd\u202E\nroot";
        world.User("Friend").Title = "Fri\u009Bend";
        world.Server.Name = "N\u009B31mAS";
        world.Server.Library("Movies").Title = "Mo\u001B]0;x\u0007vies";
        await using var household = await Household.StartAsync(world);

        var result = await household.RunAsync("doctor");

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            result.Out,
            static letter => Assert.True(letter == '\n' || (!char.IsControl(letter) && letter != '\u202E'), $"U+{(int)letter:X4}"));
        Assert.Contains(result.Lines, static line => line.StartsWith("✓ Libraries of Ki2Jdroot: Mo]0;xvies", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_secret_is_printed()
    {
        const string WrongPin = "5028461937";
        await using var household = await Household.StartAsync();
        var seen = new List<string>();
        foreach (var pins in new[] { "Teen=4321", $"Teen={WrongPin}", WrongPin, $"{WrongPin}=Teen" })
        {
            household.Environment["PLEXSYNC_PINS"] = pins;
            foreach (var args in new string[][] { ["doctor", "--verbose"], ["doctor", "--json", "--verbose"] })
            {
                var result = await household.RunAsync(args);
                // A port can hold the digits of a PIN.
                seen.AddRange(((string[])[result.Out, result.Error]).Select(text =>
                    text.Replace(household.Plex.ServerUrl.Authority, "nas", StringComparison.Ordinal)
                        .Replace(household.Plex.AccountUrl.Authority, "plex.tv", StringComparison.Ordinal)));
            }
        }

        var secrets = household.Plex.Requests.All.Select(static request => request.Token).OfType<string>()
            .Concat([WrongPin, "4321", household.World.Owner.AccountToken]).Distinct().ToList();
        Assert.True(secrets.Count > 4);
        Assert.Contains(seen, static text => text.Contains("/switch answered", StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_Home_of_five_takes_31_reads_and_no_write()
    {
        var world = Worlds.Small();
        foreach (var id in new long[] { 1004, 1005 })
        {
            world.Add(
                new SimulatedUser
                {
                    Id = id,
                    Uuid = $"{id:x16}",
                    Title = $"User {id}",
                    AccountToken = $"account-token-of-{id}",
                    IsManaged = true,
                });
            world.Server.ShareWith(world.User(id));
        }

        await using var household = await Household.StartAsync(world);
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        var checks = await household.CheckAsync(0);

        Assert.Equal(5, checks.Keys.Count(static name => name.StartsWith("libraries ", StringComparison.Ordinal)));
        Assert.All(checks.Values, static check => Assert.Equal("ok", check.Status));
        Assert.Equal((31, 0), (household.Plex.Requests.All.Count, household.Plex.Requests.Writes));
    }

    [Fact]
    public async Task Cancelled_it_ends_with_130()
    {
        await using var household = await Household.StartAsync();
        using var stop = new CancellationTokenSource();
        household.Plex.Faults.On(request =>
        {
            if (request.Path == "/api/v2/resources")
            {
                stop.Cancel();
            }

            return false;
        });

        var result = await household.RunAsync(["doctor"], stop.Token);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("✓ Account: Signed in as Owner (id:1001).", result.Lines);
        Assert.DoesNotContain("Libraries", result.Out, StringComparison.Ordinal);
    }

    private static string SetMode(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }

        return file;
    }

    /// <summary>Speaks TLS with a certificate for another name than its own.</summary>
    private sealed class UnfittingCertificate : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly RSA _key = RSA.Create(2048);
        private readonly X509Certificate2 _certificate;

        public UnfittingCertificate()
        {
            var now = TimeProvider.System.GetUtcNow();
            _certificate = new CertificateRequest("CN=elsewhere.test", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Address => $"https://{_listener.LocalEndpoint}";

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
            _key.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(_certificate);
                    await tls.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
            {
                // The client has gone, as it should; or the test has.
            }
        }
    }
}

internal sealed record CheckLine(string Status, string Message, string? Remedy);

internal static class DoctorHousehold
{
    /// <summary>Every check by its name; those about a user with its name behind.</summary>
    public static async Task<Dictionary<string, CheckLine>> CheckAsync(this Household household, int exitCode, params string[] args)
    {
        var result = await household.RunWithoutWritingAsync(["doctor", "--json", .. args]);
        Assert.Equal((exitCode, exitCode, ""), (result.ExitCode, result.Json.GetProperty("exitCode").GetInt32(), result.Error));
        return result.Json.GetProperty("checks").EnumerateArray().ToDictionary(
            static check => check.GetProperty("check")
                .GetString() + (check.TryGetProperty("user", out var user) ? $" {user.GetProperty("title").GetString()}" : ""),
            static check => new CheckLine(
                check.GetProperty("status").GetString()!,
                check.GetProperty("message").GetString()!,
                check.GetProperty("remedy").GetString()));
    }

    /// <summary>The file of the only run.</summary>
    public static string Journal(this Household household) =>
        Directory.GetFiles(Path.Combine(household.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();
}
