using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>Several people who watch this and that, at random.</summary>
internal sealed class Evening(LiveHouse house, int seed)
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(25);

    private readonly Random _random = new(seed);
    private readonly List<Playing> _playing = [];
    private readonly List<(string Item, int Requests)> _actions = [];

    /// <summary>How often each user watched something themselves.</summary>
    private readonly Dictionary<(long User, string Item), int> _views = ViewsIn(house);

    private IEnumerable<SimulatedUser> Users => house.World.Users.Where(static user => user.InHome);

    /// <summary>Lets everybody watch.</summary>
    /// <param name="time">How long.</param>
    /// <param name="meanwhile">Something else that happens at each step.</param>
    public async Task PassAsync(TimeSpan time, Func<Random, Task>? meanwhile = null)
    {
        for (var until = house.Time.Now + time; house.Time.Now < until;)
        {
            await WaitAsync(TimeSpan.FromSeconds(_random.Next(1, (int)LongestStep.TotalSeconds)));
            Act();
            await (meanwhile?.Invoke(_random) ?? Task.CompletedTask);
        }

        foreach (var one in _playing.ToList())
        {
            Stop(one);
        }

        await house.PassAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Every item is written to a user at most once for each time that somebody did something with it.</summary>
    public void AssertNoWriteTooMany()
    {
        foreach (var (user, item, writes) in Writes())
        {
            foreach (var (before, after) in writes.Zip(writes.Skip(1)))
            {
                // A position goes before a mark is set, and a mark and a position can be one change.
                var isOneChange = (before.Path, after.Path) is ("/:/unscrobble", "/:/scrobble") or ("/:/scrobble", "/:/timeline");
                Assert.True(
                    isOneChange || _actions.Exists(action => action.Item == item && action.Requests > before.At
                        && action.Requests <= after.At),
                    $"Seed {seed}: {item} of {user} is written twice for nothing, by requests {before.At} and {after.At}.{Trace(item)}");
            }
        }

        AssertNothingTwice();
    }

    /// <summary>No view was counted twice, and nothing was taken from anybody.</summary>
    public void AssertNothingTwice()
    {
        foreach (var user in Users)
        {
            foreach (var (key, state) in house.Server.StatesOf(user))
            {
                var own = _views.GetValueOrDefault((user.Id, key));
                // One mark, if there was no view before it.
                Assert.True(
                    state.ViewCount - own is 0 or 1,
                    $"Seed {seed}: {key} has {state.ViewCount} views of {user}, who made {own}.{Trace(key)}");
            }
        }

        foreach (var (user, key) in _views.Keys)
        {
            Assert.True(house.Server.State(user, key).IsWatched, $"Seed {seed}: {user} lost the view of {key}.{Trace(key)}");
        }
    }

    private IEnumerable<(long? User, string Item, List<(string Path, int At)> Writes)> Writes() =>
        house.Session.Plex.Requests.All.Select(static (request, at) => (Request: request, At: at))
            .Where(static one => one.Request.IsWrite && one.Request.Status is 200 or null)
            .GroupBy(static one => (one.Request.UserId, Item: (one.Request["ratingKey"] ?? one.Request["key"])!))
            .Select(static group => (group.Key.UserId, group.Key.Item, group.Select(static one => (one.Request.Path, one.At)).ToList()));

    /// <summary>All that was written of an item, and by whom.</summary>
    private string Trace(string item) => string.Concat(house.Session.Plex.Requests.All
        .Select(static (request, at) => (Request: request, At: at))
        .Where(one => one.Request.IsWrite && (one.Request["ratingKey"] ?? one.Request["key"]) == item)
        .Select(one => (
            one.At,
            Text: $"{one.Request.UserId} {one.Request.Path} {one.Request["time"]} {one.Request.Status} {one.Request.ClientIdentifier}"))
        .Concat(_actions.Where(action => action.Item == item)
            .Select(static action => (At: action.Requests, Text: "somebody did something")))
        .OrderBy(static one => one.At)
        .Select(static one => $"{Environment.NewLine}{one.At} {one.Text}"));

    private async Task WaitAsync(TimeSpan time)
    {
        // Apps report what they play again and again.
        for (var left = time; left > TimeSpan.Zero;)
        {
            var step = left < TimeSpan.FromMinutes(1) ? left : TimeSpan.FromMinutes(1);
            await house.PassAsync(step);
            foreach (var one in _playing.ToList())
            {
                Do(one.User, one.Item, () => one.GoOn(house.Time.Now), isReport: true);
            }

            left -= step;
        }
    }

    private void Act()
    {
        var user = Pick(Users.ToList());
        if (_playing.Find(one => one.User == user) is { } playing)
        {
            switch (_random.Next(6))
            {
                case 0:
                    Do(user, playing.Item, playing.Pause);
                    break;
                case 1:
                    Do(user, playing.Item, () => playing.Resume(house.Time.Now));
                    break;
                case 2:
                    Do(user, playing.Item, () => playing.Seek(_random.NextDouble()));
                    break;
                case 3:
                    Do(user, playing.Item, playing.Playback.Vanish);
                    _playing.Remove(playing);
                    break;
                default:
                    Stop(playing);
                    break;
            }

            return;
        }

        var item = Pick(house.Server.Libraries.SelectMany(static library => library.Items)
            .Where(item => !item.HiddenFrom.Contains(user.Id)).ToList());
        if (_random.Next(5) == 0)
        {
            Do(user, item, () => house.Server.Players.MarkWatched(user, item.RatingKey));
        }
        else
        {
            var at = TimeSpan.FromMilliseconds(house.Server.State(user, item.RatingKey).ViewOffset);
            Do(user, item, () => _playing.Add(
                new Playing(user, item, house.Server.Players.Play(user, item.RatingKey, at), house.Time.Now)));
        }
    }

    private void Stop(Playing playing)
    {
        Do(playing.User, playing.Item, () =>
        {
            playing.GoOn(house.Time.Now);
            playing.Playback.Stop();
        });
        _playing.Remove(playing);
    }

    /// <summary>Nothing is being written meanwhile.</summary>
    /// <param name="user">Who does it.</param>
    /// <param name="item">What with.</param>
    /// <param name="act">What.</param>
    /// <param name="isReport">It only tells how far a playback has come, which is nothing to write yet.</param>
    private void Do(SimulatedUser user, SimulatedItem item, Action act, bool isReport = false)
    {
        var before = house.Server.State(user, item.RatingKey).ViewCount;
        act();
        var views = house.Server.State(user, item.RatingKey).ViewCount - before;
        if (views > 0)
        {
            var own = _views.GetValueOrDefault((user.Id, item.RatingKey));
            _views[(user.Id, item.RatingKey)] = own + views;
        }

        if (!isReport)
        {
            _actions.Add((item.RatingKey, house.Session.Plex.Requests.Count));
        }
    }

    private static Dictionary<(long User, string Item), int> ViewsIn(LiveHouse house) => house.World.Users
        .SelectMany(user => house.Server.StatesOf(user), static (user, state) => (user.Id, state.Key, state.Value.ViewCount))
        .Where(static one => one.ViewCount > 0).ToDictionary(static one => (one.Id, one.Key), static one => one.ViewCount);

    private T Pick<T>(List<T> all) => all[_random.Next(all.Count)];

    private sealed class Playing(SimulatedUser user, SimulatedItem item, Playback playback, DateTimeOffset now)
    {
        private DateTimeOffset _at = now;
        private bool _isPaused;

        public SimulatedUser User => user;

        public SimulatedItem Item => item;

        public Playback Playback => playback;

        public void GoOn(DateTimeOffset now)
        {
            if (!_isPaused)
            {
                playback.Advance(now - _at);
            }

            _at = now;
        }

        public void Pause()
        {
            playback.Pause();
            _isPaused = true;
        }

        public void Resume(DateTimeOffset now)
        {
            playback.Resume();
            (_isPaused, _at) = (false, now);
        }

        public void Seek(double part) =>
            playback.Seek(TimeSpan.FromMilliseconds((long)(item.Duration!.Value.TotalMilliseconds * part * 0.85)));
    }
}
