using System.Text.Json.Nodes;

namespace PlexSync.Cli.Tests;

/// <summary>Plans, snapshots and journals that cannot be used: one sentence, the right exit code, nothing written.</summary>
public sealed class DoubtfulFileTests
{
    private static readonly Dictionary<string, (Func<string, string> Spoil, int ExitCode, string Sentence)> Plans = new()
    {
        ["from the future"] = (plan => plan.Replace("\"version\": 1,", "\"version\": 2,", StringComparison.Ordinal), 2, "newer version"),
        ["empty"] = (_ => "", 2, "incomplete"),
        ["cut in the middle"] = (plan => plan[..(plan.Length / 2)], 2, "incomplete"),
        ["cut at the end"] = (plan => plan.TrimEnd()[..^1], 2, "incomplete"),
        ["not JSON"] = (_ => "hello", 2, "incomplete"),
        ["another document"] = (_ => """{"format":"something"}""", 2, "not a PlexSync file"),
        ["an array"] = (_ => "[]", 2, "incomplete"),
        ["a null for the server"] = (plan => Edit(plan, root => root["server"] = null), 2, "incomplete"),
        ["a null among the changes"] = (plan => Edit(plan, root => root["changes"]!.AsArray().Add(null)), 2, "incomplete"),
        ["text that is no Unicode"] = (plan => plan.Replace("\"copy\"", "\"\\ud800\"", StringComparison.Ordinal), 2, "incomplete"),
        ["of another server"] = (
            plan => Edit(plan, root => root["server"]!["machineIdentifier"] = "0123456789012345678901234567890123456789"),
            3,
            "a user or server other than"),
        ["for a user who is gone"] = (plan => Edit(plan, root => root["target"]!["id"] = 9999), 2, "9999"),
        ["an item twice"] = (
            plan => Edit(plan, root => root["changes"]!.AsArray().Add(root["changes"]![0]!.DeepClone())), 2, "is inconsistent"),
        ["another action than its states"] = (
            plan => Edit(plan, root => root["changes"]![0]!["action"] = "unwatched"), 2, "is inconsistent"),
        ["a removal that says it is none"] = (
            plan => Edit(plan, root => root["changes"]![0]!["before"]!["viewCount"] = 3), 2, "is inconsistent"),
        ["a count nobody can set"] = (plan => Edit(plan, root => root["changes"]![0]!["after"]!["viewCount"] = 3), 2, "is inconsistent"),
        ["a negative position"] = (plan => Edit(plan, root => root["changes"]![0]!["after"]!["positionMs"] = -1), 2, "is inconsistent"),
        ["a show"] = (plan => Edit(plan, root => root["changes"]![0]!["type"] = "show"), 2, "is inconsistent"),
        ["a key with a path"] = (plan => Edit(plan, root => root["changes"]![0]!["ratingKey"] = "../1"), 2, "is inconsistent"),
    };

    public static TheoryData<string> PlanNames => [.. Plans.Keys];

    [Theory]
    [MemberData(nameof(PlanNames))]
    public async Task Plan_that_cannot_be_used_is_refused_whole(string name)
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "plan.json");
        await home.RunAsync("plan", "--to", "Kid", "-o", file);
        var (spoil, exitCode, sentence) = Plans[name];
        await File.WriteAllTextAsync(file, spoil(await File.ReadAllTextAsync(file)));
        home.Environment.Remove("PLEXSYNC_SERVER");


        AssertRefused(home, await home.RunAsync("apply", file), exitCode, sentence);
    }

    [Fact]
    public async Task Plan_cannot_pass_the_limit_by_calling_itself_an_undo()
    {
        await using var home = await Household.StartAsync();
        for (var key = 1; key <= 9; key++)
        {
            home.Server.SetState(home.Kid, $"{key}", new Testing.ItemState(1, 0, 1_700_000_000));
        }

        home.Server.SetState(home.World.Owner, "1", Testing.ItemState.None);
        var file = Path.Combine(home.Folder, "kid.json");
        await home.RunAsync("plan", "--to", "Kid", "-o", file);
        var plan = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, Edit(plan, root =>
        {
            root["undoes"] = "2026-01-01T00-00-00Z-abcd";
            root["changes"] = new JsonArray([.. Enumerable.Range(1, 9).Select(key => JsonNode.Parse(
                $$"""{"ratingKey":"{{key}}","library":"1","type":"movie","title":"M","action":"unwatched","before":"""
                + $$"""{"viewCount":1,"positionMs":0},"after":{"viewCount":0,"positionMs":0},"reason":"undone","removal":false}"""))]);
        }));

        AssertRefused(home, await home.RunAsync("apply", file, "--max-removals", "5"), 6, "removes more from");
    }

    [Theory]
    [InlineData("without its footer")]
    [InlineData("of a newer version")]
    [InlineData("empty")]
    public async Task Snapshot_that_cannot_be_used_is_refused_whole(string name)
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        await home.RunAsync("snapshot", "--user", "Owner", "-o", file);
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, name switch
        {
            "without its footer" => string.Join('\n', lines[..^1]) + "\n",
            "empty" => "",
            _ => string.Join('\n', lines).Replace("\"version\":1", "\"version\":7", StringComparison.Ordinal) + "\n",
        });

        AssertRefused(home, await home.RunAsync("restore", file, "--user", "Kid", "--yes"), 2, "kid.jsonl");
    }

    [Fact]
    public async Task Snapshot_of_another_server_is_refused()
    {
        await using var home = await Household.StartAsync();
        var file = Path.Combine(home.Folder, "kid.jsonl");
        await home.RunAsync("snapshot", "--user", "Owner", "-o", file);
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace(home.Server.MachineIdentifier, new string('0', 40), StringComparison.Ordinal));

        AssertRefused(home, await home.RunAsync("restore", file, "--user", "Kid", "--yes"), 3, "a user or server other than");
    }

    [Theory]
    [InlineData("of a newer version", "newer version")]
    [InlineData("damaged in the middle", "damaged")]
    public async Task Journal_that_cannot_be_read_keeps_everything_from_being_written(string name, string sentence)
    {
        await using var home = await Household.StartAsync();
        await home.RunAsync("sync", "--to", "Kid");
        home.Server.SetState(home.Kid, "2", Testing.ItemState.None);
        home.Server.ClearWrites();
        var file = Journal(home);
        var lines = await File.ReadAllLinesAsync(file);
        if (name == "damaged in the middle")
        {
            lines = lines[..^1];
            lines[^3] = "{\"outcome\":";
        }
        else
        {
            lines[0] = lines[0].Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(file, string.Join('\n', lines) + "\n");

        foreach (var args in (string[][])[["sync", "--to", "Kid"], ["runs"], ["undo", "--yes"]])
        {
            AssertRefused(home, await home.RunAsync(args), 2, sentence);
        }
    }

    [Fact]
    public async Task State_folder_that_cannot_be_made_keeps_everything_from_being_written()
    {
        await using var home = await Household.StartAsync();
        Directory.CreateDirectory(Path.Combine(home.Folder, "state"));
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "state", "client-id"), "tests");
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "state", "journals"), "not a folder");

        AssertRefused(home, await home.RunAsync("sync", "--to", "Kid"), 2, "PLEXSYNC_HOME");
    }

    [Theory]
    [InlineData("plan", "--to", "Kid", "-o", "nowhere/at/all.json")]
    [InlineData("plan", "--to", "Kid", "-o", "/")]
    [InlineData("plan", "--to", "Kid")]
    [InlineData("plan", "--to", "Kid", "-o", "-", "--json")]
    [InlineData("snapshot", "--user", "Kid")]
    [InlineData("snapshot", "-o", "x.jsonl")]
    [InlineData("restore", "x.jsonl", "--yes")]
    [InlineData("restore", "nowhere.jsonl", "--yes", "--user", "Kid")]
    [InlineData("restore", "--yes", "--user", "Kid")]
    [InlineData("apply")]
    [InlineData("apply", "nowhere.json")]
    [InlineData("apply", "one.json", "two.json")]
    [InlineData("sync", "--to", "Kid", "--max-removals", "-1")]
    [InlineData("sync", "--to", "Kid", "--max-removals", "many")]
    public async Task Bad_words_are_answered_with_one_sentence(params string[] args)
    {
        await using var home = await Household.StartAsync();

        AssertRefused(home, await home.RunAsync(args), 2, "plexsync: ");
    }

    private static void AssertRefused(Household home, Result result, int exitCode, string sentence)
    {
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(home.Server.Writes);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            sentence,
            Assert.Single(result.Error.Split('\n'), line => line.StartsWith("plexsync: ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    private static string Journal(Household home) =>
        Directory.GetFiles(Path.Combine(home.Folder, "state", "journals"), "*.jsonl", SearchOption.AllDirectories).Single();

    private static string Edit(string json, Action<JsonNode> edit)
    {
        var root = JsonNode.Parse(json)!;
        edit(root);
        return root.ToJsonString();
    }
}
