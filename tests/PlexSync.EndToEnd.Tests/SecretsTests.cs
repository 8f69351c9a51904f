using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The whole surface of the library, logged at Trace, with things going wrong: no token and no PIN appears anywhere.</summary>
public sealed class SecretsTests
{
    /// <summary>Long enough that no port, number or duration in a log is the same by chance.</summary>
    private const string Pin = "7391846205";
    private const string WrongPin = "5028461937";

    [Fact]
    public async Task Library_shows_no_secret_at_trace()
    {
        var world = Worlds.Small();
        world.User("Teen").Pin = Pin;
        await using var plex = await PlexSimulator.StartAsync(world);
        var seen = new Recorder();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new LeapingTime());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(seen));
        services.AddPlexSync(options =>
        {
            options.ClientIdentifier = "secrets";
            options.AccountUrl = plex.AccountUrl;
            options.RetryDelay = TimeSpan.FromMilliseconds(1);
            options.Timeout = TimeSpan.FromMilliseconds(300);
        });
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<PlexClient>();
        var synchronizer = provider.GetRequiredService<WatchStateSynchronizer>();

        var account = await client.SignInAsync(world.Owner.AccountToken);
        seen.Note(
            account, await client.GetHomeUsersAsync(account), await client.GetFriendsAsync(account), await client.GetServersAsync(account));
        var owner = await client.ConnectAsync(plex.ServerUrl, account);
        var switcher = new HomeUserSwitcher(client, account);
        var kid = await switcher.SwitchAsync(owner, "Kid", "1234");
        var teen = await switcher.SwitchAsync(owner, "Teen", Pin);
        var friend = await switcher.SwitchAsync(owner, "Friend");
        await seen.CatchAsync(() => switcher.SwitchAsync(owner, "Teen", WrongPin));
        await seen.CatchAsync(() => switcher.SwitchAsync(owner, "Teen"));
        await seen.CatchAsync(() => client.SignInAsync("invalid-token-000000"));
        plex.Faults.On("/:/scrobble").Skip(2).Times(2).ResetAfter();
        plex.Faults.On("/:/timeline").Times(1).Status(500, "<h1>oops</h1>");
        var plans = await synchronizer.PlanAsync(owner, [kid, teen, friend]);
        seen.Note(plans, plans[0], await synchronizer.ApplyAsync(plans, [owner, kid, teen, friend]));
        plex.Faults.On(_ => true).Hang();
        await seen.CatchAsync(() => kid.GetLibrariesAsync());
        plex.Faults.Clear();
        world.Server.ReplaceToken(world.User("Kid"));
        await seen.CatchAsync(() => kid.GetLibrariesAsync());
        plex.Faults.On("/library/sections").Times(1).Status(400, $"Bad request. X-Plex-Token: {world.Server.TokenOf(world.User("Teen"))}");
        await seen.CatchAsync(() => teen.GetLibrariesAsync());
        plex.Faults.On("/library/sections").Times(1)
            .Status(302, headers: ("Location", $"http://{world.Server.TokenOf(world.User("Teen"))}@elsewhere.example/"));
        await seen.CatchAsync(() => teen.GetLibrariesAsync());
        world.Account.RateLimit(20);
        await seen.CatchAsync(() => client.GetServersAsync(account));

        var secrets = plex.Requests.All.Select(request => request.Token).OfType<string>().Append(Pin).Append(WrongPin).Distinct().ToList();
        Assert.InRange(secrets.Count, 7, 20);
        Assert.NotEmpty(seen.Lines);
        Assert.All(secrets, secret => Assert.DoesNotContain(seen.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
        // Nor in any URL, but for the one that plex.tv demands.
        Assert.All(plex.Requests.All, request => Assert.True(
            request.Path.EndsWith("/switch", StringComparison.Ordinal)
                || !secrets.Exists(secret => request.ToString().Contains(secret, StringComparison.Ordinal))));
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public void Note(params object[] values)
        {
            foreach (var value in values)
            {
                Lines.Enqueue(value.ToString() ?? "");
                foreach (var element in value as System.Collections.IEnumerable ?? Array.Empty<object>())
                {
                    Lines.Enqueue(element.ToString() ?? "");
                }
            }
        }

        public async Task CatchAsync(Func<Task> action) => Lines.Enqueue((await Assert.ThrowsAnyAsync<Exception>(action)).ToString());

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
