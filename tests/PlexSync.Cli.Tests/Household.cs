using System.Text.Json;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>A simulated Plex, a home folder of its own, and the whole command line run in process against them.</summary>
internal sealed class Household : IAsyncDisposable
{
    private Household(PlexSimulator plex)
    {
        Plex = plex;
        Folder = Directory.CreateTempSubdirectory("plexsync-test-").FullName;
        Environment = new()
        {
            ["HOME"] = Folder,
            ["PLEXSYNC_HOME"] = Path.Combine(Folder, "state"),
            ["PLEXSYNC_ACCOUNT_URL"] = Plex.AccountUrl.GetLeftPart(UriPartial.Authority),
            ["PLEXSYNC_SERVER"] = ServerUrl,
            ["PLEXSYNC_TOKEN"] = Plex.World.Owner.AccountToken,
        };
    }

    public PlexSimulator Plex { get; }

    public World World => Plex.World;

    public SimulatedServer Server => Plex.World.Server;

    public SimulatedUser Kid => World.User("Kid");

    public string Folder { get; }

    /// <summary>Server, token and plex.tv are set; take away what a test is about.</summary>
    public Dictionary<string, string> Environment { get; }

    public Terminal Terminal { get; set; } = new();

    /// <summary>The clock of the machine the command runs on.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What <c>login</c> stores.</summary>
    public string CredentialsFile => Path.Combine(Environment["PLEXSYNC_HOME"], "credentials.json");

    public string ServerUrl => Plex.ServerUrl.GetLeftPart(UriPartial.Authority);

    public static async Task<Household> StartAsync(World? world = null) =>
        new(await PlexSimulator.StartAsync(world ?? Worlds.Small(), TestContext.Current.CancellationToken));

    public async Task<Result> RunAsync(string[] args, CancellationToken? cancellation = null, string stdin = "")
    {
        using var stdout = new StringWriter { NewLine = "\n" };
        using var stderr = new StringWriter { NewLine = "\n" };
        var exitCode = await App.RunAsync(
            args, Around(stdout, stderr, stdin), cancellation ?? TestContext.Current.CancellationToken);
        return new Result(exitCode, stdout.ToString(), stderr.ToString());
    }

    public Task<Result> RunAsync(params string[] args) => RunAsync(args, null);

    /// <summary>What a command finds around it here.</summary>
    public ConsoleEnvironment Around(TextWriter output, TextWriter error, string stdin = "") => new()
    {
        In = new StringReader(stdin),
        Out = output,
        Error = error,
        Environment = Environment,
        Terminal = Terminal,
        Time = Time,
        Adjust = static options =>
        {
            options.RetryDelay = TimeSpan.FromMilliseconds(1);
            options.MaxRetries = 2;
        },
    };

    /// <summary>Nobody is signed in, and nothing says where the server is; waits are over at once.</summary>
    public void StartAfresh()
    {
        Environment.Remove("PLEXSYNC_TOKEN");
        Environment.Remove("PLEXSYNC_SERVER");
        Time = new HurriedTime();
    }

    /// <summary>Somebody types every short code at plex.tv/link, or else opens every address, as soon as it is waited for.</summary>
    public void ConfirmLinks(SimulatedUser user, bool byAddress = false) => Plex.Faults.On(request =>
    {
        if (request.Path.StartsWith("/api/v2/pins/", StringComparison.Ordinal))
        {
            foreach (var link in World.Links)
            {
                _ = byAddress ? World.ApproveSignIn(link.Code, user) : World.ApproveLink(link.Code, user);
            }
        }

        return false;
    });

    /// <summary>Somebody presses Ctrl+C while a write is under way.</summary>
    public void CancelAtWrite(int number, CancellationTokenSource stop)
    {
        var writes = 0;
        Plex.Faults.On(request =>
        {
            if (request.IsWrite && Interlocked.Increment(ref writes) == number)
            {
                stop.Cancel();
            }

            return false;
        });
    }

    public void Configure(string json)
    {
        Directory.CreateDirectory(Path.Combine(Folder, ".config", "plexsync"));
        File.WriteAllText(Path.Combine(Folder, ".config", "plexsync", "config.json"), json);
    }

    public string WriteFile(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public ItemState Of(SimulatedUser user, int ratingKey) => Server.State(user, $"{ratingKey}");

    /// <summary>What a user has watched or begun on a server: whether watched, and the position.</summary>
    public static IReadOnlyDictionary<string, (bool IsWatched, long Position)> SeenBy(SimulatedServer server, SimulatedUser user) =>
        server.StatesOf(user).Where(static pair => pair.Value.IsWatched || pair.Value.IsInProgress)
            .ToDictionary(static pair => pair.Key, static pair => (pair.Value.IsWatched, pair.Value.ViewOffset));

    public IReadOnlyDictionary<string, (bool IsWatched, long Position)> SeenBy(SimulatedUser user) => SeenBy(Server, user);

    /// <summary>Runs a command that must do without a single write.</summary>
    public async Task<Result> RunWithoutWritingAsync(params string[] args)
    {
        var before = Plex.Requests.Writes;
        var result = await RunAsync(args);
        Assert.Equal(before, Plex.Requests.Writes);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await Plex.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>What came of one command line.</summary>
internal sealed record Result(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as the one JSON document it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>What the document says of everybody who is written to.</summary>
    public JsonElement[] Targets => [.. Json.GetProperty("targets").EnumerateArray()];

    public string[] Lines => Out.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
