using Microsoft.Extensions.Time.Testing;

namespace PlexSync.Fleet.Tests.Storage;

public sealed class LeaseTests(PostgresServer postgres)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Holder_stops_before_the_lease_ends_by_a_clock_of_its_own()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        var time = new FakeTimeProvider();
        // Nothing is renewed: the clock stands still for the timer, too.
        store.OpenStore(out var leases, time);
        var lease = await leases.TryTakeAsync("target:x", Duration, Stopping);

        lease!.RequireFor(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(29));
        lease.RequireFor(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(1));

        var lost = Assert.Throws<PlexException>(() => lease.RequireFor(TimeSpan.FromSeconds(30)));
        Assert.Equal(PlexErrorKind.LeaseLost, lost.Kind);
        lease.RequireFor(TimeSpan.FromSeconds(29));
    }

    [Fact]
    public async Task Lease_is_held_by_one_until_it_is_released_or_has_ended()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        store.OpenStore(out var one);
        store.OpenStore(out var other);
        var first = await one.TryTakeAsync("job:x", Duration, Stopping);
        Assert.Null(await other.TryTakeAsync("job:x", Duration, Stopping));

        await first!.DisposeAsync();
        var second = await other.TryTakeAsync("job:x", Duration, Stopping);
        Assert.True(second!.Number > first.Number);

        await store.ExpireLeasesAsync();
        var third = await one.TryTakeAsync("job:x", Duration, Stopping);
        Assert.True(third!.Number > second.Number);
        // The former holder gives nothing back that is another's.
        await second.DisposeAsync();
        Assert.Null(await other.TryTakeAsync("job:x", Duration, Stopping));
    }

    [Fact]
    public async Task Lease_that_is_kept_is_renewed_and_one_that_was_taken_away_is_known_to_be()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        store.OpenStore(out var leases);
        var lease = leases.Keep((await leases.TryTakeAsync("job:x", TimeSpan.FromSeconds(5), Stopping))!);

        await Eventually.IsTrueAsync(
            async () => (await ReadEndAsync(store)) > TimeProvider.System.GetUtcNow().AddSeconds(4.5)
                && lease.Left > TimeSpan.FromSeconds(4.5),
            TimeSpan.FromSeconds(30),
            () => $"{lease.Left}");
        await store.ExpireLeasesAsync();
        await Eventually.IsTrueAsync(() => lease.Left == TimeSpan.Zero, TimeSpan.FromSeconds(30), () => $"{lease.Left}");
    }

    [Fact]
    public async Task Number_of_a_lease_grows_though_leases_are_forgotten()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        store.OpenStore(out var leases);
        var numbers = new List<long>();
        for (var at = 0; at < 3; at++)
        {
            var lease = await leases.TryTakeAsync("job:x", Duration, Stopping);
            numbers.Add(lease!.Number);
            await lease.DisposeAsync();
        }

        Assert.Equal(numbers.Order().Distinct(), numbers);
    }

    [Fact]
    public async Task Lease_is_over_for_a_machine_that_was_suspended_while_its_forward_clock_stood_still()
    {
        await using var store = await TestDatabase.CreateAsync(postgres);
        var time = new SuspendedTime();
        store.OpenStore(out var leases, time);
        var lease = await leases.TryTakeAsync("target:x", Duration, Stopping);

        time.Suspended = -Duration;
        lease!.RequireFor(TimeSpan.FromSeconds(30));
        time.Suspended = Duration;

        Assert.Equal(PlexErrorKind.LeaseLost, Assert.Throws<PlexException>(() => lease.RequireFor(TimeSpan.FromSeconds(30))).Kind);
    }

    private static async Task<DateTimeOffset> ReadEndAsync(TestDatabase store) => (await store.Open().QueryAsync(
        "select expires_at from leases", [], static row => row.GetFieldValue<DateTimeOffset>(0), Stopping)).Single();

    /// <summary>Linux does not count suspended time in the clock that only goes forward; only the time of day jumps.</summary>
    private sealed class SuspendedTime : FakeTimeProvider
    {
        public TimeSpan Suspended { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Suspended;
    }
}
