// The main job on a simulated server: no Plex, no account, no network beyond loopback.
using PlexSync.Cli;
using PlexSync.Simulator;

var world = Worlds.Lifelike();
await using var plex = await SimulatedPlex.StartAsync(world);
var home = Directory.CreateTempSubdirectory("plexsync-demo-").FullName;
var environment = new Dictionary<string, string>
{
    // What a person would set once: where the server is, and whose token to use.
    ["PLEXSYNC_SERVER"] = plex.ServerUrl.ToString(),
    ["PLEXSYNC_TOKEN"] = world.Owner.AccountToken,
    ["PLEXSYNC_PINS"] = $"Teen={world.User("Teen").Pin}",
    // What only a demo needs: a stand-in for https://plex.tv, and folders of its own.
    ["PLEXSYNC_ACCOUNT_URL"] = plex.AccountUrl.ToString(),
    ["PLEXSYNC_HOME"] = Path.Combine(home, "state"),
    ["XDG_CONFIG_HOME"] = home,
    ["PLEXSYNC_LANG"] = Environment.GetEnvironmentVariable("PLEXSYNC_LANG") ?? "",
};
var variables = new[] { "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "TERM", "CI" }
    .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name)))
    .Where(variable => variable.Value is { Length: > 0 });
foreach (var (name, value) in variables)
{
    environment[name] = value!;
}

if (environment["PLEXSYNC_LANG"].Length == 0)
{
    environment.Remove("PLEXSYNC_LANG");
}

try
{
    var failed = await RunAsync("users") is not 0
        || await RunAsync("sync", "--to", "Kid", "--dry-run") is not 0
        || await RunAsync("sync", "--to", "Kid", "--to", "Teen") is not 0;
    var writes = plex.Requests.Writes;
    failed |= await RunAsync("sync", "--to", "Kid", "--to", "Teen") is not 0 || plex.Requests.Writes != writes;
    return failed ? 1 : 0;
}
finally
{
    Directory.Delete(home, recursive: true);
}

async Task<int> RunAsync(params string[] arguments)
{
    var terminal = new Terminal { IsOutput = !Console.IsOutputRedirected, IsError = !Console.IsErrorRedirected };
    var output = new StringWriter();
    Console.WriteLine();
    Console.WriteLine($"$ plexsync {string.Join(' ', arguments)}");
    var exitCode = await App.RunAsync(arguments, TextReader.Null, output, Console.Error, environment, terminal, CancellationToken.None);
    foreach (var line in Shorten(output.ToString().TrimEnd('\n').Split('\n')))
    {
        Console.WriteLine(line);
    }

    return exitCode;
}

// Years of history make long lists; the oldest and the newest lines of each show what they are like.
static IEnumerable<string> Shorten(string[] lines)
{
    const int First = 4;
    const int Last = 6;
    string[] tags = ["[WATCHED]", "[IN PROGRESS]", "[VU]", "[EN COURS]"];
    var items = new List<string>();
    foreach (var line in lines.Append(""))
    {
        if (tags.Any(tag => line.Contains(tag, StringComparison.Ordinal)))
        {
            items.Add(line);
            continue;
        }

        var left = items.Count - First - Last;
        foreach (var item in left < 2 ? items : [.. items.Take(First), $"  … (+{left}) …", .. items.TakeLast(Last)])
        {
            yield return item;
        }

        items.Clear();
        yield return line;
    }
}
