using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PlexSync;

// The main job and its failures, on a server small enough to be written here: what is trimmed away wrongly shows when this runs.
using var stop = new CancellationTokenSource();
using var plex = new TinyPlex();
var serving = plex.ServeAsync(stop.Token);

var (told, traced) = (0L, 0);
using var meters = new MeterListener
{
    InstrumentPublished = static (instrument, listener) =>
    {
        if (instrument is { Meter.Name: "PlexSync", Name: "plexsync.requests" })
        {
            listener.EnableMeasurementEvents(instrument);
        }
    },
};
meters.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref told, count));
meters.Start();
using var activities = new ActivityListener
{
    ShouldListenTo = static source => source.Name == "PlexSync",
    Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    ActivityStopped = activity => traced += activity.OperationName is "plexsync.plan" ? 1 : 0,
};
ActivitySource.AddActivityListener(activities);

var journals = Directory.CreateTempSubdirectory("plexsync-smoke-");
var services = new ServiceCollection();
services.AddSingleton<ISyncStore>(new FileStore(journals.FullName));
services.AddPlexSync(options =>
{
    options.ClientIdentifier = "aot-smoke";
    options.AccountUrl = plex.Address;
    options.MaxRetries = 0;
});
await using var provider = services.BuildServiceProvider();
var client = provider.GetRequiredService<PlexClient>();
var synchronizer = provider.GetRequiredService<WatchStateSynchronizer>();

var account = await client.SignInAsync("owner-token");
Check(account.User.Title == "Owner", "sign in");
Check((await client.GetFriendsAsync(account)).Single().Title == "Friend", "friends, from XML");
Check((await client.GetServersAsync(account)).Single().Addresses.Count == 1, "servers");
var owner = await client.ConnectAsync(plex.Address, account);
var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "kid");
Check(kid is { User.Title: "Kid", Identity: IdentityProof.Proved }, "switch, with proof");

var plan = await synchronizer.PlanAsync(owner, kid);
Check(plan.Changes.Count == 2 && plan.Skipped.Count == 1, "plan");
Check(traced == 1 && told == client.Requests.Reads, "traces and metrics");
using var file = new MemoryStream();
await plan.WriteAsync(file);
file.Position = 0;
plan = await SyncPlan.ReadAsync(file);
var throughJson = JsonSerializer.Deserialize(JsonSerializer.Serialize(plan, SmokeJson.Default.SyncPlan), SmokeJson.Default.SyncPlan)!;
Check($"{throughJson}" == $"{plan}" && throughJson.Changes[0].Item.RatingKey == plan.Changes[0].Item.RatingKey, "a plan as JSON");
var report = await synchronizer.ApplyAsync(throughJson, owner, kid);
var written = JsonSerializer.Serialize(report, SmokeJson.Default.SyncReport);
var read = JsonSerializer.Deserialize(written, SmokeJson.Default.SyncReport)!;
Check(JsonSerializer.Serialize(read, SmokeJson.Default.SyncReport) == written, "a report as JSON");
var users = JsonSerializer.Serialize([.. await client.GetHomeUsersAsync(account)], SmokeJson.Default.ListPlexUser);
Check(JsonSerializer.Deserialize(users, SmokeJson.Default.ListPlexUser)!.All(user => user is HomeUser), "users as JSON");
Check(report.Count(ChangeOutcome.Applied) == 2 && report.Verified == 2 && plex.Writes.Count == 2, "apply from a file, journal, verify");
var again = await synchronizer.ApplyAsync(plan, owner, kid);
Check(again.Results.All(result => result.SkipReason is SkipReason.AlreadyDone) && plex.Writes.Count == 2, "apply again");
var undo = await synchronizer.PlanUndoAsync(report.Run!.Value, kid);
Check(undo.Changes.Count == 2 && (await synchronizer.ApplyAsync(undo, kid)).Verified == 2, "undo");
Check((await new FileStore(journals.FullName).ListRunsAsync()) is [{ Undoes: not null }, { IsFinished: true }], "runs");
var remembering = new SyncOptions { Unwatched = true, Match = MatchMode.Ids, Ratings = true };
await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid, remembering), owner, kid, remembering);
Check(Directory.GetFiles(Path.Combine(journals.FullName, "pairs"), "*.json").Length == 1, "baseline");
Check((await synchronizer.PlanAsync(owner, kid, remembering)) is { OnlyRemembersUnwatched: false }, "baseline, read again");
// This server does not tell the time, so that no run is remembered.
Check((await synchronizer.PlanAsync(owner, kid, new SyncOptions { Quick = true })) is { WholeBecause: not null }, "quick");
var store = new FileStore(journals.FullName);
var library = new ReadLibrary(
    LibraryKey.Parse("1"), DateTimeOffset.UnixEpoch, [new ViewedItem(RatingKey.Parse("1"), DateTimeOffset.UnixEpoch, 1, TimeSpan.Zero)]);
await store.WriteLastReadingAsync(new LastReading
{
    Question = "?",
    WholeAt = DateTimeOffset.UnixEpoch,
    Users = [new ReadUser(kid.ServerUser, "", [library])],
    Open = [new OpenItem(library.Library, RatingKey.Parse("2"))],
});
Check(
    await store.ReadLastReadingAsync("?") is { Users: [{ Libraries: [{ Newest: [{ ViewCount: 1 }] }] }], Open.Count: 1 },
    "what was last read, through a file");
var both = await synchronizer.PlanAsync(
    owner, [kid], new SyncOptions { Direction = SyncDirection.TwoWay, Policy = ConflictPolicies.Newest });
using var set = new MemoryStream();
await SyncPlan.WriteAllAsync(both, set);
set.Position = 0;
Check((await SyncPlan.ReadAllAsync(set)).Count == 2, "plans of two directions, through a file");
Check((await synchronizer.PlanMergeAsync([owner, kid])).Count == 2, "merge");
Check((await synchronizer.ExplainAsync(owner, kid, "o")).Count > 0, "explain");

var connector = new JobConnector(client, static _ => Task.FromResult("owner-token"));
var kids = new SyncJob { Name = "kids", Server = "Tiny", ToAll = true, Except = ["Teen"] };
using (var watching = new CancellationTokenSource())
{
    // Cancelled by the first run that ends.
    var ended = new Told<LiveRunEnded>(_ => watching.Cancel());
    var live = new LiveSynchronizer(store);
    await CancelsAsync(() => live.RunAsync([new LiveJob(kids, either => connector.ConnectAsync(kids, either))], ended, watching.Token));
    Check(ended.Events is [{ IsWhole: true }, ..], "live");
}

using (var host = CreateHost(("Token", "owner-token"), ("Pins:id:3", "0000"), ("Live:Poll", "00:00:30"), ("Jobs:kid:To:0", "Kid")))
{
    var (job, states) = (host.Services.GetRequiredService<IOptions<PlexSync.Hosting.PlexSyncOptions>>().Value.Jobs["KID"],
        host.Services.GetRequiredService<HealthCheckService>());
    Check(job is { Name: "kid", To: ["Kid"] }, "job from the configuration");
    Check((await states.CheckHealthAsync()).Status is HealthStatus.Unhealthy, "health before");
    var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var jobs = new MeterListener
    {
        InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "PlexSync.Hosting", Name: "plexsync.job.runs" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };
    jobs.SetMeasurementEventCallback<long>((_, _, _, _) => ran.TrySetResult());
    jobs.Start();
    await host.StartAsync();
    await ran.Task;
    await host.StopAsync();
    Check((await states.CheckHealthAsync()).Status is HealthStatus.Healthy, "health");
}

using (var host = CreateHost(("Jobs:kid:To:0", "Kid"), ("Client:PageSize", "many")))
{
    try
    {
        await host.StartAsync();
        Check(false, "options of the host are validated");
    }
    catch (Exception e) when (e is OptionsValidationException or AggregateException)
    {
        Check(e.ToString().Contains("PlexSync:Token is missing", StringComparison.Ordinal), "sentence of an option");
        Check(e.ToString().Contains("PlexSync:Client:PageSize", StringComparison.Ordinal), "sentence of a client option");
    }
}

journals.Delete(recursive: true);

await FailsAsync(() => client.SignInAsync("claim-a"), PlexErrorKind.UnusableToken);
await FailsAsync(() => client.SignInAsync("unknown"), PlexErrorKind.InvalidToken);
await FailsAsync(() => new HomeUserSwitcher(client, account).FindAsync("Nobody"), PlexErrorKind.UserNotFound);
await FailsAsync(() => new HomeUserSwitcher(client, account).SwitchAsync(owner, "Teen", "0000"), PlexErrorKind.PinRejected);
await FailsAsync(() => client.ConnectAsync(new Uri("http://127.0.0.1:1"), account), PlexErrorKind.Unreachable);
await FailsAsync(() => synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Nothing"] }), PlexErrorKind.LibraryNotFound);
await FailsAsync(() => synchronizer.ApplyAsync(plan, kid, owner), PlexErrorKind.PlanMismatch);
try
{
    _ = new PlexClient(new HttpClient(), new PlexClientOptions { PageSize = 0 });
    Check(false, "options are validated");
}
catch (OptionsValidationException)
{
    Check(true, "options are validated");
}

await stop.CancelAsync();
Console.WriteLine("AOT smoke: all well");
return 0;

IHost CreateHost(params (string Key, string? Value)[] settings)
{
    var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
    builder.Configuration.AddInMemoryCollection(
        settings.Concat([("StateFolder", journals.FullName), ("Client:AccountUrl", $"{plex.Address}"), ("Client:MaxRetries", "0")])
            .Select(static setting => KeyValuePair.Create($"PlexSync:{setting.Item1}", setting.Item2)));
    builder.Services.AddPlexSync(builder.Configuration).AddJob("kid", static job => job.Types = ["movie"]);
    return builder.Build();
}

static async Task CancelsAsync(Func<Task> action)
{
    try
    {
        await action();
        Check(false, "cancelled");
    }
    catch (OperationCanceledException)
    {
        // As it should be.
    }
}

static void Check(bool holds, string what)
{
    if (!holds)
    {
        Console.Error.WriteLine($"AOT smoke: {what} FAILED");
        Environment.Exit(1);
    }
}

static async Task FailsAsync(Func<Task> action, PlexErrorKind kind)
{
    try
    {
        await action();
    }
    catch (PlexException e) when (e.Kind == kind)
    {
        return;
    }

    Check(false, kind.ToString());
}

/// <summary>Keeps what it is told of one kind.</summary>
internal sealed class Told<T>(Action<T> tell) : IProgress<LiveEvent>
    where T : LiveEvent
{
    public List<T> Events { get; } = [];

    public void Report(LiveEvent value)
    {
        if (value is T told)
        {
            Events.Add(told);
            tell(told);
        }
    }
}

/// <summary>plex.tv and a server in one, with fixed answers.</summary>
internal sealed class TinyPlex : IDisposable
{
    private const string Machine = "0123456789abcdef";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TinyPlex()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
    }

    public Uri Address { get; }

    public List<string> Writes { get; } = [];

    private Dictionary<string, string> States { get; } = new() { ["1"] = "", ["2"] = "" };

    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Each by itself: a client that gives up a request can leave a connection behind on which nothing is sent.
            _ = AnswerAsync(await _listener.AcceptTcpClientAsync(cancellationToken), cancellationToken);
        }
    }

    public void Dispose() => _listener.Stop();

    private async Task AnswerAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var connection = client;
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        if (await reader.ReadLineAsync(cancellationToken) is not { } line)
        {
            return;
        }

        var token = "";
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } header)
        {
            token = header.StartsWith("X-Plex-Token:", StringComparison.OrdinalIgnoreCase) ? header[13..].Trim() : token;
        }

        int status;
        string body;
        lock (_listener)
        {
            (status, body) = Answer(line.Split(' ')[1], token);
        }

        var type = body.StartsWith('<') ? "application/xml" : "application/json";
        var head = $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + "Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head + body), cancellationToken);
    }

    private (int Status, string Body) Answer(string target, string token)
    {
        var path = target.Split('?')[0];
        switch (path)
        {
            case "/api/v2/user":
                return token switch
                {
                    "owner-token" => (200, """{"id":1,"uuid":"u1","title":"Owner"}"""),
                    "kid-account" => (200, """{"id":"2","uuid":"u2","title":"Kid"}"""),
                    _ => (401, """{"errors":[{"code":1001,"message":"User could not be authenticated","status":401}]}"""),
                };
            case "/api/v2/home/users":
                return (200, """
                    {"users":[{"id":1,"uuid":"u1","title":"Owner","admin":true},{"id":2,"uuid":"u2","title":"Kid","restricted":1},
                    {"id":3,"uuid":"u3","title":"Teen","protected":true}]}
                    """);
            case "/api/users":
                return (200, """<MediaContainer size="1"><User id="9" title="Friend"/></MediaContainer>""");
            case "/api/v2/home/users/u2/switch":
                return (201, """{"id":2,"authToken":"kid-account"}""");
            case "/api/v2/home/users/u3/switch":
                return (403, """{"errors":[{"code":1041,"message":"A valid PIN is required to perform this action","status":403}]}""");
            case "/api/v2/resources":
                var isOwner = token == "owner-token";
                return (200, $$"""
                    [{"name":"Tiny","clientIdentifier":"{{Machine}}","provides":"server","owned":{{(isOwner ? "true" : "false")}},
                    "accessToken":"{{(isOwner ? "owner-server" : "kid-server")}}","connections":[{"uri":"{{Address}}","local":true}]}]
                    """);
            case "/identity" or "/":
                return (200, $$$"""
                    {"MediaContainer":{"size":0,"machineIdentifier":"{{{Machine}}}","friendlyName":"Tiny","version":"1.0"}}
                    """);
            case "/:/prefs":
                return token == "owner-token"
                    ? (200, """{"MediaContainer":{"size":1,"Setting":[{"id":"LibraryVideoPlayedThreshold","value":90}]}}""")
                    : (401, "<html><head><title>Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>");
            case "/library/sections":
                return (200, """{"MediaContainer":{"size":1,"Directory":[{"key":"1","type":"movie","title":"Movies"}]}}""");
            case "/library/sections/1/all":
                return (200, token == "owner-token"
                    ? """
                        {"MediaContainer":{"size":3,"totalSize":3,"Metadata":[{"ratingKey":"1","type":"movie","title":"One",
                        "duration":6000000,"viewCount":1,"lastViewedAt":1700000000},{"ratingKey":"2","type":"movie","title":"Two",
                        "duration":"6000000","viewOffset":2700000},{"ratingKey":"3","type":"movie","title":"Three","viewCount":1}]}}
                        """
                    : """
                        {"MediaContainer":{"size":2,"totalSize":2,"Metadata":[{"ratingKey":"1","type":"movie","title":"One",
                        "duration":6000000},{"ratingKey":"2","type":"movie","title":"Two","duration":6000000}]}}
                        """);
            case "/:/scrobble" or "/:/unscrobble" or "/:/timeline" when token == "kid-server":
                Writes.Add(target);
                States[target.Contains("key=2", StringComparison.OrdinalIgnoreCase) ? "2" : "1"] = path switch
                {
                    "/:/scrobble" => $",\"viewCount\":1,\"lastViewedAt\":{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}",
                    "/:/timeline" => $",\"viewOffset\":2700000,\"lastViewedAt\":{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}",
                    _ => "",
                };
                return (200, "");
            case "/status/sessions" when token == "owner-token":
                return (200, """{"MediaContainer":{"size":0}}""");
            case not null when path.StartsWith("/library/metadata/", StringComparison.Ordinal) && token == "kid-server":
                var items = path.Split('/')[^1].Split(',').Select(key => $$"""
                    {"ratingKey":"{{key}}","type":"movie","title":"{{(key == "1" ? "One" : "Two")}}","duration":6000000{{States[key]}}}
                    """).ToList();
                return (200, $$$"""
                    {"MediaContainer":{"size":{{{items.Count}}},"totalSize":{{{items.Count}}},"Metadata":[{{{string.Join(',', items)}}}]}}
                    """);
            default:
                return (404, "<html></html>");
        }
    }
}

/// <summary>As a program of one's own has it: this assembly sees nothing of the library but what is public.</summary>
[JsonSerializable(typeof(SyncPlan))]
[JsonSerializable(typeof(SyncReport))]
[JsonSerializable(typeof(SyncRun))]
[JsonSerializable(typeof(ItemExplanation))]
[JsonSerializable(typeof(Agreements))]
[JsonSerializable(typeof(LastReading))]
[JsonSerializable(typeof(ServerEvent))]
[JsonSerializable(typeof(ServerResource))]
[JsonSerializable(typeof(SyncJob))]
[JsonSerializable(typeof(SyncProgress))]
[JsonSerializable(typeof(UnkeptChange))]
[JsonSerializable(typeof(List<PlexUser>))]
[JsonSerializable(typeof(Dictionary<RatingKey, ServerUser>))]
internal sealed partial class SmokeJson : JsonSerializerContext;
