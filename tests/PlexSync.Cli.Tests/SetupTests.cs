using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary><c>plexsync setup</c>: questions, a dry run, a file.</summary>
public sealed class SetupTests
{
    [Fact]
    public async Task The_whole_walk_from_an_empty_home_needs_nothing_but_Enter_and_a_confirmed_code()
    {
        await using var household = await StartAsync();
        household.StartAfresh();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.ConfirmLinks(household.World.Owner);

        var result = await household.RunAsync(["setup"], stdin: "\n\n\n\n");
        household.Terminal = new Terminal();
        var sync = await household.RunAsync("sync");

        Assert.Equal((0, ""), (result.ExitCode, result.Error.Contains("plexsync: ", StringComparison.Ordinal) ? result.Error : ""));
        Assert.Contains("First, sign in to Plex.", result.Error, StringComparison.Ordinal);
        Assert.Contains("Whose watch history should be copied?\n  1. Owner\n  2. Kid\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("Number or name [Owner]:", result.Error, StringComparison.Ordinal);
        Assert.Contains("Number or name, with commas between several [all]:", result.Error, StringComparison.Ordinal);
        Assert.Contains("Owner → Kid on “NAS”", result.Lines);
        Assert.Contains($"Save this in {ConfigOf(household)}? (Enter = yes, n = no)", result.Error, StringComparison.Ordinal);
        Assert.Equal("{\n  \"toAll\": true\n}\n", await ReadAsync(household));
        Assert.True(File.Exists(household.CredentialsFile));
        Assert.Contains($"Saved in {ConfigOf(household)}.", result.Lines);
        Assert.Contains("To make these changes: plexsync sync", result.Lines);
        Assert.Contains($"30 3 * * * PLEXSYNC_HOME={household.Environment["PLEXSYNC_HOME"]} plexsync sync --quiet", result.Lines);
        Assert.Equal(0, sync.ExitCode);
        Assert.NotEmpty(household.Server.Writes);
    }

    [Fact]
    public async Task Line_for_cron_is_one_line_for_cron_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has another timer.");
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_HOME"] = Path.Combine(household.Folder, "100%");

        var result = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\n\n");

        Assert.Contains($"30 3 * * * PLEXSYNC_HOME='{household.Folder}/100\\%' plexsync sync --quiet", result.Lines);
    }

    [Fact]
    public async Task Setup_speaks_French()
    {
        await using var household = await StartAsync();
        household.Environment["LANG"] = "fr_FR.UTF-8";

        var result = await household.RunAsync(["setup"], stdin: "o\n\nKid\n\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Utiliser ce compte\u202F? (Entrée = oui, n = un autre)", result.Error, StringComparison.Ordinal);
        Assert.Contains($"Enregistré dans {ConfigOf(household)}.", result.Lines);
        Assert.Equal("{\n  \"to\": [\"Kid\"]\n}\n", await ReadAsync(household));
    }

    [Fact]
    public async Task Questions_break_between_words_and_name_no_option_that_setup_lacks()
    {
        await using var household = await StartAsync();
        household.Terminal = household.Terminal with { IsOutput = true, Width = 50 };

        var result = await household.RunAsync(["setup"], stdin: "\n\nKid\n\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Use this\naccount? (Enter = yes, n = another one) ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--all lists", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_typed_as_an_option_is_not_asked_for()
    {
        await using var household = await StartAsync();
        var token = household.WriteFile("token", household.Environment["PLEXSYNC_TOKEN"]);
        household.Environment.Remove("PLEXSYNC_TOKEN");

        var result = await household.RunAsync(
            ["setup", "--token-file", token, "--from", "Kid", "--to", "Friend", "--policy", "fill"], stdin: "\n");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("1. ", result.Error, StringComparison.Ordinal);
        Assert.Equal(
            $$"""
            {
              "from": "Kid",
              "to": ["Friend"],
              "policy": "fill",
              "tokenFile": "{{token}}"
            }

            """,
            await ReadAsync(household));
        Assert.Empty(household.Server.Writes);
    }

    [Fact]
    public async Task Another_account_can_be_signed_in_and_is_stored_last()
    {
        await using var household = await StartAsync();
        household.StartAfresh();
        household.ConfirmLinks(household.World.Owner);
        await household.RunAsync("login");
        var before = await File.ReadAllTextAsync(household.CredentialsFile, TestContext.Current.CancellationToken);

        var kept = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\nn\n");
        var links = household.World.Links.Count;
        var declined = await household.RunAsync(["setup", "--to", "Kid"], stdin: "n\n\nn\n");

        Assert.Equal((0, 0), (kept.ExitCode, declined.ExitCode));
        Assert.Contains($"Signed in as “Owner” ({household.CredentialsFile}). Use this account?", kept.Error, StringComparison.Ordinal);
        Assert.True(household.World.Links.Count > links);
        Assert.Equal(before, await File.ReadAllTextAsync(household.CredentialsFile, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sign_in_that_is_no_longer_good_is_replaced()
    {
        await using var household = await StartAsync();
        household.StartAfresh();
        Directory.CreateDirectory(household.Environment["PLEXSYNC_HOME"]);
        await File.WriteAllTextAsync(
            household.CredentialsFile, """{ "token": "wrongwrongwrongwrong" }""", TestContext.Current.CancellationToken);
        household.ConfirmLinks(household.World.Owner);

        var result = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\n");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(
            "wrongwrong",
            await File.ReadAllTextAsync(household.CredentialsFile, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n", "NAS")]
    [InlineData("2\n", "Den")]
    [InlineData("nas\n", "NAS")]
    [InlineData("7\nnobody\nden\n", "Den")]
    [InlineData("0\n-1\n2\n", "Den")]
    public async Task One_of_several_servers_is_chosen_and_saved(string answer, string server)
    {
        var there = Worlds.TwoServers();
        await using var household = await StartAsync(there.World);
        foreach (var library in there.Den.Libraries)
        {
            library.SharedWith.UnionWith([household.World.Owner.Id, household.Kid.Id]);
        }

        var result = await household.RunAsync(["setup"], stdin: $"\n{answer}\nKid\n\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Your servers:\n  1. NAS\n  2. Den\nNumber or name of the server [NAS]:", result.Error, StringComparison.Ordinal);
        Assert.Contains($"Owner → Kid on “{server}”", result.Lines);
        Assert.Equal($"{{\n  \"server\": \"{server}\",\n  \"to\": [\"Kid\"]\n}}\n", await ReadAsync(household));
    }

    [Theory]
    [InlineData("evil.example/web")]
    [InlineData("http://evil.example")]
    [InlineData("127.0.0.1:9")]
    [InlineData("nas")]
    [InlineData("1")]
    [InlineData(" ")]
    [InlineData("a\u202Eb\u001B[31m")]
    public async Task A_server_is_saved_as_what_finds_it_again_whatever_it_is_called(string name)
    {
        var there = Worlds.TwoServers();
        await using var household = await StartAsync(there.World);
        foreach (var library in there.Den.Libraries)
        {
            library.SharedWith.UnionWith([household.World.Owner.Id, household.Kid.Id]);
        }

        there.Den.Name = name;
        household.Environment["NO_COLOR"] = "1";

        var result = await household.RunAsync(["setup"], stdin: "\n2\n\nid:1002\n\n");
        household.Terminal = new Terminal();
        var sync = await household.RunAsync("sync", "--dry-run", "--json");

        Assert.True((0, 0) == (result.ExitCode, sync.ExitCode), result.Error + sync.Error);
        Assert.Equal(
            there.Den.MachineIdentifier, sync.Json.GetProperty("server").GetProperty("machineIdentifier").GetString());
        Assert.DoesNotContain(result.Error + result.Out, static letter => letter is '\u001B' or '\u202E');
    }

    [Theory]
    [InlineData("7")]
    [InlineData("1003")]
    [InlineData("id:1003")]
    [InlineData("title:Teen")]
    [InlineData("--all")]
    [InlineData("$(x)")]
    [InlineData("!a; b, c")]
    [InlineData(" ")]
    [InlineData("jobs")]
    [InlineData("a\u202Eb\u001B[31m")]
    public async Task A_user_is_saved_as_what_finds_them_again_whatever_they_are_called(string name)
    {
        await using var household = await StartAsync();
        var kid = household.Kid;
        kid.Title = kid.FriendlyName = name;
        household.Environment["NO_COLOR"] = "1";

        var result = await household.RunAsync(["setup"], stdin: "\n\nid:1002\n\n");
        household.Terminal = new Terminal();
        var sync = await household.RunAsync("sync", "--dry-run", "--json");

        Assert.Equal((0, 0), (result.ExitCode, sync.ExitCode));
        Assert.Equal(1002, sync.Targets.Single().GetProperty("user").GetProperty("id").GetInt64());
        Assert.DoesNotContain(result.Error + result.Out, static letter => letter is '\u001B' or '\u202E');
    }

    [Fact]
    public async Task A_file_for_PINs_that_cannot_be_written_is_named_and_nothing_saved()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        await using var household = await StartAsync();
        household.StartAfresh();
        household.ConfirmLinks(household.World.Owner);
        household.Terminal = household.Terminal with { ReadSecretAsync = static _ => Task.FromResult<string?>("4321") };
        var shared = Directory.CreateDirectory(Path.Combine(household.Folder, "shared")).FullName;
        var pins = household.WriteFile("shared/pins", "Friend=1111\n");
        File.SetUnixFileMode(shared, (UnixFileMode)0b111_111_111);
        household.Configure($$"""{ "pinFile": "{{pins}}" }""");

        var result = await household.RunAsync(["setup", "--to", "Teen"], stdin: "\ny\n\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(shared, result.Error.Split('\n')[^2], StringComparison.Ordinal);
        Assert.False(File.Exists(household.CredentialsFile));
        Assert.Equal("Friend=1111\n", await File.ReadAllTextAsync(pins, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_is_asked_for_three_times_more_and_no_oftener()
    {
        var there = Worlds.TwoServers();
        await using var household = await StartAsync(there.World);
        there.Den.Libraries[0].SharedWith.Add(household.World.Owner.Id);

        var result = await household.RunAsync(["setup"], stdin: "\n0\n3\nnas2\n-1\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(4, result.Error.Split("Number or name of the server [NAS]:").Length - 1);
        Assert.False(File.Exists(ConfigOf(household)));
    }

    [Fact]
    public async Task Nothing_is_stored_where_the_configuration_cannot_be_written()
    {
        await using var household = await StartAsync();
        household.StartAfresh();
        household.ConfirmLinks(household.World.Owner);
        household.WriteFile(".config", "no folder");

        var result = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\n\n");

        Assert.Equal((2, false), (result.ExitCode, File.Exists(household.CredentialsFile)));
    }

    [Fact]
    public async Task Without_a_server_nothing_is_saved()
    {
        await using var household = await StartAsync();
        household.World.Account.ResourcesOmitFor.Add(household.World.Owner.Id);

        var result = await household.RunAsync(["setup"], stdin: "\n\n1\n\n");

        Assert.Equal(3, result.ExitCode);
        Assert.False(File.Exists(ConfigOf(household)));
    }

    [Theory]
    [InlineData("y\n", true)]
    [InlineData("\n", false)]
    public async Task A_PIN_is_kept_only_on_request_and_for_the_owner_alone(string answer, bool isKept)
    {
        await using var household = await StartAsync();
        household.Terminal = household.Terminal with { ReadSecretAsync = static _ => Task.FromResult<string?>("4321") };
        var pins = Path.Combine(household.Environment["PLEXSYNC_HOME"], "pins");

        var result = await household.RunAsync(["setup", "--to", "Teen"], stdin: $"\n\n{answer}\n");
        household.Terminal = new Terminal();
        var sync = await household.RunAsync("sync");

        Assert.Equal((0, isKept ? 0 : 3), (result.ExitCode, sync.ExitCode));
        Assert.Contains($"Store the PIN of Teen in {pins}, readable only by you,", result.Error, StringComparison.Ordinal);
        Assert.Equal(isKept, File.Exists(pins));
        Assert.Equal(isKept, (await ReadAsync(household)).Contains($"\"pinFile\": \"{pins}\"", StringComparison.Ordinal));
        Assert.DoesNotContain("4321", result.Out + result.Error + await ReadAsync(household), StringComparison.Ordinal);
        if (isKept)
        {
            Assert.Equal("id:1003=4321\n", await File.ReadAllTextAsync(pins, TestContext.Current.CancellationToken));
            Assert.False(PrivateFile.IsExposed(pins));
        }
        else
        {
            Assert.Contains("for a timer, use PLEXSYNC_PINS", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead, 0)]
    [InlineData(UnixFileMode.OtherWrite, 2)]
    public async Task PINs_that_were_kept_are_closed_to_others_and_not_taken_from_them(UnixFileMode opened, int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        await using var household = await StartAsync();
        household.Terminal = household.Terminal with { ReadSecretAsync = static _ => Task.FromResult<string?>("4321") };
        await household.RunAsync(["setup", "--to", "Teen"], stdin: "\n\ny\n\n");
        household.Terminal = new Terminal();
        var pins = Path.Combine(household.Environment["PLEXSYNC_HOME"], "pins");
        File.SetUnixFileMode(pins, File.GetUnixFileMode(pins) | opened);

        var sync = await household.RunAsync("sync", "--dry-run");

        Assert.Equal(exitCode, sync.ExitCode);
        Assert.Equal(exitCode != 0, PrivateFile.IsExposed(pins));
    }

    [Fact]
    public async Task PINs_are_added_to_the_file_that_has_others()
    {
        await using var household = await StartAsync();
        household.Terminal = household.Terminal with { ReadSecretAsync = static _ => Task.FromResult<string?>("4321") };
        var pins = household.WriteFile("mine", "Friend=1111\n");
        household.Configure($$"""{ "pinFile": "{{pins}}" }""");

        Assert.Equal(0, (await household.RunAsync(["setup", "--to", "Teen"], stdin: "\n\ny\n\n")).ExitCode);
        Assert.Equal("Friend=1111\nid:1003=4321\n", await File.ReadAllTextAsync(pins, TestContext.Current.CancellationToken));
        Assert.False(PrivateFile.IsExposed(pins));
    }

    [Fact]
    public async Task A_configuration_that_is_there_gets_a_job_and_keeps_all_else()
    {
        await using var household = await StartAsync();
        household.Configure("{\n  // ours\n  \"to\": [\"Friend\"], /* and */ \"quiet\": true,\n}\n");

        var first = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\n\n\n");
        var second = await household.RunAsync(["setup", "--from", "Kid", "--to", "Owner"], stdin: "\nback\n\n");
        var replaced = await household.RunAsync(["setup", "--from", "Kid", "--to", "Teen", "--job", "kid"], stdin: "\nn\n");

        Assert.Equal((0, 0, 0), (first.ExitCode, second.ExitCode, replaced.ExitCode));
        Assert.Contains("Your answers are added to it as a job. Name of the job [kid]:", first.Error, StringComparison.Ordinal);
        Assert.Contains("To make these changes: plexsync sync --job kid", first.Lines);
        Assert.Contains("plexsync sync --all-jobs --quiet", first.Out, StringComparison.Ordinal);
        Assert.Contains("There is a job “kid” already. Replace it?", replaced.Error, StringComparison.Ordinal);
        Assert.Equal(
            """
            {
              // ours
              "to": ["Friend"], /* and */ "quiet": true,
              "jobs": {
                "kid": { "to": ["Kid"] },
                "back": { "from": "Kid", "to": ["Owner"] }
              },
            }

            """,
            await ReadAsync(household));
    }

    [Fact]
    public async Task A_job_is_replaced_when_that_is_wanted()
    {
        await using var household = await StartAsync();
        household.Configure("""{ "jobs": { "kid": { "to": "Teen" }, "us": { "to": "Friend" } } }""");

        var result = await household.RunAsync(["setup", "--to", "Kid"], stdin: "\n\nKID\ny\n\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Name of the job [kid2]:", result.Error, StringComparison.Ordinal);
        Assert.Equal("""{ "jobs": { "kid": { "to": ["Kid"] }, "us": { "to": "Friend" } } }""", await ReadAsync(household));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_left_alone()
    {
        await using var household = await StartAsync();
        household.Configure("{ \"to\": ");

        var result = await household.RunAsync(["setup"], stdin: "\n\n\n\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("{ \"to\": ", await ReadAsync(household));
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData("\n\n1\nn\n")]
    [InlineData("\n\n1\n")]
    [InlineData("\n\nnobody\nnobody\nnobody\nnobody\n")]
    public async Task Whatever_ends_it_nothing_is_left_behind(string answers)
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync(["setup"], stdin: answers);

        Assert.Contains(result.ExitCode, (int[])[0, 2, 130]);
        Assert.False(Directory.Exists(Path.Combine(household.Folder, ".config")));
        Assert.Empty(Directory.GetFiles(household.Folder));
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Ctrl_C_leaves_nothing_behind_either()
    {
        await using var household = await StartAsync();
        using var stop = new CancellationTokenSource();
        household.Plex.Faults.On(request =>
        {
            if (request.Path.EndsWith("/all", StringComparison.Ordinal))
            {
                stop.Cancel();
            }

            return false;
        });

        var result = await household.RunAsync(["setup", "--to", "Kid"], stop.Token, stdin: "\n\n\n\n");

        Assert.Equal(130, result.ExitCode);
        Assert.False(File.Exists(ConfigOf(household)));
    }

    [Theory]
    [InlineData(false, true, "setup")]
    [InlineData(true, false, "setup")]
    [InlineData(true, true, "setup", "--json")]
    public async Task Without_a_terminal_it_says_what_to_do_instead(bool isInput, bool isError, params string[] args)
    {
        await using var household = await StartAsync();
        household.Terminal = household.Terminal with { IsInput = isInput, IsError = isError };

        var result = await household.RunAsync(args, stdin: "\n\n\n\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Instead, run “plexsync login”, and create ", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Theory]
    [InlineData("--to-all already includes all Home users", "--to-all", "--to", "Kid")]
    [InlineData("--except works only with --to-all", "--except", "Kid")]
    [InlineData("--policy is “mine”; it must be one of", "--to", "Kid", "--policy", "mine")]
    [InlineData("“a/b” cannot be the name of a job", "--to", "Kid", "--job", "a/b")]
    [InlineData("“Owner” is both source and target", "--to", "Owner")]
    public async Task What_cannot_be_is_refused_and_nothing_saved(string sentence, params string[] args)
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync(["setup", .. args], stdin: "\n\n\n\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(ConfigOf(household)));
    }

    [Fact]
    public async Task Variables_that_count_more_than_the_file_are_named()
    {
        await using var household = await StartAsync();
        household.Environment["PLEXSYNC_TO"] = "Friend";
        household.Environment["PLEXSYNC_SERVER"] = household.ServerUrl;

        var result = await household.RunAsync(["setup"], stdin: "\n\nKid\n\n");

        Assert.Equal("{\n  \"server\": \"" + household.ServerUrl + "\",\n  \"to\": [\"Kid\"]\n}\n", await ReadAsync(household));
        Assert.Contains("Owner → Kid on “NAS”", result.Lines);
        Assert.Contains("Warning: PLEXSYNC_TO is set and takes precedence", result.Error, StringComparison.Ordinal);
        Assert.Contains("Warning: the sign-in comes from PLEXSYNC_TOKEN;", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "{\n  \"a\": 1\n}\n")]
    [InlineData("{}", "{\n  \"a\": 1\n}")]
    [InlineData("{ // only this\n}", "{\n  \"a\": 1\n // only this\n}")]
    [InlineData("{ \"b\": { \"a\": 2 } }", "{ \"b\": { \"a\": 2 },\n  \"a\": 1 }")]
    [InlineData("{ \"a\": [1, 2], \"b\": 3 }", "{ \"a\": 1, \"b\": 3 }")]
    [InlineData("{ \"é\": \"ü\", }", "{ \"é\": \"ü\",\n  \"a\": 1, }")]
    [InlineData("// a\n{ \"b\": 2 } // b\n", "// a\n{ \"b\": 2,\n  \"a\": 1 } // b\n")]
    public void A_key_is_set_and_all_else_kept(string? text, string expected) =>
        Assert.Equal(expected, ConfigurationWriter.Set(text, "a", "1"));

    [Fact]
    public void Names_are_written_as_they_are_and_read_back()
    {
        var given = new Dictionary<string, Given> { ["to"] = new(["Zoé \"Z\" \\ 子", "id:7"], ""), ["from"] = new(["O'Neil"], "") };
        var file = Path.GetTempFileName();

        var json = ConfigurationWriter.SetJob(ConfigurationWriter.SetAll(null, given), "us", ConfigurationWriter.ToJson(given));
        File.WriteAllText(file, json);
        var (read, jobs, error) = ConfigurationFile.Read(file, CommandCatalog.Instance.Settings);
        File.Delete(file);

        Assert.Null(error);
        Assert.Equal(given["to"].Values, read["to"].Values);
        Assert.Equal(given["to"].Values, Assert.Single(jobs).Given["to"].Values);
    }

    private static async Task<Household> StartAsync(World? world = null)
    {
        var household = await Household.StartAsync(world);
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Terminal = new Terminal { IsInput = true, IsError = true, Width = 1000 };
        return household;
    }

    private static string ConfigOf(Household household) => Path.Combine(household.Folder, ".config", "plexsync", "config.json");

    private static Task<string> ReadAsync(Household household) =>
        File.ReadAllTextAsync(ConfigOf(household), TestContext.Current.CancellationToken);
}
