using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// Two users watch and unwatch, and runs in one direction or both come in between, of which some are killed, refused or left without an
/// answer. What both had seen stays seen unless one of them unwatches it, no view is counted twice, and a run that went well leaves nothing
/// to the next.
/// </summary>
public sealed class RandomRunsTests : IAsyncDisposable
{
    private const int StepsOfACase = 8;
    private const int LastRequestToKillAt = 12;

    private static readonly long[] Users = [1001, 1002];
    private static readonly string[] Keys = ["1", "2", "3", "4", "5", "6", "13", "14", "15"];

    private static readonly IConflictPolicy[] Policies =
        [ConflictPolicies.Copy, ConflictPolicies.Fill, ConflictPolicies.Furthest, ConflictPolicies.Newest];

    private readonly LeapingTime _time = new();
    private readonly Killer _killer = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("plexsync-random-");
    private readonly List<string> _log = [];
    private Session _session = null!;
    private HttpClient _http = null!;
    private string _folder = "";
    private WatchStateSynchronizer? _synchronizer;
    private int _folders;

    private enum Trouble
    {
        None,
        Refused,
        FailedAfterTheEffect,
        Failed,
        LostAnswer,
        StartingUp,
        Killed,
    }

    private static int Cases => Thoroughness.IsAll ? 300 : 20;

    [Fact]
    public async Task Runs_in_any_order_lose_no_view_and_count_none_twice()
    {
        _session = await Session.StartAsync(Worlds.Small(clock: _time));
        _http = new HttpClient(_killer);
        var options = new PlexClientOptions
        {
            ClientIdentifier = "random",
            AccountUrl = _session.Plex.AccountUrl,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        var client = new PlexClient(_http, options, timeProvider: _time);
        var account = await client.SignInAsync(_session.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(_session.Plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        for (var seed = 0; seed < Cases; seed++)
        {
            await PlayAsync(seed, owner, kid);
        }

        // Cases in which nothing went wrong would show nothing.
        Assert.True(_killer.Kills >= Cases / 4, $"{_killer.Kills} runs were killed in {Cases} cases");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _session.DisposeAsync();
        _root.Delete(recursive: true);
    }

    private WatchStateSynchronizer Synchronizer => _synchronizer ??= new(new FileStore(_folder, _time));

    private async Task PlayAsync(int seed, PlexServer owner, PlexServer kid)
    {
        var random = new Random(seed);
        Begin(random);
        var policy = Policies[random.Next(Policies.Length)];
        _log.Add($"seed {seed}, {policy.Name}, keeps {_session.Simulated.Switches.ScrobbleKeepsPosition}");
        // Seen by both after a run that went well, and unwatched by neither since.
        var agreed = new HashSet<string>();
        for (var step = 0; step < StepsOfACase; step++)
        {
            _time.Leap(TimeSpan.FromHours(1));
            for (var acts = random.Next(4); acts > 0; acts--)
            {
                Act(random, agreed);
            }

            var before = Remember();
            var trouble = random.Next(4) == 0 ? Trouble.Killed : (Trouble)random.Next((int)Trouble.Killed);
            var isTwoWay = random.Next(3) > 0;
            var run = new SyncOptions
            {
                Policy = policy,
                Direction = isTwoWay ? SyncDirection.TwoWay : SyncDirection.OneWay,
                Unwatched = random.Next(4) > 0,
                MaxRemovals = int.MaxValue,
            };
            _log.Add($"  {run.Direction}, unwatched {run.Unwatched}, {trouble}");
            Strike(trouble, random);
            var isClean = await RunAsync(owner, kid, run, trouble is Trouble.Killed ? random : null);
            await RecoverAsync(owner, kid);
            Judge(before, agreed);
            if (isClean)
            {
                agreed.UnionWith(Keys.Where(key => Users.All(user => _session.Simulated.State(user, key).IsWatched)));
                await JudgeNextAsync(owner, kid, run);
            }
        }
    }

    private void Begin(Random random)
    {
        _log.Clear();
        (_folder, _synchronizer) = (NewFolder(), null);
        foreach (var user in Users)
        {
            foreach (var item in _session.Simulated.Libraries.SelectMany(library => library.Items))
            {
                _session.Simulated.SetState(user, item.RatingKey, ItemState.None);
            }
        }

        var switches = _session.Simulated.Switches;
        switches.ScrobbleKeepsPosition = random.Next(2) == 0;
        switches.RepeatedPositionsMoveDate = random.Next(2) == 0;
        switches.CountsLoneReportsNearEnd = random.Next(2) == 0;
    }

    /// <summary>Somebody watches something, again or in part, or unwatches it.</summary>
    private void Act(Random random, HashSet<string> agreed)
    {
        _time.Leap(TimeSpan.FromMinutes(1));
        var (user, key) = (Users[random.Next(Users.Length)], Keys[random.Next(Keys.Length)]);
        var (before, now) = (_session.Simulated.State(user, key), _time.GetUtcNow().ToUnixTimeSeconds());
        var after = random.Next(4) switch
        {
            0 => ItemState.None,
            1 => before with { ViewOffset = random.Next(2, 30) * 60_000, LastViewedAt = now },
            _ => new ItemState(before.ViewCount + 1, 0, now),
        };
        _session.Simulated.SetState(user, key, after);
        if (!after.IsWatched)
        {
            agreed.Remove(key);
        }

        _log.Add($"  {user} {key}: {before.ViewCount}/{before.ViewOffset} to {after.ViewCount}/{after.ViewOffset}");
    }

    private void Strike(Trouble trouble, Random random)
    {
        var victim = Keys[random.Next(Keys.Length)];
        FaultRule On(string path) => _session.Plex.Faults.On(path).And(request => request["key"] == victim);
        switch (trouble)
        {
            case Trouble.Refused:
                On("/:/scrobble").Status(403);
                break;
            case Trouble.FailedAfterTheEffect:
                On("/:/scrobble").Times(1).Status(500, afterEffect: true);
                break;
            case Trouble.Failed:
                On("/:/scrobble").Times(1).Status(500);
                break;
            case Trouble.LostAnswer:
                On("/:/unscrobble").Times(1).ResetAfter();
                break;
            case Trouble.StartingUp:
                _session.Simulated.Switches.StartUp(random.Next(1, 5));
                break;
        }
    }

    /// <summary>
    /// True if it went well. With a generator for <paramref name="kill"/>, the run is killed somewhere when it applies its plans.
    /// </summary>
    private async Task<bool> RunAsync(PlexServer owner, PlexServer kid, SyncOptions options, Random? kill)
    {
        PlexServer[] targets = options.Direction is SyncDirection.TwoWay ? [kid, owner] : [kid];
        try
        {
            var plans = await Synchronizer.PlanAsync(owner, [kid], options);
            _log.AddRange(plans.SelectMany(plan => plan.Changes, (plan, change) => $"    {plan.Target.Title} {Of(change)}"));
            if (kill is not null)
            {
                _killer.Arm(kill.Next(LastRequestToKillAt), isBeforeEffect: kill.Next(2) == 0, KeepFiles);
            }

            var reports = await Synchronizer.ApplyAsync(plans, targets, options);
            return !_killer.IsDead
                && reports.All(
                    report => report.Error is null && report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown) == 0);
        }
        catch (PlexException e)
        {
            _log.Add($"    {e.Message}");
            return false;
        }
        catch (IOException) when (_killer.IsDead)
        {
            return false;
        }
    }

    /// <summary>Nothing is wrong any more, and what a killed run left open is settled.</summary>
    private async Task RecoverAsync(PlexServer owner, PlexServer kid)
    {
        _killer.Disarm();
        _session.Plex.Faults.Clear();
        _session.Simulated.Switches.StartUp(writes: 0);
        foreach (var user in (PlexServer[])[kid, owner])
        {
            await Synchronizer.SettleAsync(user);
        }
    }

    private void Judge(Dictionary<(long User, string Key), ItemState> before, HashSet<string> agreed)
    {
        foreach (var ((user, key), state) in before)
        {
            var views = _session.Simulated.State(user, key).ViewCount;
            Assert.True(views <= Math.Max(1, state.ViewCount), Say($"{key} of {user} was counted twice: {state.ViewCount} became {views}"));
            Assert.True(views > 0 || !agreed.Contains(key), Say($"{key} of {user} is lost"));
        }
    }

    private async Task JudgeNextAsync(PlexServer owner, PlexServer kid, SyncOptions options)
    {
        var left = (await Synchronizer.PlanAsync(owner, [kid], options)).SelectMany(plan => plan.Changes).ToList();
        Assert.True(left.Count == 0, Say($"left to write: {string.Join(", ", left.Select(Of))}"));
    }

    private Dictionary<(long User, string Key), ItemState> Remember() =>
        Users.SelectMany(_ => Keys, (user, key) => (user, key))
            .ToDictionary(place => place, place => _session.Simulated.State(place.user, place.key));

    /// <summary>
    /// A process that is killed leaves its files as they are at that moment; what the test's process still writes is not in them.
    /// </summary>
    private void KeepFiles()
    {
        var kept = NewFolder();
        foreach (var file in Directory.EnumerateFiles(_folder, "*.json*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(kept, Path.GetRelativePath(_folder, file));
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            }
            else
            {
                Directory.CreateDirectory(
                    Path.GetDirectoryName(copy)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            File.Copy(file, copy);
        }

        (_folder, _synchronizer) = (kept, null);
    }

    private string NewFolder() => _root.CreateSubdirectory($"{++_folders}").FullName;

    private string Say(string fault) => $"{fault}\n{string.Join('\n', _log)}";

    private static string Of(PlannedChange change) =>
        $"{change.Item.RatingKey} {change.Before.ViewCount}/{change.Before.Position} to {change.After.ViewCount}/{change.After.Position} "
        + change.Reason;

    /// <summary>Kills a run at a request: before it is sent, or when it has taken effect. From then on nothing gets through.</summary>
    private sealed class Killer() : DelegatingHandler(PlexClient.CreateHttpHandler())
    {
        private readonly Lock _gate = new();
        private int _left = int.MaxValue;
        private bool _isBeforeEffect;
        private Action? _killed;

        public int Kills { get; private set; }

        public bool IsDead { get; private set; }

        public void Arm(int requests, bool isBeforeEffect, Action killed) =>
            (_left, _isBeforeEffect, _killed) = (requests, isBeforeEffect, killed);

        public void Disarm() => (_left, IsDead) = (int.MaxValue, false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isLast = Pass();
            var response = await base.SendAsync(request, cancellationToken);
            if (isLast)
            {
                Die();
            }

            return response;
        }

        /// <summary>True where the run dies when this request has been answered.</summary>
        private bool Pass()
        {
            lock (_gate)
            {
                if (IsDead)
                {
                    throw new IOException("The process is no more.");
                }

                if (_left == int.MaxValue || _left-- > 0)
                {
                    return false;
                }
            }

            if (_isBeforeEffect)
            {
                Die();
            }

            return true;
        }

        private void Die()
        {
            lock (_gate)
            {
                if (!IsDead)
                {
                    (IsDead, Kills) = (true, Kills + 1);
                    _killed?.Invoke();
                }
            }

            throw new IOException("The process is no more.");
        }
    }
}
