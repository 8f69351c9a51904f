using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PlexSync.Simulator;
using PlexSync.Tests;
using WorkerService;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The sample of a background service, as its host runs it; the test is its clock.</summary>
public sealed class WorkerServiceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-worker-");
    private readonly Hours _time = new();
    private readonly Lines _lines = new();

    [Fact]
    public async Task Worker_brings_the_user_up_to_date_and_writes_nothing_the_next_time()
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Small());
        using var host = Build(plex);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var first = await _lines.NextAsync(LogLevel.Information);
        var writes = plex.Requests.Writes;
        _time.Tick();
        var second = await _lines.NextAsync(LogLevel.Information);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains("8 changes written, 0 failed", first, StringComparison.Ordinal);
        Assert.Equal(1, plex.World.Server.State(plex.World.User("Kid"), "2").ViewCount);
        Assert.Contains("0 changes written, 0 failed", second, StringComparison.Ordinal);
        Assert.Equal(writes, plex.Requests.Writes);
    }

    [Fact]
    public async Task Worker_warns_once_when_a_run_fails_and_tries_again_the_next_time()
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Small());
        plex.Faults.On("/library/sections").Status(503);
        using var host = Build(plex);
        await host.StartAsync(TestContext.Current.CancellationToken);

        var first = await _lines.NextAsync(LogLevel.Warning);
        _time.Tick();
        var second = await _lines.NextAsync(LogLevel.Warning);
        plex.Faults.Clear();
        _time.Tick();
        var third = await _lines.NextAsync(LogLevel.Information);
        var fourth = await _lines.NextAsync(LogLevel.Information);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains("(1 in a row)", first, StringComparison.Ordinal);
        Assert.Contains("(2 in a row)", second, StringComparison.Ordinal);
        Assert.Contains("8 changes written", third, StringComparison.Ordinal);
        Assert.Contains("after 2 failed runs", fourth, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_calls_for_somebody_when_the_token_is_refused()
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Small());
        using var host = Build(plex, ("PlexSync:Token", "revoked-token-000000"));
        await host.StartAsync(TestContext.Current.CancellationToken);

        var line = await _lines.NextAsync(LogLevel.Critical);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("revoked-token-000000", line, StringComparison.Ordinal);
        Assert.Equal(0, plex.Requests.Writes);
    }

    [Fact]
    public async Task Worker_says_how_far_it_came_when_it_is_stopped_in_the_middle()
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Lifelike());
        using var host = Build(plex);
        var worker = host.Services.GetServices<IHostedService>().OfType<SyncWorker>().Single();
        Task? stopping = null;
        plex.Faults.On(request =>
        {
            stopping ??= request.IsWrite ? worker.StopAsync(CancellationToken.None) : null;
            return false;
        });
        await host.StartAsync(TestContext.Current.CancellationToken);

        var line = await _lines.NextAsync(LogLevel.Information);
        await stopping!;

        var written = plex.World.Server.Plays.Select(play => play.RatingKey).Distinct().Count();
        Assert.StartsWith($"Stopped in the middle of a run: {written} of ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_does_not_start_as_the_sample_is_shipped_since_the_token_is_not_in_it()
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddJsonFile(Path.Combine(Repository.Root, "samples", "WorkerService", "appsettings.json"));
        builder.AddPlexSyncWorker();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("PlexSync__Token", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server", "nas:32400")]
    [InlineData("To:0", " ")]
    [InlineData("Every", "00:00:01")]
    [InlineData("Policy", "merge")]
    [InlineData("Client:PageSize", "5000")]
    public async Task Host_does_not_start_when_an_option_makes_no_sense(string key, string value)
    {
        await using var plex = await SimulatedPlex.StartAsync(Worlds.Small());
        using var host = Build(plex, ($"PlexSync:{key}", value));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(
            key.Split(':') is ["Client", var name] ? name : $"PlexSync:{key.Split(':')[0]}",
            Assert.Single(error.Failures),
            StringComparison.Ordinal);
        Assert.Empty(plex.Requests.All);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private IHost Build(SimulatedPlex plex, params (string Key, string? Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["PlexSync:Token"] = plex.World.Owner.AccountToken,
            ["PlexSync:Server"] = plex.ServerUrl.ToString(),
            ["PlexSync:To:0"] = "Kid",
            ["PlexSync:StateFolder"] = Path.Combine(_folder.FullName, "state"),
            ["PlexSync:Client:ClientIdentifier"] = "worker-test",
            ["PlexSync:Client:AccountUrl"] = plex.AccountUrl.ToString(),
            ["PlexSync:Client:RetryDelay"] = "00:00:00.001",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Logging.AddProvider(_lines);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddPlexSyncWorker();
        return builder.Build();
    }

    /// <summary>
    /// The system's clock, but for what comes round: that comes when the test says so. With a FakeTimeProvider the requests of a run would
    /// have no time either.
    /// </summary>
    private sealed class Hours : TimeProvider
    {
        private Action? _tick;

        public void Tick() => _tick!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period == Timeout.InfiniteTimeSpan)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            _tick = () => callback(state);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What the worker itself logs, line by line.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly Channel<(LogLevel Level, string Text)> _lines = Channel.CreateUnbounded<(LogLevel Level, string Text)>();

        public async Task<string> NextAsync(LogLevel level)
        {
            var line = await _lines.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal((level, line.Text), line);
            return line.Text;
        }

        public ILogger CreateLogger(string categoryName) =>
            categoryName == typeof(SyncWorker).FullName ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Writer.TryWrite((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
