using PlexSync.Testing;

namespace PlexSync.Core.Tests.Synchronization.Planning;

/// <summary>Two directions with several targets: what comes from one of them by way of the source, and how that comes to rest.</summary>
public sealed class SeveralTargetsTests : IDisposable
{
    private readonly ViewingHousehold _home = new();
    private readonly MemoryStore _store = new();

    /// <summary>95 of 100 minutes are beyond the played threshold, and cannot be stored.</summary>
    [Theory]
    [InlineData("newest", "0/10@1 0/40@2 0/95@3", "0/40 0/40 0/95")]
    [InlineData("furthest", "0/10@1 0/40@2 0/95@3", "0/40 0/40 0/95")]
    [InlineData("newest", "0/0 1/95@4 1/70@4", "1/70 1/95 1/70")]
    [InlineData("newest", "0/40@1 0/40@5 0/70@2", "0/40 0/40 0/40")]
    public async Task All_comes_to_rest_in_one_run_in_whatever_order_the_targets_are_named(string policy, string before, string after)
    {
        foreach (var (number, order) in new int[][] { [1, 2], [2, 1] }.Index())
        {
            var key = $"{number + 1}";
            foreach (var (user, state) in before.Split(' ').Index())
            {
                var seen = States.Parse(state);
                var seconds = (seen.LastViewedAt - States.Start)?.TotalSeconds ?? 0;
                _home.View(1001 + user, key, seen.ViewCount, (int)seen.Position.TotalMinutes, _home.Now - 10_000 + (long)seconds);
            }

            await RunAsync(policy, order);
            Assert.Equal(after, Describe(key));

            _home.Writes.Clear();
            await RunAsync(policy, order);
            Assert.Empty(_home.Writes);
        }
    }

    public void Dispose()
    {
        _home.Dispose();
        _store.Dispose();
    }

    private string Describe(string key) => string.Join(' ', Enumerable.Range(1001, 3).Select(user => _home.StateOf(user, key))
        .Select(static state => $"{state.Views}/{state.Offset / 60_000}"));

    private async Task RunAsync(string policy, int[] order)
    {
        var users = await _home.ConnectAsync(3);
        var synchronizer = new WatchStateSynchronizer(_store);
        var options = new SyncOptions
        {
            Direction = SyncDirection.TwoWay,
            Policy = ConflictPolicies.All.Single(known => known.Name == policy),
        };
        var cancellation = TestContext.Current.CancellationToken;
        var plans = await synchronizer.PlanAsync(users[0], [.. order.Select(at => users[at])], options, null, cancellation);
        await synchronizer.ApplyAsync(plans, users, options, null, cancellation);
    }
}
