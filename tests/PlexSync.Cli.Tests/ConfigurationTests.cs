using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task An_option_beats_a_variable_beats_the_file()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "to": ["Nobody in the file"] }""");

        var file = await household.RunAsync("sync");
        household.Environment["PLEXSYNC_TO"] = "Nobody in the environment";
        var variable = await household.RunAsync("sync");
        var option = await household.RunAsync("sync", "--to", "Nobody at all");

        Assert.Contains("“Nobody in the file”", file.Error, StringComparison.Ordinal);
        Assert.Contains("“Nobody in the environment”", variable.Error, StringComparison.Ordinal);
        Assert.Contains("“Nobody at all”", option.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_can_switch_off_what_the_file_switches_on()
    {
        await using var household = await Household.StartAsync();
        household.Configure("""{ "to": "Kid", "dryRun": true, "json": true }""");

        var result = await household.RunAsync("sync", "--dry-run=false");

        Assert.Equal(0, result.ExitCode);
        Assert.False(result.Json.GetProperty("dryRun").GetBoolean());
        Assert.Equal(9, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task A_list_in_a_variable_is_split_at_semicolons()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_TO"] = "Kid; Friend";

        var result = await household.RunAsync("sync", "--dry-run");

        Assert.Contains("Owner → Kid on “NAS”", result.Lines);
        Assert.Contains("Owner → Friend on “NAS”", result.Lines);
    }

    [Fact]
    public async Task XDG_CONFIG_HOME_moves_the_file_and_the_file_can_choose_the_language()
    {
        await using var household = await Household.StartAsync();
        Directory.CreateDirectory(Path.Combine(household.Folder, "elsewhere", "plexsync"));
        await File.WriteAllTextAsync(
            Path.Combine(household.Folder, "elsewhere", "plexsync", "config.json"), """{ "lang": "fr" }""",
            TestContext.Current.CancellationToken);
        household.Environment["XDG_CONFIG_HOME"] = Path.Combine(household.Folder, "elsewhere");

        var result = await household.RunAsync("sync", "--to", "Kid", "--dry-run");

        Assert.Contains("[VU] Movie 2 (2002)", result.Lines);
    }

    [Theory]
    [InlineData("""{ "pageSizes": 5 }""", "unknown key “pageSizes”. Did you mean “pageSize”?")]
    [InlineData("""{ "colour": "red!" }""", "unknown key “colour”")]
    [InlineData("""{ "token": "abc" }""", "Do not keep secrets in this file")]
    [InlineData("{\n  \"to\": [\"Kid\"\n}", "is not valid JSON: correct the error on line 3.")]
    [InlineData("[]", "must contain one JSON object")]
    [InlineData("""{ "to": { "name": "Kid" } }""", "the value of “to” has the wrong type")]
    [InlineData("""{ "pageSize": 0 }""", "pageSize (")]
    public async Task A_file_that_cannot_be_used_is_refused(string json, string sentence)
    {
        await using var household = await Household.StartAsync();
        household.Configure(json);

        var result = await household.RunAsync("users");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Fact]
    public async Task A_variable_that_means_nothing_is_warned_about()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_COLOUR_SCHEME"] = "1";

        var result = await household.RunAsync("users");

        Assert.Contains("Warning: unknown variable PLEXSYNC_COLOUR_SCHEME;", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_taken_from_the_nearest_place()
    {
        await using var household = await Household.StartAsync();
        var good = household.Environment["PLEXSYNC_TOKEN"];
        var wrong = household.WriteFile("wrong.txt", "wrongwrongwrongwrong");
        household.Environment["PLEXSYNC_TOKEN_FILE"] = wrong;

        Assert.Equal(0, (await household.RunAsync("users")).ExitCode);
        Assert.Equal(3, (await household.RunAsync("users", "--token-file", wrong)).ExitCode);

        household.Environment.Remove("PLEXSYNC_TOKEN");
        Assert.Equal(3, (await household.RunAsync("users")).ExitCode);

        household.Environment.Remove("PLEXSYNC_TOKEN_FILE");
        await File.WriteAllTextAsync(
            Path.Combine(household.Folder, "state", "credentials.json"), $$"""{ "token": "{{good}}" }""",
            TestContext.Current.CancellationToken);
        Assert.Equal(0, (await household.RunAsync("users")).ExitCode);
    }

    [Fact]
    public async Task The_client_identifier_is_made_once_and_for_the_owner_only()
    {
        await using var household = await Household.StartAsync();

        await household.RunAsync("users");
        await household.RunAsync("servers");

        Assert.Single(household.Plex.Requests.All.Select(static request => request.ClientIdentifier).Distinct());
        var path = Path.Combine(household.Folder, "state", "client-id");
        Assert.Equal(
            await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), household.Plex.Requests.All[0].ClientIdentifier);
        Assert.Equal([path], Directory.GetFiles(Path.Combine(household.Folder, "state"), "client-id*"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_made_is_named()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_HOME"] = Path.Combine(household.WriteFile("a-file", ""), "state");

        var result = await household.RunAsync("users");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("a-file", result.Error, StringComparison.Ordinal);
        Assert.Contains("PLEXSYNC_HOME", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Theory]
    [InlineData("LC_ALL", "fr_CA.UTF-8", "fr")]
    [InlineData("LC_MESSAGES", "fr", "fr")]
    [InlineData("LANG", "fr_FR", "fr")]
    [InlineData("LANG", "de_DE", "en")]
    public void The_language_is_the_systems(string variable, string value, string language)
    {
        Assert.Equal(language, Texts.LanguageOf(new Dictionary<string, string> { [variable] = value }));
        Assert.Equal("en", Texts.LanguageOf(new Dictionary<string, string> { ["LC_ALL"] = "C", ["LANG"] = value }));
        Assert.Equal(language, Texts.LanguageOf(new Dictionary<string, string> { ["LC_ALL"] = "", [variable] = value }));
    }

    [Fact]
    public void Every_setting_has_an_option_a_variable_and_a_key()
    {
        var all = CommandCatalog.Instance.Settings;
        var pageSize = all.Single(static setting => setting.Name == "page-size");

        Assert.Equal(("--page-size", "PLEXSYNC_PAGE_SIZE", "pageSize"), (pageSize.Option, pageSize.Variable, pageSize.Key));
        Assert.Equal(all.Count, all.Select(static setting => setting.Variable).Distinct().Count());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_not_taken_for_absent()
    {
        await using var household = await Household.StartAsync();
        Directory.CreateDirectory(Path.Combine(household.Folder, ".config", "plexsync", "config.json"));

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("config.json", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Theory]
    [InlineData("""{"to":["Teen"],"to":["Kid"]}""", "appears twice")]
    [InlineData("""{"to":["\ud800"]}""", "config.json")]
    public async Task A_file_that_contradicts_itself_or_holds_no_text_is_refused(string json, string sentence)
    {
        await using var household = await Household.StartAsync();
        household.Configure(json);

        var result = await household.RunAsync("sync");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task A_flag_given_twice_is_refused_whatever_it_says()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--dry-run=false", "--dry-run");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Theory]
    [InlineData(" Kid ")]
    [InlineData("Kid\t")]
    public async Task Spaces_around_a_value_are_nobodys_name(string name)
    {
        await using var household = await Household.StartAsync();

        Assert.Equal(0, (await household.RunAsync("sync", "--to", name)).ExitCode);
    }

    [Theory]
    [InlineData("nas:32400/?X-Plex-Token=secretword")]
    [InlineData("secretword@nas")]
    public async Task An_address_without_its_scheme_is_not_repeated(string address)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_SERVER"] = address;

        var result = await household.RunAsync("users");

        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("secretword", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FR")]
    [InlineData("fr_FR.UTF-8")]
    public async Task The_language_is_taken_as_systems_write_it(string lang)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_LANG"] = lang;

        Assert.Contains("Rien", (await household.RunAsync("sync", "--to", "Kid", "--dry-run")).Out, StringComparison.OrdinalIgnoreCase);
    }
}
