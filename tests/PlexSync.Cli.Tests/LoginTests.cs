using System.Text.Json;

namespace PlexSync.Cli.Tests;

public sealed class LoginTests
{
    [Fact]
    public async Task Login_shows_a_code_and_an_address_and_tells_who_is_signed_in_and_what_is_next()
    {
        await using var household = await SignedOutAsync();

        var result = await household.RunAsync("login");

        Assert.Equal(0, result.ExitCode);
        var (typed, strong) = (household.World.Links[0], household.World.Links[1]);
        Assert.Equal((false, true), (typed.IsStrong, strong.IsStrong));
        Assert.Contains("https://plex.tv/link", result.Error, StringComparison.Ordinal);
        Assert.Contains($"|   {typed.Code}   |", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"https://app.plex.tv/auth#?clientID={typed.ClientIdentifier}&code={strong.Code}&", result.Error, StringComparison.Ordinal);
        Assert.Contains("valid for 15 minutes", result.Error, StringComparison.Ordinal);
        Assert.Contains($"Signed in as “Owner”. The sign-in is stored in {household.CredentialsFile}, readable only by you.", result.Lines);
        Assert.Contains("Servers: NAS", result.Lines);
        Assert.Contains(result.Lines, static line => line.StartsWith("plexsync users ", StringComparison.Ordinal));
        Assert.Contains(result.Lines, static line => line.StartsWith("plexsync sync --to USER --dry-run ", StringComparison.Ordinal));
        Assert.DoesNotContain("Warning", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_stores_the_token_for_its_owner_alone()
    {
        await using var household = await SignedOutAsync();

        await household.RunAsync("login");

        Assert.Equal(household.World.Links[0].AuthToken, await StoredAsync(household));
        Assert.Equal(
            ["client-id", "credentials.json"],
            Directory.GetFileSystemEntries(household.Environment["PLEXSYNC_HOME"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(household.CredentialsFile));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(
                    household.Environment["PLEXSYNC_HOME"]));
        }
    }

    [Fact]
    public async Task Login_is_all_that_sync_needs()
    {
        await using var household = await SignedOutAsync();

        var before = await household.RunAsync("sync", "--to", "Kid");
        await household.RunAsync("login");
        var after = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal((2, 0), (before.ExitCode, after.ExitCode));
        Assert.Contains("Run “plexsync login” first", before.Error, StringComparison.Ordinal);
        Assert.True(household.Of(household.Kid, 2).IsWatched);
    }

    [Fact]
    public async Task Login_takes_the_confirmation_that_the_page_sends()
    {
        await using var household = await Household.StartAsync();
        household.StartAfresh();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        household.Plex.Faults.On(request =>
        {
            _ = request.Path.StartsWith("/api/v2/pins/", StringComparison.Ordinal) && asked.TrySetResult();
            return false;
        });

        var login = household.RunAsync("login");
        await asked.Task;
        using var http = new HttpClient();
        using var confirmation = new HttpRequestMessage(HttpMethod.Put, new Uri(household.Plex.AccountUrl, "/api/v2/pins/link"))
        {
            Content = new FormUrlEncodedContent([new("code", household.World.Links[0].Code)]),
            Headers =
            {
                { "X-Plex-Token", household.World.Owner.AccountToken },
                { "X-Plex-Client-Identifier", "browser" },
                { "X-Plex-Product", "Plex SSO" },
            },
        };
        using var answer = await http.SendAsync(confirmation, TestContext.Current.CancellationToken);

        Assert.Equal((204, 0), ((int)answer.StatusCode, (await login).ExitCode));
    }

    [Fact]
    public async Task Login_takes_the_address_instead_of_the_code()
    {
        await using var household = await Household.StartAsync();
        household.StartAfresh();
        household.ConfirmLinks(household.World.Owner, byAddress: true);

        var result = await household.RunAsync("login");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(household.World.Links[1].AuthToken, await StoredAsync(household));
    }

    [Fact]
    public async Task Login_replaces_an_earlier_one_and_narrows_its_file()
    {
        await using var household = await SignedOutAsync();
        await household.RunAsync("login");
        var first = await StoredAsync(household);
        Expose(household.CredentialsFile);

        var result = await household.RunAsync("login");

        Assert.Equal(0, result.ExitCode);
        Assert.NotEqual(first, await StoredAsync(household));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(household.CredentialsFile));
        }
    }

    [Fact]
    public async Task Login_leaves_an_earlier_one_when_the_code_expires()
    {
        await using var household = await SignedOutAsync();
        await household.RunAsync("login");
        var first = await StoredAsync(household);
        household.Plex.Faults.Clear();
        household.Plex.Faults.On("/api/v2/pins/*").Status(404, """{"errors":[{"code":1020,"message":"Code not found or expired"}]}""");

        var result = await household.RunAsync("login");

        Assert.Equal(3, result.ExitCode);
        Assert.EndsWith(
            "plexsync: The code was not confirmed in time. Nothing was stored. Run “plexsync login” again.\n",
            result.Error,
            StringComparison.Ordinal);
        Assert.Equal(first, await StoredAsync(household));
    }

    [Fact]
    public async Task Login_stores_nothing_when_it_is_cancelled()
    {
        await using var household = await Household.StartAsync();
        household.StartAfresh();
        using var stop = new CancellationTokenSource();
        household.Plex.Faults.On(request =>
        {
            if (request.Path.StartsWith("/api/v2/pins/", StringComparison.Ordinal))
            {
                stop.Cancel();
            }

            return false;
        });

        var result = await household.RunAsync(["login"], stop.Token);

        Assert.Equal((130, ""), (result.ExitCode, result.Out));
        Assert.False(File.Exists(household.CredentialsFile));
    }

    [Fact]
    public async Task Login_prints_one_document_and_shows_the_code_beside_it()
    {
        await using var household = await SignedOutAsync();

        var result = await household.RunAsync("login", "--json", "--quiet");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            $$$"""{"account":{"id":1001,"title":"Owner"},"credentials":"""
            + $$$"""{{{JsonSerializer.Serialize(household.CredentialsFile, StringContext.Default.String)}}}}""",
            JsonSerializer.Serialize(result.Json, CompactContext.Default.JsonElement));
        Assert.Contains(household.World.Links[0].Code, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_speaks_French()
    {
        await using var household = await SignedOutAsync();

        var result = await household.RunAsync("login", "--lang", "fr");

        Assert.Contains("valable 15 minutes", result.Error, StringComparison.Ordinal);
        Assert.Contains(result.Lines, static line => line.StartsWith("Connecté en tant que «\u00A0Owner\u00A0»", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Login_warns_when_another_token_will_be_used_all_the_same()
    {
        await using var household = await SignedOutAsync();
        household.Environment["PLEXSYNC_TOKEN_FILE"] = household.WriteFile("token", "aTokenInAFile1234567");
        var byFile = await household.RunAsync("login");
        household.Environment["PLEXSYNC_TOKEN"] = household.World.Owner.AccountToken;
        var byVariable = await household.RunAsync("login");
        var out1 = await household.RunAsync("logout");

        Assert.Contains("Warning: PLEXSYNC_TOKEN_FILE is set and takes precedence", byFile.Error, StringComparison.Ordinal);
        Assert.Contains("Warning: PLEXSYNC_TOKEN is set and takes precedence", byVariable.Error, StringComparison.Ordinal);
        Assert.Contains("Warning: PLEXSYNC_TOKEN is still set", out1.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_says_so_when_a_server_has_to_be_chosen_or_there_is_none()
    {
        await using var household = await SignedOutAsync();
        household.World.Account.ResourcesOmitFor.Add(household.World.Owner.Id);
        var none = await household.RunAsync("login");
        household.World.Account.ResourcesOmitFor.Clear();
        household.Plex.Faults.Clear();
        household.ConfirmLinks(household.World.User("Friend"));
        var shared = await household.RunAsync("login");

        Assert.Contains("plex.tv lists no server for this account. Sign in as the owner of a server.", none.Lines);
        Assert.Contains("Choose one with --server NAME.", shared.Lines);
    }

    [Fact]
    public async Task Login_holds_when_the_servers_cannot_be_listed()
    {
        await using var household = await SignedOutAsync();
        household.Plex.Faults.On("/api/v2/resources").Status(500);

        var result = await household.RunAsync("login");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Warning: ", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(household.CredentialsFile));
    }

    [Fact]
    public async Task Login_asks_for_no_confirmation_when_nothing_could_be_stored()
    {
        await using var household = await SignedOutAsync();
        household.Environment["PLEXSYNC_HOME"] = Path.Combine(household.WriteFile("a-file", ""), "state");

        var result = await household.RunAsync("login");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("PLEXSYNC_HOME", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.Plex.Requests.All);
    }

    [Fact]
    public async Task Login_asks_for_no_confirmation_when_a_folder_has_the_place_of_the_file()
    {
        await using var household = await SignedOutAsync();
        Directory.CreateDirectory(household.CredentialsFile);

        var result = await household.RunAsync("login");

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(household.Plex.Requests.All);
    }

    [Fact]
    public async Task Logout_forgets_and_says_where_the_rest_is_done_however_often()
    {
        await using var household = await SignedOutAsync();
        await household.RunAsync("login");
        household.Plex.Requests.Clear();

        var first = await household.RunAsync("logout");
        var second = await household.RunAsync("logout");
        var after = await household.RunAsync("users");

        Assert.Equal((0, 0, 2), (first.ExitCode, second.ExitCode, after.ExitCode));
        Assert.Contains($"Signed out on this machine: {household.CredentialsFile} was deleted.", first.Lines);
        Assert.Contains($"Not signed in: {household.CredentialsFile} does not exist.", second.Lines);
        Assert.All(new[] { first, second }, static result => Assert.Contains("authorized devices", result.Out, StringComparison.Ordinal));
        Assert.Empty(household.Plex.Requests.All);
    }

    [Fact]
    public async Task Logout_tells_programs_whether_there_was_anything()
    {
        await using var household = await SignedOutAsync();
        await household.RunAsync("login");

        var first = await household.RunAsync("logout", "--json");
        var second = await household.RunAsync("logout", "--json");

        Assert.True(first.Json.GetProperty("removed").GetBoolean());
        Assert.False(second.Json.GetProperty("removed").GetBoolean());
        Assert.Equal(household.CredentialsFile, second.Json.GetProperty("credentials").GetString());
    }

    [Fact]
    public async Task Credentials_that_others_can_read_are_warned_about_where_they_are_used()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Permissions are inherited there.");
        await using var household = await SignedOutAsync();
        await household.RunAsync("login");
        var narrow = await household.RunAsync("users");
        Expose(household.CredentialsFile);
        var wide = await household.RunAsync("users");
        household.Environment["PLEXSYNC_TOKEN"] = household.World.Owner.AccountToken;
        var unused = await household.RunAsync("users");

        Assert.Equal((0, 0, 0), (narrow.ExitCode, wide.ExitCode, unused.ExitCode));
        Assert.Contains($"run: chmod 600 \"{household.CredentialsFile}\"", wide.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("chmod", narrow.Error + unused.Error, StringComparison.Ordinal);
    }

    private static async Task<Household> SignedOutAsync()
    {
        var household = await Household.StartAsync();
        household.StartAfresh();
        household.ConfirmLinks(household.World.Owner);
        return household;
    }

    private static void Expose(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }

    private static async Task<string?> StoredAsync(Household household)
    {
        using var document = JsonDocument.Parse(
            await File.ReadAllTextAsync(household.CredentialsFile, TestContext.Current.CancellationToken));
        return document.RootElement.GetProperty("token").GetString();
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class StringContext : System.Text.Json.Serialization.JsonSerializerContext;
