using System.Text.Json;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>Every request the library can send is described by the official API description, or is one of these exceptions.</summary>
public sealed class DescribedRequestTests
{
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["GET /:/scrobble"] = "Official verb PUT; GET is what every client in the field sends (plex-facts §6.1).",
        ["GET /:/unscrobble"] = "As scrobble.",
        ["GET /library/sections"] = "Described as /library/sections/all; this form is recorded from real servers (plex-facts §4.1).",
        ["GET /library/sections/{sectionId}/all excludeElements"] = "Described in the prose about trimming (plex-facts §1.5).",
        ["GET /library/sections/{sectionId}/all excludeFields"] = "As excludeElements.",
        ["GET /library/metadata/{ids} excludeElements"] = "As excludeElements.",
        ["GET /library/metadata/{ids} excludeFields"] = "As excludeElements.",
        ["GET /api/v2/home/users"] = "Not described; seen in several clients (plex-facts §3.6).",
        ["POST /api/v2/home/users/{id}/switch"] = "Not described; the one way to act as a managed user (plex-facts §3.7).",
        ["GET /api/servers/{machineIdentifier}/shared_servers"] = "Not described; the one way to act as a friend (plex-facts §3.10 C).",
    };

    [Fact]
    public async Task Every_request_is_described_or_a_known_exception()
    {
        using var description = JsonDocument.Parse(Repository.ReadShared("reference/pms-openapi.json"));
        var operations = description.RootElement.GetProperty("operations").EnumerateArray()
            .ToDictionary(operation => $"{operation.GetProperty("method")} {operation.GetProperty("path")}");
        var common = Names(description.RootElement.GetProperty("commonParams")).Append("X-Plex-Token").Append("accepts").Append("Accept");

        var used = new HashSet<string>();
        var problems = new List<string>();
        foreach (var request in await SendEverythingAsync())
        {
            var operation = $"{request.Method} {Template(request.Path)}";
            if (!operations.TryGetValue(operation, out var described))
            {
                Check(operation, "is not described");
                continue;
            }

            var parameters = Names(described.GetProperty("params")).Concat(common).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, _) in request.Query.Where(pair => !parameters.Contains(pair.Key)))
            {
                Check($"{operation} {name}", "is no described parameter");
            }

            foreach (var name in request.Headers.Keys.Where(name => name.StartsWith("X-Plex-", StringComparison.OrdinalIgnoreCase)))
            {
                // Paging headers are common to all containers (the description says so in prose).
                if (!parameters.Contains(name) && !name.StartsWith("X-Plex-Container-", StringComparison.OrdinalIgnoreCase))
                {
                    Check($"{operation} {name}", "is no described header");
                }
            }

            foreach (var parameter in described.GetProperty("params").EnumerateArray())
            {
                var name = parameter.GetProperty("name").GetString()!;
                if (parameter.GetProperty("required").GetBoolean() && parameter.GetProperty("in").GetString() == "query"
                    && request[name] is null)
                {
                    problems.Add($"{operation}: the required {name} is missing");
                }
            }
        }

        Assert.Empty(problems.Distinct());
        Assert.Empty(Exceptions.Keys.Except(used));

        void Check(string what, string problem)
        {
            if (!Exceptions.ContainsKey(what))
            {
                problems.Add($"{what} {problem}");
            }

            used.Add(what);
        }
    }

    private static async Task<IReadOnlyList<SimulatedRequest>> SendEverythingAsync()
    {
        var world = Worlds.Small();
        world.Server.SetState(world.User("Kid"), "2", new ItemState(ViewOffset: 5 * 60_000));
        await using var session = await Session.StartAsync(world);
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        await session.SwitchAsync(owner, "Teen", "4321");
        await session.SwitchAsync(owner, "Friend");
        var account = await session.Client.SignInAsync(world.Owner.AccountToken);
        await session.Client.ConnectAsync((await session.Client.GetServersAsync(account))[0], account);
        await session.Client.GetFriendsAsync(account);
        await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(owner, kid), owner, kid);
        await kid.GetItemsAsync([RatingKey.Parse("1"), RatingKey.Parse("2")]);
        using var snapshot = new MemoryStream();
        await session.Synchronizer.SaveSnapshotAsync(owner, snapshot);
        return session.Plex.Requests.All;
    }

    private static IEnumerable<string> Names(JsonElement parameters) =>
        parameters.EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()!);

    private static string Template(string path) => path.Split('/') switch
    {
        ["", "library", "sections", _, "all"] => "/library/sections/{sectionId}/all",
        ["", "library", "metadata", _] => "/library/metadata/{ids}",
        ["", "api", "v2", "home", "users", _, "switch"] => "/api/v2/home/users/{id}/switch",
        ["", "api", "servers", _, "shared_servers"] => "/api/servers/{machineIdentifier}/shared_servers",
        _ => path,
    };
}
