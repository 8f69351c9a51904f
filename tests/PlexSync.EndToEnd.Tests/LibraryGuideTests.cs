using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PlexSync.Hosting;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The C# of docs/library.md, run against a simulated household. Each marked part is a block of the guide.</summary>
public sealed class LibraryGuideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plexsync-guide-").FullName;

    [Fact]
    public async Task Signing_in_and_looking_around()
    {
        await using var simulated = await PlexSimulator.StartAsync(Worlds.Small());
        var token = simulated.World.Owner.AccountToken;

        // <library>
        using var httpClient = new HttpClient(PlexClient.CreateHttpHandler());
        var options = new PlexClientOptions { ClientIdentifier = "my-app-instance" };
        // </library>
        options.AccountUrl = simulated.AccountUrl;

        // <library>
        var plex = new PlexClient(httpClient, options);
        PlexAccount owner = await plex.SignInAsync(token);
        Console.WriteLine($"Signed in as {owner.User.Title}.");
        // </library>

        // <library>
        ServerResource resource = await plex.FindServerAsync(owner);          // the account's only server; or FindServerAsync(owner, "NAS")
        PlexServer server = await plex.ConnectAsync(resource, owner);         // or ConnectAsync(new Uri("http://nas:32400"), owner)
        foreach (Library library in await server.GetLibrariesAsync())
        {
            Console.WriteLine(library.Title);
            await foreach (MediaItem item in server.GetItemsAsync(library))
            {
                WatchState state = item.State;
                string seen = state.IsWatched ? "watched" : state.IsInProgress ? $"at {state.Position}" : "nothing";
                Console.WriteLine($"  {item.DisplayTitle}: {seen}");
            }
        }
        // </library>

        // <library>
        foreach (HomeUser user in await plex.GetHomeUsersAsync(owner))
        {
            Console.WriteLine($"{user.Title} (id:{user.Id}){(user.HasPin ? ", with a PIN" : "")}");
        }

        var switcher = new HomeUserSwitcher(plex, owner);
        PlexServer kid = await switcher.SwitchAsync(server, "Kid");
        PlexServer teen = await switcher.SwitchAsync(server, "Teen", pin: "4321");
        // </library>

        Assert.Equal(["Kid", "Teen"], [kid.User.Title, teen.User.Title]);
    }

    [Fact]
    public async Task Signing_in_by_a_link()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var plex = session.Client;

        // <library>
        LinkCode code = await plex.RequestLinkAsync();
        Console.WriteLine($"Open {code.SignInUrl}, or type {code.Code} at {code.LinkUrl}, before {code.ExpiresAt:t}.");
        // </library>

        Assert.True(session.World.ApproveLink(code.Code, session.World.Owner));

        // <library>
        PlexAccount account = await plex.WaitForLinkAsync(code);
        // </library>

        Assert.Equal("Owner", account.User.Title);
    }

    [Fact]
    public async Task Finding_and_looking_around()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var synchronizer = session.Synchronizer;
        session.Simulated.Players.Play(session.Kid, "13", TimeSpan.FromMinutes(5));

        // <library>
        SearchResult found = await server.SearchAsync("show");                            // all libraries, the closest titles first
        foreach (Show show in found.Shows)
        {
            Console.WriteLine($"{show.Title}: {show.WatchedEpisodes} of {show.Episodes} episodes in {show.Seasons} seasons");
            foreach (Season season in await server.GetSeasonsAsync(show.RatingKey))
            {
                Console.WriteLine($"  Season {season.Number}{(season.IsWatched ? ", watched" : "")}");
            }
        }

        foreach (PlaybackSession playing in await server.GetSessionsAsync())              // the owner only
        {
            Console.WriteLine($"{playing.UserTitle} is at {playing.Position} of {playing.Item.DisplayTitle}: {playing.State}");
        }

        var lastWeek = new HistoryQuery { User = kid.User.Id, Since = TimeProvider.System.GetUtcNow().AddDays(-7) };
        await foreach (HistoryEntry entry in server.GetHistoryAsync(lastWeek))
        {
            Console.WriteLine($"{entry.ViewedAt:d}: {entry.Title}");
        }

        foreach (MediaItem next in await kid.GetOnDeckAsync())                            // Continue Watching, without the window of days
        {
            Console.WriteLine(next.DisplayTitle);
        }
        // </library>

        await MarkAsync(found.Shows[0]);
        // The first one is being played.
        Assert.All(
            session.Simulated.Library("TV Shows").Items.Skip(1),
            item => Assert.True(session.Simulated.State(session.Kid, item.RatingKey).IsWatched));

        async Task MarkAsync(Show show)
        {
            // <library>
            SyncPlan marks = await synchronizer.PlanMarkAsync(kid, [show.RatingKey], Mark.Watched);       // or Mark.Unwatched
            await synchronizer.ApplyAsync(marks, kid);
            // </library>
        }
    }

    [Fact]
    public async Task Planning_applying_and_keeping_a_plan()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var path = Path.Combine(_folder, "plan.json");

        // <library>
        var synchronizer = new WatchStateSynchronizer();
        SyncPlan plan = await synchronizer.PlanAsync(source: server, target: kid);
        foreach (PlannedChange change in plan.Changes)
        {
            Console.WriteLine($"{change.Action}: {change.Item.DisplayTitle}, because {change.Reason}");
        }

        foreach (SkippedItem skipped in plan.Skipped)
        {
            Console.WriteLine($"left alone: {skipped.Item.DisplayTitle}, because {skipped.Reason}");
        }
        // </library>

        // <library>
        await using (var file = File.Create(path))
        {
            await plan.WriteAsync(file);
        }

        await using (var file = File.OpenRead(path))
        {
            plan = await SyncPlan.ReadAsync(file);
        }
        // </library>

        // <library>
        SyncReport report = await synchronizer.ApplyAsync(plan, source: server, target: kid);
        foreach (ChangeResult result in report.Results.Where(result => result.Outcome is not ChangeOutcome.Applied))
        {
            Console.WriteLine($"{result.Change.Item.DisplayTitle}: {result.Outcome} {result.Error?.Message}");
        }

        Console.WriteLine($"{report.Verified} changes were read back and are there.");
        // </library>

        Assert.Equal(8, report.Verified);
    }

    [Fact]
    public async Task Choosing_what_and_how()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var synchronizer = session.Synchronizer;

        // <library>
        var options = new SyncOptions
        {
            Policy = ConflictPolicies.Furthest,
            Libraries = ["Movies"],
            Only = StateKind.Watched,
            Since = new DateTimeOffset(2020, 1, 31, 0, 0, 0, TimeSpan.Zero),
            MaxRemovals = 0,
        };
        SyncPlan plan = await synchronizer.PlanAsync(server, kid, options);
        // </library>

        // <library>
        foreach (ItemExplanation item in await synchronizer.ExplainAsync(server, kid, "Movie 4", options))
        {
            Console.WriteLine($"{item.Source.Concat(item.Target).First().DisplayTitle}: {item.Verdict}, found by {item.Match}");
        }
        // </library>

        Assert.NotEmpty(plan.Changes);
        Assert.All(plan.Changes, change => Assert.Equal((ChangeAction.Watched, "furthest"), (change.Action, plan.Policy)));
    }

    [Fact]
    public async Task Both_ways_and_together()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.Simulated.SetState(session.Kid, "9", new ItemState(ViewCount: 1));
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var teen = await session.SwitchAsync(server, "Teen", "4321");
        var synchronizer = session.Synchronizer;

        // <library>
        IReadOnlyList<SyncPlan> plans = await synchronizer.PlanAsync(server, [kid], new SyncOptions { Direction = SyncDirection.TwoWay });
        IReadOnlyList<SyncReport> reports = await synchronizer.ApplyAsync(plans, [kid, server]);   // a plan per target, the source's last
        // </library>

        // <library>
        IReadOnlyList<PlexServer> everybody = [server, kid, teen];
        await synchronizer.ApplyAsync(await synchronizer.PlanMergeAsync(everybody), everybody);
        // </library>

        Assert.Equal(2, reports.Count);
        Assert.Equal(1, session.Simulated.State(session.World.Owner, "9").ViewCount);
        Assert.Equal(1, session.Simulated.State(session.World.User("Teen"), "9").ViewCount);
    }

    [Fact]
    public async Task A_store_and_the_way_back()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var before = session.Simulated.StatesOf(session.Kid).Where(pair => pair.Value.IsWatched).Select(pair => pair.Key)
            .Order(StringComparer.Ordinal).ToList();

        var folder = Path.Combine(_folder, "journals");

        // <library>
        var store = new FileStore(folder);
        var synchronizer = new WatchStateSynchronizer(store);
        SyncPlan plan = await synchronizer.PlanAsync(server, kid);
        SyncReport report = await synchronizer.ApplyAsync(plan, server, kid);
        Console.WriteLine($"This was run {report.Number}.");
        // </library>

        // <library>
        IReadOnlyList<SyncRun> runs = await store.ListRunsAsync();
        foreach (SyncRun run in runs)
        {
            string fate = run.FindUndo(runs) is { } undone ? $", undone by {undone.Number}" : run.IsFinished ? "" : ", unfinished";
            Console.WriteLine($"{run.Number}: {run.Written} of {run.Changes} changes written for {run.Target.Title}{fate}");
        }

        foreach (SyncRun open in runs.Where(run => !run.IsFinished && run.Target.Id == kid.User.Id))
        {
            await synchronizer.ResumeAsync(open.Id, kid);   // was killed: finds out what it had done, and does the rest
        }

        if (SyncRun.FindLast(runs) is { } last)
        {
            SyncPlan undo = await synchronizer.PlanUndoAsync(last, kid);
            await synchronizer.ApplyAsync(undo, kid);
        }
        // </library>

        var after = session.Simulated.StatesOf(session.Kid).Where(pair => pair.Value.IsWatched).Select(pair => pair.Key)
            .Order(StringComparer.Ordinal).ToList();
        Assert.Equal(before, after);
        Assert.Equal([2, 1], (await store.ListRunsAsync()).Select(static run => run.Number));
    }

    [Fact]
    public async Task Whom_a_run_names()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var plex = session.Client;
        var owner = await plex.SignInAsync(session.World.Owner.AccountToken);
        var (here, there) = (owner, owner);
        var server = await session.ConnectAsync();
        var store = new FileStore(Path.Combine(_folder, "journals"));
        var synchronizer = new WatchStateSynchronizer(store);
        PlexServer[] users = [await session.SwitchAsync(server, "Kid"), await session.SwitchAsync(server, "Teen", "4321")];
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(server, users), users);
        var before = session.Simulated.State(session.Kid, "2");

        // <library>
        var connections = new PlexConnections(
            plex,
            [new PlexAccess(here), new PlexAccess(there)],          // two accounts, or one; each may have the address of a server
            askPin: async (user, rejected, cancellationToken) => user.Title is "Teen" && rejected is null ? "4321" : null);
        IReadOnlyList<SyncRun> parts = SyncRun.FindParts(await store.ListRunsAsync(), "1");
        var targets = new List<PlexServer>();
        foreach (SyncRun part in parts)
        {
            targets.Add(await connections.ConnectAsync(part.TargetUser));
        }

        IReadOnlyList<SyncPlan> undo = await synchronizer.PlanUndoAsync(parts[0].Id, targets);
        await synchronizer.ApplyAsync(undo, targets);
        // </library>

        Assert.True(before.IsWatched);
        Assert.False(session.Simulated.State(session.Kid, "2").IsWatched);
    }

    [Fact]
    public async Task Jobs()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var switcher = new HomeUserSwitcher(session.Client, owner);
        var synchronizer = session.Synchronizer;
        var log = new StringWriter(CultureInfo.InvariantCulture);

        // <library>
        var job = new SyncJob { Name = "kid", To = ["Kid"], Policy = "fill", Libraries = ["!TV Shows"], Since = "30d" };
        try
        {
            job.Validate();
        }
        catch (PlexException e) when (e.Category is PlexErrorCategory.Usage)
        {
            log.WriteLine($"The job {job.Name} cannot be run, because of {e.Option}: {e.Message}");
        }

        PlexServer kid = await switcher.SwitchAsync(server, job.To[0]);
        SyncPlan plan = await synchronizer.PlanAsync(server, kid, job.CreateOptions());
        // </library>

        PlexServer teen = await switcher.SwitchAsync(server, "Teen", "4321");
        var other = new SyncJob { Name = "teen", From = "Teen", To = ["Kid"] };

        // <library>
        SyncRoute[] routes = [new(job, server.ServerUser, [kid.ServerUser]), new(other, teen.ServerUser, [kid.ServerUser])];
        if (SyncRoute.FindLoop(routes) is { } loop)
        {
            log.WriteLine($"{loop.One.Job.Name} and {loop.Other.Job.Name} would undo each other's work.");
        }
        // </library>

        Assert.Equal("fill", plan.Policy);
        Assert.Equal("kid and teen would undo each other's work.", log.ToString().Trim());
    }

    [Fact]
    public async Task Connecting_as_the_users_of_a_job()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.World.Account.WithholdsTokensFrom.Add(session.Kid.Id);
        var (plex, token, synchronizer) = (session.Client, session.World.Owner.AccountToken, session.Synchronizer);
        var log = new StringWriter(CultureInfo.InvariantCulture);

        // <library>
        var connector = new JobConnector(
            plex, readToken: _ => Task.FromResult(token), pins: new Dictionary<string, string> { ["Teen"] = "4321" });
        var job = new SyncJob { Name = "home", ToAll = true };
        JobUsers users = await connector.ConnectAsync(job);
        foreach (PlexException reason in users.LeftOut)
        {
            log.WriteLine($"Left out: {reason.Message}");
        }

        IReadOnlyList<SyncPlan> plans = await synchronizer.PlanAsync(job, users);
        await synchronizer.ApplyAsync(plans, users.All);
        // </library>

        Assert.Contains("'Kid'", log.ToString(), StringComparison.Ordinal);
        Assert.Equal("Teen", Assert.Single(plans).Target.Title);
    }

    [Fact]
    public async Task In_step_while_they_watch()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (plex, token, folder) = (session.Client, session.World.Owner.AccountToken, Path.Combine(_folder, "live"));
        var written = new StringWriter(CultureInfo.InvariantCulture);
        var log = TextWriter.Synchronized(written);
        using var stop = new CancellationTokenSource();
        var stopping = stop.Token;

        // <library>
        var connector = new JobConnector(plex, _ => Task.FromResult(token));
        var sofa = new SyncJob { Name = "sofa", Users = ["Owner", "Kid"] };
        LiveJob[] jobs = [new(sofa, cancellationToken => connector.ConnectAsync(sofa, cancellationToken))];
        var told = new Progress<LiveEvent>(happened => log.WriteLine(happened switch
        {
            LiveRunEnded run => $"{run.Job.Name}: {run.Reports.Sum(report => report.Count(ChangeOutcome.Applied))} changes",
            LiveJobFailed failed => $"{failed.Job.Name} is tried again in {failed.RetryIn}: {failed.Error.Message}",
            _ => $"{happened.GetType().Name}",
        }));
        // </library>

        told.ProgressChanged += (_, happened) =>
        {
            if (happened is LiveRunEnded)
            {
                stop.Cancel();
            }
        };

        // <library>
        var live = new LiveSynchronizer(new FileStore(folder), new LiveOptions { Every = TimeSpan.FromHours(3) });
        try
        {
            await live.RunAsync(jobs, told, stopping);
        }
        catch (OperationCanceledException)
        {
            log.WriteLine("Stopped, after what was under way.");
        }
        // </library>

        Assert.Contains("sofa: 8 changes", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("Stopped", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hosted_service()
    {
        var services = new ServiceCollection();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["PlexSync:Token"] = "owner-token-000000",
            ["PlexSync:Jobs:kid:To:0"] = "Kid",
        }).Build();

        // <library>
        services.AddPlexSync(configuration)                                    // the section PlexSync, or the section that is given
            .AddJob("sofa", job => job.Users = ["Owner", "Kid"]);              // beside those of the configuration
        // </library>

        await using var provider = services.BuildServiceProvider();
        Assert.Equal(["kid", "sofa"], provider.GetRequiredService<IOptions<PlexSyncOptions>>().Value.Jobs.Keys);
    }

    [Fact]
    public async Task A_store_for_tests()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");

        // <library>
        using var store = new MemoryStore();
        var synchronizer = new WatchStateSynchronizer(store);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(server, kid), server, kid);

        SyncRun run = Assert.Single(await store.ListRunsAsync());
        Assert.True(run.IsComplete);
        // </library>
    }

    // <library>
    public static TheoryData<string> Promises => [.. SyncStoreConformance.Names];

    [Theory]
    [MemberData(nameof(Promises))]
    public async Task Store_keeps_its_promises(string promise)
    {
        using var store = new MemoryStore();
        await new StoreChecks(store).RunAsync(promise);
    }

    private sealed class StoreChecks(MemoryStore store) : SyncStoreConformance
    {
        protected override ISyncStore Open() => store;   // of a store that is shared: one more handle, as another process would have

        protected override Task LoseLeasesAsync()
        {
            store.RevokeLeases();   // what takes a lease away from its holder: an expired row, a removed file
            return Task.CompletedTask;
        }
    }
    // </library>

    [Fact]
    public async Task Snapshots()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var synchronizer = session.Synchronizer;
        var path = Path.Combine(_folder, "kid.jsonl");

        // <library>
        await using (var file = File.Create(path))
        {
            await synchronizer.SaveSnapshotAsync(kid, file);
        }
        // </library>
        session.Simulated.SetState(session.Kid, "1", ItemState.None);

        // <library>
        await using (var file = File.OpenRead(path))
        {
            SyncPlan restore = await synchronizer.PlanRestoreAsync(file, kid, exact: true);
            await synchronizer.ApplyAsync(restore, kid);
        }
        // </library>

        Assert.Equal(1, session.Simulated.State(session.Kid, "1").ViewCount);
    }

    [Fact]
    public async Task A_history_that_is_imported()
    {
        var world = Worlds.Small();
        world.Tautulli = new SimulatedTautulli();
        world.Tautulli.Add(TautulliRow.Of(world.User("Kid"), world.Server.Item("2")));
        world.Tautulli.Add(TautulliRow.Of(world.User("Kid"), world.Server.Item("3"), percent: 50, watched: 0.5));
        await using var session = await Session.StartAsync(world);
        var kid = await session.SwitchAsync(await session.ConnectAsync(), "Kid");
        var synchronizer = session.Synchronizer;
        using var httpClient = new HttpClient(PlexClient.CreateHttpHandler());
        var (tautulliAddress, key) = ($"{session.Plex.TautulliUrl}", world.Tautulli.ApiKey);

        // <library>
        var tautulli = new TautulliClient(httpClient, new TautulliOptions { Address = new Uri(tautulliAddress), ApiKey = key });
        ImportedStates history = await tautulli.ReadHistoryAsync($"id:{kid.User.Id}");   // by id or name

        SyncPlan import = await synchronizer.PlanImportAsync(history, kid, new ImportOptions { ApproximatePositions = true });
        await synchronizer.ApplyAsync(import, kid);
        // </library>

        // <library>
        var states = new ImportedStates
        {
            Items =
            [
                new ImportedState { Type = MediaType.Movie, ExternalIds = ["imdb://tt0133093"], ViewCount = 1 },
                new ImportedState { Type = MediaType.Movie, RatingKey = RatingKey.Parse("4"), Title = "Movie 4", Percent = 40 },
            ],
        };
        SyncPlan own = await synchronizer.PlanImportAsync(states, kid);
        // </library>

        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
        Assert.Equal(50 * 60_000, session.Simulated.State(session.Kid, "3").ViewOffset);
        Assert.Equal([SkipReason.NoMatch, SkipReason.PositionApproximate], own.Skipped.Select(skipped => skipped.Reason).Order());
    }

    [Fact]
    public async Task Progress_cancellation_and_failures()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var switcher = new HomeUserSwitcher(session.Client, await session.Client.SignInAsync(session.World.Owner.AccountToken));
        var synchronizer = session.Synchronizer;
        var log = new StringWriter(CultureInfo.InvariantCulture);

        async Task RunAsync(CancellationToken stopping)
        {
            // <library>
            var progress = new Progress<SyncProgress>(step => Console.WriteLine($"{step.Phase} for {step.User.Title}: {step.Done}"));
            try
            {
                PlexServer teen = await switcher.SwitchAsync(server, "Teen", pin: "0000", stopping);
                SyncPlan plan = await synchronizer.PlanAsync(server, teen, progress: progress, cancellationToken: stopping);
                await synchronizer.ApplyAsync(plan, server, teen, progress: progress, cancellationToken: stopping);
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.PinRequired or PlexErrorKind.PinRejected)
            {
                log.WriteLine($"{e.Subject} needs another PIN.");
            }
            catch (PlexException e) when (e.Kind is PlexErrorKind.UserNotFound or PlexErrorKind.UserAmbiguous)
            {
                log.WriteLine($"Did you mean {string.Join(" or ", e.Candidates)}?");
            }
            catch (PlexException e) when (e.Category is PlexErrorCategory.Connection)
            {
                log.WriteLine($"Tried again later: {e.Message}");
            }
            catch (SyncCanceledException e)
            {
                log.WriteLine($"Stopped after {e.Reports.Sum(report => report.Count(ChangeOutcome.Applied))} changes.");
            }
            // </library>
        }

        await RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal("Teen needs another PIN.", log.ToString().Trim());
    }

    [Fact]
    public async Task Plans_as_json()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var synchronizer = session.Synchronizer;
        SyncPlan plan = await synchronizer.PlanAsync(server, kid);

        // <library>
        string json = JsonSerializer.Serialize(plan, AppJson.Default.SyncPlan);             // or without a context, by reflection
        SyncPlan same = JsonSerializer.Deserialize(json, AppJson.Default.SyncPlan)!;
        SyncReport report = await synchronizer.ApplyAsync(same, server, kid);
        // </library>

        Assert.NotEmpty(report.Results);
        Assert.Equal(report.Results.Count, report.Verified);
    }

    [Fact]
    public void Dependency_injection()
    {
        var services = new ServiceCollection();
        var folder = Path.Combine(_folder, "journals");

        // <library>
        services.AddSingleton<ISyncStore>(new FileStore(folder));
        services.AddPlexSync(options => options.ClientIdentifier = "my-app-instance");
        // </library>

        using var provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<PlexClient>());
        Assert.NotNull(provider.GetRequiredService<WatchStateSynchronizer>());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

// <library>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SyncPlan))]
[JsonSerializable(typeof(SyncReport))]
internal sealed partial class AppJson : JsonSerializerContext;
// </library>
