using System.Text;
using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>A <c>plexsync watch</c> that goes on beside the test.</summary>
internal sealed class Watching : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly HeardWriter _out = new();
    private readonly HeardWriter _error = new();
    private readonly Task<int> _running;

    private Watching(Household household, string[] args) =>
        _running = Task.Run(() => App.RunAsync(["watch", .. args], household.Around(_out, _error), _stop.Token));

    public string Out => $"{_out}";

    public string Error => $"{_error}";

    /// <summary>The lines of <c>--json</c>.</summary>
    public IReadOnlyList<JsonElement> Json =>
        [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];

    public static Watching Start(Household household, params string[] args) => new(household, args);

    /// <summary>Waits until it has printed this.</summary>
    public Task SeeAsync(string text, int times = 1) => _out.HearAsync(text, times, _running);

    /// <summary>Waits until it has warned of this.</summary>
    public Task SeeErrorAsync(string text, int times = 1) => _error.HearAsync(text, times, _running);

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<Result> EndAsync() => new(await _running, Out, Error);

    /// <summary>Ends it as a signal does.</summary>
    public async Task<Result> StopAsync()
    {
        await _stop.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>Tells those who wait for a text that it was written.</summary>
    private sealed class HeardWriter : TextWriter
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly StringBuilder _text = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write($"{value}");

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(string? value)
        {
            lock (_text)
            {
                _text.Append(value);
                _more.TrySetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }

        public async Task HearAsync(string text, int times, Task running)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            while (true)
            {
                Task more;
                lock (_text)
                {
                    if (_text.ToString().Split(text).Length > times)
                    {
                        return;
                    }

                    more = _more.Task;
                }

                try
                {
                    Assert.NotSame(running, await Task.WhenAny(more, running).WaitAsync(patience.Token));
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"“{text}” did not come. What came: {this}");
                }
            }
        }
    }
}

/// <summary>A household in which time races, and what tests of <c>watch</c> do with it.</summary>
internal static class WatchedHousehold
{
    public static async Task<Household> StartAsync(string? configuration = null)
    {
        var time = new PlexSync.Tests.RacingTime();
        var household = await Household.StartAsync(Worlds.Small(clock: time));
        household.Time = time;
        if (configuration is not null)
        {
            household.Environment.Remove("PLEXSYNC_SERVER");
            household.Configure(configuration);
        }

        return household;
    }

    /// <summary>Somebody plays a film or an episode to its end.</summary>
    public static void PlayToTheEnd(this Household household, SimulatedUser user, int ratingKey)
    {
        var playback = household.Server.Players.Play(user, $"{ratingKey}", TimeSpan.FromMinutes(1));
        playback.Advance(TimeSpan.FromHours(5));
        playback.Stop();
    }

    /// <summary>What the status file says.</summary>
    public static JsonElement Status(this Household household) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(household.Environment["PLEXSYNC_HOME"], "status.json"))).RootElement;
}
