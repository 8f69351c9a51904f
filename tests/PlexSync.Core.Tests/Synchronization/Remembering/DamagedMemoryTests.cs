using System.Text.Json.Nodes;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What is only remembered to save work is never worth a failure: damaged, it counts as nothing.</summary>
public sealed class DamagedMemoryTests : IDisposable
{
    /// <summary>Stands for an escape that no document model can write.</summary>
    private const string HalfALetter = "half a letter";

    private static readonly string[] Damages =
        ["null", "true", "-1", "1e300", "\"\"", $"\"{HalfALetter}\"", "\"\\u0000\"", "[]", "[null]", "{}", "{\"a\":[{}]}"];

    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private string Journals => Path.Combine(_folder.FullName, "state", "journals");

    [Fact]
    public async Task Damaged_list_of_what_a_server_did_not_keep_never_fails_a_run()
    {
        var file = Directory.GetFiles(Journals, "refused.json", SearchOption.AllDirectories).Single();
        var machine = MachineIdentifier.Parse(Directory.GetDirectories(Journals, "server-*").Single()[^40..]);

        var kid = new ServerUser(machine, new UserId(1002));

        await EachAsync(file, () => new FileStore(Journals).ReadUnkeptAsync(kid, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Damaged_pair_file_never_fails_a_run()
    {
        var machine = MachineIdentifier.Parse(Directory.GetDirectories(Journals, "server-*").Single()[^40..]);
        foreach (var file in Directory.GetFiles(Path.Combine(Journals, "pairs"), "*.json"))
        {
            await EachAsync(file, async () =>
            {
                var store = new FileStore(Journals);
                foreach (var other in (long[])[1002, 1003, 2001])
                {
                    var (one, two) = (new ServerUser(machine, new UserId(1001)), new ServerUser(machine, new UserId(other)));
                    await store.ReadAgreementsAsync(one, two, TestContext.Current.CancellationToken);
                }
            });
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Cuts the file at every tenth place, and puts every damage in place of every value.</summary>
    private static async Task EachAsync(string file, Func<Task> read)
    {
        var whole = await File.ReadAllTextAsync(file);
        for (var length = 0; length < whole.Length; length += 10)
        {
            await File.WriteAllTextAsync(file, whole[..length]);
            await read();
        }

        var count = Values(JsonNode.Parse(whole)!).Count();
        for (var at = 0; at < count; at++)
        {
            foreach (var damage in Damages)
            {
                var root = JsonNode.Parse(whole)!;
                Values(root).ElementAt(at)(JsonNode.Parse(damage));
                await File.WriteAllTextAsync(file, root.ToJsonString().Replace(HalfALetter, "\\ud800", StringComparison.Ordinal));
                await read();
            }
        }
    }

    /// <summary>Every value in a document, as what replaces it.</summary>
    private static IEnumerable<Action<JsonNode?>> Values(JsonNode node)
    {
        if (node is JsonObject properties)
        {
            foreach (var (name, value) in properties.ToList())
            {
                yield return damage => properties[name] = damage;
                foreach (var inner in value is null ? [] : Values(value))
                {
                    yield return inner;
                }
            }
        }
        else if (node is JsonArray items)
        {
            for (var at = 0; at < items.Count; at++)
            {
                var index = at;
                yield return damage => items[index] = damage;
                foreach (var inner in items[at] is { } value ? Values(value) : [])
                {
                    yield return inner;
                }
            }
        }
    }
}
