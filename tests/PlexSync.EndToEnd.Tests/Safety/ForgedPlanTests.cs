using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>A plan that comes back as JSON may say anything: what no file could hold is refused before anything is sent or kept.</summary>
public sealed class ForgedPlanTests() : StoreTests(StoreKind.Files)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static TheoryData<string, string> Forgeries => new()
    {
        { "changes.0.item.type", "\"show\"" },
        { "changes.0.item.type", "\"\"" },
        { "changes.0.item.ratingKey", "\"\"" },
        { "changes.0.item.title", "null" },
        { "changes.0.item", "null" },
        { "changes.0", "null" },
        { "changes.0.library", "\"\"" },
        { "changes.0.action", "\"rating\"" },
        { "changes.0.after", """{"viewCount":3}""" },
        { "changes.0.after", """{"viewCount":-1}""" },
        { "changes.0.after", """{"viewCount":1,"position":"10675199.00:00:00"}""" },
        { "changes.0.reason", "\"\"" },
        { "changes.0.basis", """{"user":{"server":"","user":1001},"items":["1"],"state":{}}""" },
        { "changes.0.basis", """{"user":{"server":"0123","user":1001},"items":null,"state":{}}""" },
        { "changes.0.basis", """{"user":{"server":"0123","user":1001},"items":[""],"state":{}}""" },
        { "skipped.0", "null" },
        { "libraries.0.library", "null" },
        { "source", "null" },
        { "source.id", "0" },
        { "source.title", "null" },
        { "moreSources", "[null]" },
        { "server", "null" },
        { "server.name", "null" },
        { "server.version", "null" },
        { "target", "null" },
        { "target.title", "null" },
        { "policy", "null" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Senseless_plan_is_refused_and_nothing_is_sent_or_kept(string place, string value)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        session.Simulated.SetState(session.World.Owner, "10", new ItemState(1, 0, 1_700_000_000));
        var json = JsonSerializer.SerializeToNode(await Synchronizer.PlanAsync(owner, kid), Web)!;
        Set(json, place.Split('.'), JsonNode.Parse(value));
        var plan = json.Deserialize<SyncPlan>(Web)!;

        var failure = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync([plan], [kid, owner]));

        Assert.Equal(PlexErrorKind.InvalidPlan, failure.Kind);
        Assert.Empty(session.Simulated.Writes);
        Assert.Empty(await Journal.ListRunsAsync());
    }

    [Theory]
    [InlineData("mark")]
    [InlineData("copy")]
    public async Task Show_that_is_called_a_show_is_not_marked_whole(string policy)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var json = JsonSerializer.SerializeToNode(await Synchronizer.PlanMarkAsync(owner, [RatingKey.Parse("17")], Mark.Watched), Web)!;
        json["policy"] = policy;
        var item = json["changes"]![0]!["item"]!.AsObject();
        var show = (await owner.GetItemsAsync([RatingKey.Parse("11")]))[RatingKey.Parse("11")];
        (item["ratingKey"], item["type"], item["title"]) = ("11", $"{show.Type}", show.Title);
        (item["showTitle"], item["seasonNumber"], item["episodeNumber"]) = (show.ShowTitle, show.SeasonNumber, show.EpisodeNumber);
        item["state"] = JsonSerializer.SerializeToNode(show.State, Web);
        var plan = json.Deserialize<SyncPlan>(Web)!;

        await Assert.ThrowsAsync<PlexException>(() => Synchronizer.ApplyAsync(plan, owner));

        Assert.Empty(session.Simulated.Writes);
    }

    private static void Set(JsonNode json, string[] path, JsonNode? value)
    {
        foreach (var name in path[..^1])
        {
            json = int.TryParse(name, out var at) ? json[at]! : json[name]!;
        }

        if (int.TryParse(path[^1], out var last))
        {
            json[last] = value;
        }
        else
        {
            json[path[^1]] = value;
        }
    }
}
