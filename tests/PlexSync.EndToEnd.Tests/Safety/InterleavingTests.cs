using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>
/// Two runs at a time that share a user, in any roles, on one journal: whatever the order of their requests, no view is counted twice, and
/// none is taken away that would not be if one run came after the other.
/// </summary>
public sealed class InterleavingTests : IAsyncDisposable
{
    private const int Minute = 60_000;

    private static readonly long[] Users = [1001, 1002, 1003];
    private static readonly string[] Keys = ["1", "2", "3", "4", "5", "6", "7", "8"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-interleaving-");
    private readonly List<HttpClient> _clients = [];
    private readonly LeapingTime _time = new();
    private Session _session = null!;
    private int _journals;
    private int _quick;

    private enum Role
    {
        Mirror,
        Copy,
        Unwatched,
        TwoWayUnwatched,
        Merge,
        Undo,
    }

    private static int Cases => Thoroughness.IsAll ? 500 : 32;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runs_at_a_time_take_no_view_away_that_runs_in_turn_would_not(bool areQuick)
    {
        _session = await Session.StartAsync(Worlds.Small(clock: _time), time: _time);
        var turnstile = new Turnstile(2);
        var both = new[] { await ConnectAsync(turnstile, 0), await ConnectAsync(turnstile, 1) };
        var (taken, refused) = (0, 0);
        var cases = areQuick ? Cases / 2 : Cases;
        for (var seed = 0; seed < cases; seed++)
        {
            var outcome = await PlayAsync(seed, turnstile, both, areQuick);
            taken += outcome.Taken;
            refused += outcome.Refused;
        }

        // Cases in which nothing was at stake would show nothing.
        Assert.True(
            taken > cases / (areQuick ? 4 : 2) && refused >= cases / 100, $"{taken} views were taken away, {refused} runs refused");
        Assert.Equal(areQuick, _quick > cases / 4);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        await _session.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<Outcome> PlayAsync(int seed, Turnstile turnstile, PlexServer[][] both, bool areQuick)
    {
        var random = new Random(seed);
        var prepared = await PrepareAsync(random, both[0]);
        Job[] jobs = [Job.Draw(random, prepared.Undoable), Job.Draw(random, prepared.Undoable)];
        var start = Remember();
        var allowed = new HashSet<(long, string)>();
        foreach (var order in new int[][] { [0, 1], [1, 0] })
        {
            var journal = Begin(prepared.Folder, start);
            foreach (var at in order.Concat(order))
            {
                await RunAsync(jobs[at], both[at], journal, isFinal: false);
            }

            allowed.UnionWith(Follow(start).Taken);
        }

        // A quick run takes nothing away, but it may turn out to be a whole one.
        jobs = Array.ConvertAll(jobs, job => job with { IsQuick = areQuick });
        var shared = Begin(prepared.Folder, start);
        var refused = 0;
        var steps = await turnstile.PlayAsync(
            random,
            () => PlayAsync(0),
            () => PlayAsync(1));
        // What a run takes away later, with nothing beside it, the state of its source then asks for.
        var taken = Follow(start).Taken;
        for (var at = 0; at < jobs.Length; at++)
        {
            Assert.True(await RunAsync(jobs[at], both[at], shared, isFinal: true));
        }

        var context = $"seed {seed}: {jobs[0]} and {jobs[1]}, {string.Concat(steps)}";
        var counted = Follow(start).Counted;
        Assert.True(counted.Count == 0, $"{context}: counted twice: {string.Join(' ', counted)}");
        Assert.True(taken.IsSubsetOf(allowed), $"{context}: taken away: {string.Join(' ', taken.Except(allowed))}");
        Assert.All(await shared.ListRunsAsync(), run => Assert.True(run.IsFinished, $"{context}: {run.Id} is open"));
        return new Outcome(taken.Count, refused);

        async Task PlayAsync(int at)
        {
            if (!await RunAsync(jobs[at], both[at], shared, isFinal: false))
            {
                Interlocked.Increment(ref refused);
            }
        }
    }

    /// <summary>Three users who have agreed on some items, a run that can be undone, and what they have done since.</summary>
    private async Task<(string Folder, RunId? Undoable)> PrepareAsync(Random random, PlexServer[] users)
    {
        foreach (var key in Keys)
        {
            Array.ForEach(Users, user => _session.Simulated.SetState(user, key, Draw(random)));
        }

        var folder = NewFolder();
        var journal = new FileStore(folder, _time);
        foreach (var (source, target) in new[] { (0, 1), (1, 2), (0, 2), (0, 1) })
        {
            await RunAsync(new Job(Role.TwoWayUnwatched, [source, target]), users, journal, isFinal: false);
        }

        _session.Simulated.SetState(Users[0], Keys[random.Next(Keys.Length)], new ItemState(2, 0, 1_800_000_000));
        _session.Simulated.SetState(Users[1], Keys[random.Next(Keys.Length)], ItemState.None);
        await RunAsync(new Job(Role.Mirror, [0, 1]), users, journal, isFinal: false);
        foreach (var user in Users)
        {
            for (var acts = random.Next(4); acts > 0; acts--)
            {
                _session.Simulated.SetState(user, Keys[random.Next(Keys.Length)], Draw(random));
            }
        }

        return (folder, (await journal.ListRunsAsync()).FirstOrDefault(static run => run.Policy == "mirror")?.Id);
    }

    private static ItemState Draw(Random random) => random.Next(4) switch
    {
        0 => ItemState.None,
        1 => new ItemState(0, random.Next(2, 60) * Minute, 1_700_000_000 + random.Next(1000)),
        2 => new ItemState(random.Next(1, 4), random.Next(2, 60) * Minute, 1_700_000_000 + random.Next(1000)),
        _ => new ItemState(random.Next(1, 4), 0, 1_700_000_000 + random.Next(1000)),
    };

    /// <summary>False if another run held a user.</summary>
    private async Task<bool> RunAsync(Job job, PlexServer[] users, FileStore journal, bool isFinal)
    {
        // No two runs begin in the same second: only then are their names sure to differ.
        _time.Leap(TimeSpan.FromSeconds(2));
        var synchronizer = new WatchStateSynchronizer(journal);
        try
        {
            if (isFinal && job.Role is Role.Undo)
            {
                await synchronizer.SettleAsync(users[1]);
            }
            else if (await job.RunAsync(synchronizer, users) is ReadingScope.Changed)
            {
                Interlocked.Increment(ref _quick);
            }

            return true;
        }
        catch (PlexException e) when (!isFinal && e.Kind is PlexErrorKind.RunInProgress)
        {
            return false;
        }
    }

    private Dictionary<(long User, string Key), ItemState> Remember() =>
        Users.SelectMany(_ => Keys, static (user, key) => (user, key))
            .ToDictionary(static at => at, at => _session.Simulated.State(at.user, at.key));

    /// <summary>Everything as it was, with a journal of its own.</summary>
    private FileStore Begin(string folder, Dictionary<(long User, string Key), ItemState> states)
    {
        foreach (var (at, state) in states)
        {
            _session.Simulated.SetState(at.User, at.Key, state);
        }

        _session.Simulated.ClearWrites();
        var copy = NewFolder();
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(copy, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }

        return new FileStore(copy, _time);
    }

    private string NewFolder() => Path.Combine(_folder.FullName, $"{_journals++}");

    /// <summary>Which views were counted on top of others, and which of the start were taken away, whatever came after.</summary>
    private (HashSet<(long, string)> Counted, HashSet<(long, string)> Taken) Follow(Dictionary<(long User, string Key), ItemState> start)
    {
        var counts = start.ToDictionary(static at => at.Key, static at => at.Value.ViewCount);
        var (counted, taken) = (new HashSet<(long, string)>(), new HashSet<(long, string)>());
        foreach (var play in _session.Simulated.Writes)
        {
            var at = (play.UserId, play.RatingKey);
            if (play.Kind is WriteKind.Scrobble && counts[at]++ > 0)
            {
                counted.Add(at);
            }
            else if (play.Kind is WriteKind.Unscrobble)
            {
                _ = counts[at] > 0 && start[at].IsWatched && taken.Add(at);
                counts[at] = 0;
            }
        }

        return (counted, taken);
    }

    private async Task<PlexServer[]> ConnectAsync(Turnstile turnstile, int run)
    {
        var http = new HttpClient(turnstile.HandlerOf(run));
        _clients.Add(http);
        var client = new PlexClient(
            http,
            new PlexClientOptions
            {
                ClientIdentifier = $"interleaving-{run}",
                AccountUrl = _session.Plex.AccountUrl,
                RetryDelay = TimeSpan.FromMilliseconds(1),
                Timeout = TimeSpan.FromMinutes(2),
                // One request after the other, or the order would not be the seed's alone.
                MaxConcurrency = 1,
            },
            timeProvider: _time);
        var account = await client.SignInAsync(_session.World.Owner.AccountToken);
        var owner = await client.ConnectAsync(_session.Plex.ServerUrl, account);
        var switcher = new HomeUserSwitcher(client, account);
        return [owner, await switcher.SwitchAsync(owner, "Kid", null), await switcher.SwitchAsync(owner, "Teen", "4321")];
    }

    private sealed record Outcome(int Taken, int Refused);

    /// <summary>A run and its users, of whom the first is the source.</summary>
    private sealed record Job(Role Role, int[] Users, RunId? Undoes = null)
    {
        public bool IsQuick { get; init; }

        public static Job Draw(Random random, RunId? undoable)
        {
            var role = (Role)random.Next(undoable is null ? 5 : 6);
            var users = Enumerable.Range(0, 3).OrderBy(_ => random.Next()).ToArray();
            return new Job(role, role is Role.Merge && random.Next(2) == 0 ? users : role is Role.Undo ? [1] : users[..2], undoable);
        }

        public async Task<ReadingScope> RunAsync(WatchStateSynchronizer synchronizer, PlexServer[] servers)
        {
            var users = Array.ConvertAll(Users, user => servers[user]);
            var options = new SyncOptions
            {
                MaxRemovals = int.MaxValue,
                Policy = Role is Role.Mirror ? ConflictPolicies.Mirror : Role is Role.Merge ? ConflictPolicies.Furthest
                    : ConflictPolicies.Copy,
                Direction = Role is Role.TwoWayUnwatched ? SyncDirection.TwoWay : SyncDirection.OneWay,
                Unwatched = Role is Role.Unwatched or Role.TwoWayUnwatched,
                Quick = IsQuick,
            };
            var targets = Role switch
            {
                Role.Merge or Role.Undo => users,
                Role.TwoWayUnwatched => [users[1], users[0]],
                _ => [users[1]],
            };
            foreach (var target in targets)
            {
                await synchronizer.SettleAsync(target);
            }

            var plans = Role switch
            {
                Role.Merge => await synchronizer.PlanMergeAsync(users, options),
                Role.Undo => [await synchronizer.PlanUndoAsync(Undoes!.Value, users[0])],
                _ => await synchronizer.PlanAsync(users[0], [users[1]], options),
            };
            await synchronizer.ApplyAsync(plans, targets, options);
            return plans[0].Reading;
        }

        public override string ToString() => $"{Role} of {string.Join(", ", Users)}";
    }
}
