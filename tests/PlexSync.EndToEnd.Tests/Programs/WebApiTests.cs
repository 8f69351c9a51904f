using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Programs;

/// <summary>The sample of a web API, called as a browser would.</summary>
public sealed class WebApiTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-webapi-");
    private PlexSimulator _plex = null!;
    private ManagedProgram _api = null!;
    private HttpClient _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _plex = await PlexSimulator.StartAsync(Worlds.Small(), TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Plex__Token"] = _plex.World.Owner.AccountToken,
            ["Plex__Server"] = $"{_plex.ServerUrl}",
            ["Plex__StateFolder"] = _folder.FullName,
            ["Plex__Client__ClientIdentifier"] = "my-web-api",
            ["Plex__Client__AccountUrl"] = $"{_plex.AccountUrl}",
        };
        _api = ManagedProgram.Start("samples/WebApi", "WebApi", settings, "--urls", "http://127.0.0.1:0");
        var line = (await _api.ReadUntilAsync("Now listening on: "))[^1];
        _browser = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]) };
    }

    [Fact]
    public async Task A_plan_that_comes_back_is_applied()
    {
        var (planned, plan) = await GetAsync("/plans/Kid");
        var (applied, report) = await PostAsync("/plans/Kid", plan);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (planned, applied));
        Assert.Equal(8, plan["changes"]!.AsArray().Count);
        Assert.All(report["results"]!.AsArray(), static result => Assert.Equal("applied", (string?)result!["outcome"]));
        Assert.True(_plex.World.Server.State(_plex.World.User("Kid"), "2").IsWatched);
    }

    [Fact]
    public async Task A_plan_for_another_user_is_refused()
    {
        _plex.World.User("Teen").Pin = null;
        var (_, plan) = await GetAsync("/plans/Kid");

        var (status, problem) = await PostAsync("/plans/Teen", plan);

        Assert.Equal((HttpStatusCode.Forbidden, "PlanMismatch"), (status, (string)problem["title"]!));
        Assert.Equal(0, _plex.Requests.Writes);
    }

    [Fact]
    public async Task A_plan_whose_target_was_changed_is_refused()
    {
        var (_, plan) = await GetAsync("/plans/Kid");
        plan["target"]!["id"] = 1003;

        var (status, problem) = await PostAsync("/plans/Kid", plan);

        Assert.Equal((HttpStatusCode.Forbidden, "PlanMismatch"), (status, (string)problem["title"]!));
        Assert.Equal(0, _plex.Requests.Writes);
    }

    [Fact]
    public async Task An_error_of_plex_is_a_problem_that_says_what_is_wrong()
    {
        var (unknown, problem) = await GetAsync("/plans/Kidd");
        _plex.World.Server.Switches.Maintenance = true;
        var (down, _) = await GetAsync("/plans/Kid");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadGateway), (unknown, down));
        Assert.Contains("Kidd", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _browser?.Dispose();
        _api?.Dispose();
        await _plex.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path) => ReadAsync(new HttpRequestMessage(HttpMethod.Get, path));

    private Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, JsonNode body) => ReadAsync(
        new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        });

    private async Task<(HttpStatusCode Status, JsonNode Body)> ReadAsync(HttpRequestMessage request)
    {
        using var answer = await _browser.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
