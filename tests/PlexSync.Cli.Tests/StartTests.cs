using System.Text.RegularExpressions;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Tests;

/// <summary>How a run starts: what it asks at the same time, what it asks once, and what it remembers of the last one.</summary>
public sealed partial class StartTests
{
    private static readonly string[] ToThree = ["sync", "--to", "Kid", "--to", "Teen", "--to", "Friend"];

    /// <summary>No answer comes before all of these requests were sent: a run that sends one of them later hangs.</summary>
    [Theory]
    [InlineData(5, "/api/v2/user", "/api/v2/resources", "/api/v2/home/users", "/api/users", "/identity")]
    [InlineData(4, "/", "/:/prefs", "/api/v2/home/users/00000000000003ea/switch", "/api/v2/home/users/00000000000003eb/switch")]
    [InlineData(2, "/library/sections", "/status/sessions")]
    public async Task Requests_that_do_not_depend_on_each_other_are_sent_together(int requests, params string[] paths)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        var owner = household.World.Owner.Id;
        household.Plex.Faults.On(request => paths.Contains(request.Path) && (request.UserId == owner || request.Path == "/identity"))
            .Together(requests);

        Assert.Equal(0, (await household.RunAsync(ToThree)).ExitCode);
    }

    [Fact]
    public async Task Several_targets_are_proved_together()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        var owner = household.World.Owner.Id;
        household.Plex.Faults.On(request => request.Path == "/:/prefs" && request.UserId != owner).Together(2);

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--to", "Teen")).ExitCode);
    }

    [Fact]
    public async Task Nothing_is_asked_twice()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        await household.RunAsync(ToThree);
        household.Plex.Requests.Clear();

        Assert.Equal(0, (await household.RunAsync(ToThree)).ExitCode);

        Assert.All(
            household.Plex.Requests.All.GroupBy(static request => $"{request.Role} {request.UserId} {request}"),
            static same => Assert.Single(same));
        Assert.Equal(30, household.Plex.Requests.Count);
    }

    [Fact]
    public async Task One_target_costs_fourteen_requests_and_the_listings()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_SERVER");
        await household.RunAsync("sync", "--to", "Kid");
        household.Plex.Requests.Clear();

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid")).ExitCode);

        Assert.Equal(14 + 4, household.Plex.Requests.Count);
    }

    [Fact]
    public async Task Nobody_is_switched_to_who_is_not_meant()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        Assert.Equal(0, (await household.RunAsync("sync", "--to-all", "--except", "Kid")).ExitCode);

        Assert.Equal(
            ["/api/v2/home/users/00000000000003eb/switch"],
            household.Plex.Requests.All.Select(static request => request.Path).Where(static path => path.EndsWith(
                "/switch", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_told_before_a_PIN_that_is_wrong()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=9999";
        household.Plex.Faults.On("/").Status(503);

        var result = await household.RunWithoutWritingAsync("sync", "--to", "Teen");

        Assert.Equal(4, result.ExitCode);
        Assert.DoesNotContain("PIN", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("NAS")]
    public async Task Address_that_answered_is_remembered_by_what_was_asked_for(string? server)
    {
        await using var household = await Household.StartAsync();
        AskFor(household, server);

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--dry-run")).ExitCode);

        Assert.Equal(household.Plex.ServerUrl, NamesOf(household).AddressOf(server));
        Assert.Null(NamesOf(household).AddressOf("another"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Remembered_address_that_is_wrong_changes_nothing_and_gets_no_token(string? address)
    {
        await using var household = await Household.StartAsync();
        AskFor(household, null);
        var first = await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--json");
        var file = Path.Combine(household.Environment["PLEXSYNC_HOME"], "names.json");
        // plex.tv answers there, and is not the server.
        var wrong = address ?? household.Plex.AccountUrl.AbsoluteUri;
        var known = household.Plex.ServerUrl.AbsoluteUri;
        await File.WriteAllTextAsync(
            file,
            (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace(known, wrong, StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        household.Plex.Requests.Clear();

        var second = await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--json");

        Assert.Equal((first.ExitCode, WithoutTimes(first.Error)), (second.ExitCode, WithoutTimes(second.Error)));
        Assert.Equal(
            first.Targets.Select(static target => target.GetRawText()), second.Targets.Select(static target => target.GetRawText()));
        Assert.All(
            household.Plex.Requests.All.Where(static request => request.Path == "/identity"), static request => Assert.Null(request.Token));
        Assert.DoesNotContain(household.Plex.Requests.All, static request => request.Role == "plex.tv" && request.Path == "/");
        Assert.Equal(household.Plex.ServerUrl, NamesOf(household).AddressOf(null));
    }

    /// <summary>How long a run took is another in each.</summary>
    private static string WithoutTimes(string said) => Times().Replace(said, "in N s");

    [GeneratedRegex(@"in \d+\.\d s")]
    private static partial Regex Times();

    private static void AskFor(Household household, string? server)
    {
        household.Environment.Remove("PLEXSYNC_SERVER");
        if (server is not null)
        {
            household.Environment["PLEXSYNC_SERVER"] = server;
        }
    }

    private static NameCache NamesOf(Household household) => new(Path.Combine(household.Environment["PLEXSYNC_HOME"], "names.json"));
}
