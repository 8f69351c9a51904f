using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Hosting;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Hosted;

/// <summary>The hosted service, as its host runs it.</summary>
public sealed class HostedServiceTests : IDisposable
{
    private const int Wrote = 4010;
    private const int NothingToWrite = 4011;
    private const int Failed = 4020;
    private const int NeedsSomebody = 4021;
    private const int Recovered = 4022;
    private const int Refused = 4023;
    private const int EventsHeard = 4031;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-hosted-");

    [Fact]
    public async Task Film_that_ends_is_marked_for_the_other_user_and_the_host_stops()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName);
        await host.StartAsync();
        var first = await host.Lines.WaitAsync(Wrote);
        await host.Lines.WaitAsync(EventsHeard);

        var playback = plex.World.Server.Players.Play(plex.World.Owner, "6", TimeSpan.FromMinutes(50));
        playback.Advance(TimeSpan.FromMinutes(48));
        playback.Stop();
        var second = await host.Lines.WaitAsync(Wrote, times: 2);
        await host.StopAsync();

        Assert.Equal("The job 'kid' has written 8 of 8 changes for 'Kid', 0 failed", first.Text);
        Assert.Equal("The job 'kid' has written 1 of 1 changes for 'Kid', 0 failed", second.Text);
        Assert.Equal(1, plex.World.Server.State(plex.World.User("Kid"), "6").ViewCount);
        Assert.All(host.Lines.Read, static line => Assert.InRange(line.Level, LogLevel.Debug, LogLevel.Information));
    }

    [Fact]
    public async Task Host_that_starts_again_writes_nothing()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using (var before = TestHost.Create(plex, _folder.FullName))
        {
            await before.StartAsync();
            await before.Lines.WaitAsync(Wrote);
            await before.StopAsync();
        }

        var writes = plex.Requests.Writes;
        await using var host = TestHost.Create(plex, _folder.FullName);
        await host.StartAsync();
        await host.Lines.WaitAsync(NothingToWrite);
        await host.StopAsync();

        Assert.Equal(writes, plex.Requests.Writes);
    }

    [Fact]
    public async Task Health_is_that_of_the_jobs()
    {
        var time = new FakeTimeProvider();
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName, time);
        // Told by the test instead of the synchronizer: how long something takes is the test's, too.
        var service = host.Services.GetServices<IHostedService>().OfType<LiveService>().Single();
        host.Services.GetRequiredService<JobStates>().Begin(["kid", "teen"]);
        var (kid, teen) = (Job("kid"), Job("teen"));
        var seen = new List<(HealthStatus Status, string Description)> { await host.CheckHealthAsync() };

        foreach (var (happened, after) in new (LiveEvent, TimeSpan)[]
        {
            (new LiveRunEnded(kid, []), TimeSpan.Zero),
            (new LiveRunEnded(teen, []), TimeSpan.Zero),
            (Failure(kid), TimeSpan.FromMinutes(14)),
            (Failure(kid), TimeSpan.FromMinutes(1)),
            (new LiveRunEnded(kid, []), TimeSpan.Zero),
        })
        {
            service.Report(happened);
            time.Advance(after);
            seen.Add(await host.CheckHealthAsync());
        }

        Assert.Equal(
            [
                (HealthStatus.Unhealthy, "The job 'kid' has yet to run. The job 'teen' has yet to run."),
                (HealthStatus.Degraded, "The job 'teen' has yet to run."),
                (HealthStatus.Healthy, "All jobs are kept up."),
                (HealthStatus.Degraded, "The job 'kid' has been failing for 14 min: The server is away."),
                (HealthStatus.Unhealthy, "The job 'kid' has been failing for 15 min: The server is away."),
                (HealthStatus.Healthy, "All jobs are kept up."),
            ],
            seen);

        static LiveJob Job(string name) =>
            new(new SyncJob { Name = name, To = ["Kid"] }, static _ => throw new NotSupportedException());

        static LiveJobFailed Failure(LiveJob job) =>
            new(job, new PlexException(PlexErrorKind.Unreachable, "The server is away."), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Server_that_is_away_is_tried_again()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        plex.Faults.On("/library/sections").Status(503);
        await using var host = TestHost.Create(plex, _folder.FullName);
        await host.StartAsync();

        var line = await host.Lines.WaitAsync(Failed);
        var health = await host.CheckHealthAsync();
        await host.StopAsync();

        Assert.StartsWith("The job 'kid' failed and is tried again in 00:00:10: ", line.Text, StringComparison.Ordinal);
        Assert.Equal((LogLevel.Warning, HealthStatus.Unhealthy), (line.Level, health.Status));
    }

    [Fact]
    public async Task Job_that_fails_does_not_hold_up_another()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName, time: null, configure: null, ("PlexSync:Jobs:lost:To:0", "Nobody"));
        await host.StartAsync();

        var lost = await host.Lines.WaitAsync(NeedsSomebody);
        await host.Lines.WaitAsync(Wrote);
        var health = await host.CheckHealthAsync();
        await host.StopAsync();

        Assert.StartsWith("The job 'lost' failed, and somebody has to do something about it", lost.Text, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Degraded, LogLevel.Error), (health.Status, lost.Level));
    }

    [Fact]
    public async Task Token_that_is_replaced_in_the_configuration_is_used_from_then_on()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(
            plex, _folder.FullName, time: null, configure: null, ("PlexSync:Token", "revoked-token-000000"));
        await host.StartAsync();

        var refused = await host.Lines.WaitAsync(NeedsSomebody);
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        configuration["PlexSync:Token"] = plex.World.Owner.AccountToken;
        configuration.Reload();
        var recovered = await host.Lines.WaitAsync(Recovered);
        await host.StopAsync();

        Assert.Equal("The job 'kid' is kept up again (failures in a row: 1)", recovered.Text);
        Assert.DoesNotContain("revoked-token-000000", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_is_stopped_in_the_middle_of_a_run_says_how_far_it_came()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Lifelike());
        await using var host = TestHost.Create(plex, _folder.FullName);
        Task? stopping = null;
        plex.Faults.On(request =>
        {
            stopping ??= request.IsWrite ? host.StopAsync() : null;
            return false;
        });
        await host.StartAsync();

        var line = await host.Lines.WaitAsync(Wrote);
        await stopping!;

        var written = plex.World.Server.Writes.Select(play => play.RatingKey).Distinct().Count();
        Assert.StartsWith($"The job 'kid' has written {written} of ", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($" {written} of {written} ", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_of_the_code_stand_beside_those_of_the_configuration_and_change_them()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(
            plex,
            _folder.FullName,
            time: null,
            added => added.AddJob("teen", static job => job.To = ["Teen"]).AddJob("KID", static job => job.Libraries = ["Movies"]),
            ("PlexSync:Pins:id:1003", "4321"));
        await host.StartAsync();

        await host.Lines.WaitAsync(Wrote, times: 2);
        await host.StopAsync();

        Assert.Equal(
            [
                "The job 'kid' has written 4 of 4 changes for 'Kid', 0 failed",
                "The job 'teen' has written 9 of 9 changes for 'Teen', 0 failed",
            ],
            host.Lines.Read.Where(static line => line.Id == Wrote).Select(static line => line.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Jobs_in_a_loop_stop_the_host()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(
            plex,
            _folder.FullName,
            time: null,
            configure: null,
            ("PlexSync:Jobs:other:From", "Teen"),
            ("PlexSync:Jobs:other:To:0", "Kid"),
            ("PlexSync:Pins:Teen", "4321"));
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync();

        var line = await host.Lines.WaitAsync(Refused);
        await stopping.Task;

        Assert.Contains("'kid' and 'other'", line.Text, StringComparison.Ordinal);
        Assert.Equal(0, plex.Requests.Writes);
    }

    [Fact]
    public async Task Second_host_on_one_folder_waits_for_the_first()
    {
        var time = new MinuteHand();
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var first = TestHost.Create(plex, _folder.FullName);
        await using var second = TestHost.Create(plex, _folder.FullName, time);
        await first.StartAsync();
        await first.Lines.WaitAsync(Wrote);
        await second.StartAsync();

        var refused = await second.Lines.WaitAsync(Failed);
        await first.StopAsync();
        await time.TickAsync();
        await second.Lines.WaitAsync(NothingToWrite);
        await second.StopAsync();

        Assert.Contains("'kid'", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_and_pins_reach_no_log()
    {
        // Longer than a PIN is, so that no port or time has it within.
        const string Pin = "81479926";
        var world = Worlds.Small();
        world.User("Teen").Pin = Pin;
        await using var plex = await PlexSimulator.StartAsync(world);
        await using var host = TestHost.Create(
            plex, _folder.FullName, time: null, configure: null, ("PlexSync:Jobs:kid:To:1", "Teen"), ("PlexSync:Pins:Teen", Pin));
        await host.StartAsync();
        await host.Lines.WaitAsync(Wrote, times: 2);
        await host.StopAsync();

        var all = host.Lines.All;
        var secrets = plex.Requests.All.Select(static request => request.Token).OfType<string>().Append(Pin).Distinct();
        Assert.NotEmpty(all);
        Assert.All(secrets, secret => Assert.DoesNotContain(all, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Meter_counts_runs_changes_and_failures_of_each_job()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName, time: null, configure: null, ("PlexSync:Jobs:lost:To:0", "Nobody"));
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Meter.Name == "PlexSync.Hosting" && instrument.Meter.Scope == factory)
            {
                meters.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var key = $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(static tag => tag.Value))}";
            lock (counted)
            {
                counted[key] = counted.GetValueOrDefault(key) + value;
            }
        });
        listener.Start();
        await host.StartAsync();
        await host.Lines.WaitAsync(Wrote);
        await host.Lines.WaitAsync(NeedsSomebody);
        await host.StopAsync();

        Assert.Equal(
            ["plexsync.job.changes kid = 8", "plexsync.job.failures lost userNotFound = 1", "plexsync.job.runs kid = 1"],
            counted.Select(static count => $"{count.Key} = {count.Value}").Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The system's clock, but what takes a minute is over when the test says so.</summary>
    private sealed class MinuteHand : TimeProvider
    {
        private readonly Channel<Action> _waits = Channel.CreateUnbounded<Action>();

        /// <summary>Ends the next wait of a minute, as soon as there is one.</summary>
        public async Task TickAsync() => (await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken))();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != TimeSpan.FromMinutes(1) || state is CancellationTokenSource)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            _waits.Writer.TryWrite(() => callback(state));
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
