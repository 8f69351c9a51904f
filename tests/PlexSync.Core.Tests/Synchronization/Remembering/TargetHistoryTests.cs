using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What earlier runs did to a user, and what of it still counts.</summary>
public sealed class TargetHistoryTests : IAsyncLifetime
{
    private static readonly RatingKey Movie = RatingKey.Parse("1");

    private readonly FakeTimeProvider _time = new(States.Start);
    private readonly MemoryStore _store;
    private readonly PlexFake _plex;
    private PlexServer _user = null!;

    public TargetHistoryTests() => (_store, _plex) = (new MemoryStore(_time), new PlexFake(time: _time));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_that_a_run_left_counts_with_the_date_it_came_from()
    {
        await RunAsync(Recorded.Applied(Recorded.Change("1", "0/0", "1/0", source: 5), "1/0@100"));

        Assert.Equal("1/0@5", await DateAsync("1/0@100"));
    }

    [Theory]
    [InlineData("1/0@101")]
    [InlineData("1/0@99")]
    [InlineData("1/0")]
    [InlineData("2/0@100")]
    [InlineData("1/10@100")]
    [InlineData("0/0")]
    public async Task State_that_the_user_has_made_since_counts_as_it_is(string state)
    {
        await RunAsync(Recorded.Applied(Recorded.Change("1", "0/0", "1/0", source: 5), "1/0@100"));

        Assert.Equal(state, await DateAsync(state));
    }

    [Fact]
    public async Task State_of_an_item_that_no_run_wrote_counts_as_it_is()
    {
        await RunAsync(
            Recorded.Applied(Recorded.Change("2", "0/0", "1/0"), "1/0@100"),
            new ChangeResult { Change = Recorded.Change("1", "0/0", "1/0"), Outcome = ChangeOutcome.Skipped });

        Assert.Equal("1/0@100", await DateAsync("1/0@100"));
    }

    [Theory]
    [InlineData("1/20@200", "1/20@50")]
    [InlineData("1/0@100", "1/0@100")]
    public async Task Last_run_that_wrote_an_item_counts(string state, string expected)
    {
        await RunAsync(Recorded.Applied(Recorded.Change("1", "0/0", "1/0", source: 5), "1/0@100"));
        await RunAsync(Recorded.Applied(Recorded.Change("1", "1/0@100", "1/20", source: 50), "1/20@200"));

        Assert.Equal(expected, await DateAsync(state));
    }

    [Theory]
    [InlineData("1/0@15", "1/0@5")]
    [InlineData("1/0@100", "1/0@100")]
    public async Task State_whose_write_was_never_answered_is_the_runs_if_it_is_dated_to_when_that_was_sent(string state, string expected)
    {
        var lost = Recorded.Applied(Recorded.Change("1", "0/0", "1/0", source: 5), "1/0@15") with { Outcome = ChangeOutcome.Unknown };
        await _store.RunAsync(_user.ServerUser, sentAt: States.Start.AddSeconds(10), lost);

        Assert.Equal(expected, await DateAsync(state));
    }

    [Fact]
    public async Task Half_of_a_change_whose_write_was_never_answered_is_not_dated_to_its_source()
    {
        var change = Recorded.Change("1", "0/0", "1/20", source: 5);
        var lost = Recorded.Applied(change, "1/0@15") with { Outcome = ChangeOutcome.Unknown };
        await _store.RunAsync(_user.ServerUser, sentAt: States.Start.AddSeconds(10), lost);

        Assert.Equal("1/0@15", await DateAsync("1/0@15"));
    }

    [Theory]
    [InlineData(8.0, 5)]
    [InlineData(7.0, 100)]
    public async Task Rating_that_a_run_left_counts_with_the_date_it_came_from(double rating, int expected)
    {
        var change = Recorded.Rating("1", 8);
        await RunAsync(new ChangeResult { Change = change, Outcome = ChangeOutcome.Applied, StateAfterRun = change.After });
        var history = await ReadAsync();

        var state = history.Date(Movie, new WatchState { UserRating = rating, LastRatedAt = States.Start.AddSeconds(100) });

        Assert.Equal(States.Start.AddSeconds(expected), state.LastRatedAt);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(8, false)]
    [InlineData(-6, true)]
    [InlineData(-8, false)]
    public async Task What_was_not_kept_is_remembered_for_a_week_whatever_the_clock_said(int daysAgo, bool expected)
    {
        using var store = new MemoryStore(new FakeTimeProvider(States.Start.AddDays(-daysAgo)));
        var change = Recorded.Change("1", "0/0", "1/0");
        await store.RunAsync(_user.ServerUser, sentAt: null, Recorded.NotKept(change));

        Assert.Equal(expected, (await ReadAsync(store)).WasNotKept(change));
    }

    [Fact]
    public async Task Change_to_another_state_or_from_another_view_was_not_tried_before()
    {
        await RunAsync(Recorded.NotKept(Recorded.Change("1", "0/0", "1/0", source: 5)));
        var history = await ReadAsync();

        Assert.False(history.WasNotKept(Recorded.Change("1", "0/0", "1/0", source: 6)));
        Assert.False(history.WasNotKept(Recorded.Change("1", "0/0", "0/20", source: 5)));
        Assert.False(history.WasNotKept(Recorded.Change("2", "0/0", "1/0", source: 5)));
    }

    [Fact]
    public async Task Run_is_open_until_it_is_completed()
    {
        var change = Recorded.Change("1", "0/0", "1/0");
        var lease = await BeginAsync(change);
        var begun = await ReadAsync();
        await lease.DisposeAsync();
        var killed = await ReadAsync();
        await using var resumed = await _store.ResumeAsync((await _store.ListRunsAsync(cancellationToken: Cancellation))[0], Cancellation);
        await CompleteAsync(resumed, change);
        var completed = await ReadAsync();

        Assert.Equal(
            [lease.Run, lease.Run, null], ((TargetHistory[])[begun, killed, completed]).Select(static history => history.OpenRun));
        Assert.Equal(
            [true, true, false], ((TargetHistory[])[begun, killed, completed]).Select(static history => history.HasOpenRun));
    }

    [Fact]
    public async Task Own_run_does_not_count()
    {
        await using var lease = await BeginAsync(Recorded.Change("1", "0/0", "1/0"));

        var history = await TargetHistory.ReadAsync(_store, _user, Cancellation, own: lease.Run);

        Assert.False(history.HasOpenRun);
        Assert.True(await history.IsCurrentAsync(own: null, Cancellation));
    }

    [Fact]
    public async Task History_is_current_until_another_run_begins()
    {
        await RunAsync(Recorded.Applied(Recorded.Change("1", "0/0", "1/0"), "1/0@100"));
        var history = await ReadAsync();
        var before = await history.IsCurrentAsync(own: null, Cancellation);
        await using var lease = await BeginAsync(Recorded.Change("1", "1/0", "1/20"));

        Assert.True(before);
        Assert.False(await history.IsCurrentAsync(own: null, Cancellation));
        Assert.True(await history.IsCurrentAsync(own: lease.Run, Cancellation));
    }

    [Fact]
    public async Task History_with_an_open_run_is_current_until_that_run_ends()
    {
        var change = Recorded.Change("1", "0/0", "1/0");
        await using var lease = await BeginAsync(change);
        var history = await ReadAsync();
        var before = await history.IsCurrentAsync(own: null, Cancellation);
        await CompleteAsync(lease, change);

        Assert.True(before);
        Assert.False(await history.IsCurrentAsync(own: null, Cancellation));
    }

    [Fact]
    public async Task Run_on_another_user_changes_nothing()
    {
        var history = await ReadAsync();
        await _store.RunAsync(
            _user.ServerUser with { User = new UserId(7) },
            sentAt: null,
            Recorded.Applied(Recorded.Change("1", "0/0", "1/0"), "1/0@100"));

        Assert.True(await history.IsCurrentAsync(own: null, Cancellation));
        Assert.Equal("1/0@100", await DateAsync("1/0@100"));
    }

    [Fact]
    public async Task History_is_not_known_to_be_current_where_the_store_cannot_tell()
    {
        var store = DispatchProxy.Create<ISyncStore, FailingStore>();
        var history = await TargetHistory.ReadAsync(store, _user, Cancellation);

        Assert.False(await history.IsKnownToBeCurrentAsync(own: null, Cancellation));
    }

    [Fact]
    public async Task Without_a_store_nothing_has_happened()
    {
        var history = await TargetHistory.ReadAsync(store: null, _user, Cancellation);
        await history.ReadUnkeptAsync(Cancellation);
        await history.ReadWritesAsync(Cancellation);

        Assert.False(history.HasOpenRun);
        Assert.True(await history.IsCurrentAsync(own: null, Cancellation));
        Assert.False(history.WasNotKept(Recorded.Change("1", "0/0", "1/0")));
    }

    public async ValueTask InitializeAsync() => _user = await _plex.ConnectAsync();

    public ValueTask DisposeAsync()
    {
        _plex.Dispose();
        _store.Dispose();
        return default;
    }

    private Task<RunId> RunAsync(params ChangeResult[] results) => _store.RunAsync(_user.ServerUser, sentAt: null, results);

    private Task<IRunLease> BeginAsync(PlannedChange change) =>
        _store.BeginAsync(Recorded.PlanFor(_user.ServerUser, change), Cancellation);

    private async Task CompleteAsync(IRunLease lease, PlannedChange change) => await lease.CompleteAsync(
        Recorded.ReportOf(Recorded.PlanFor(_user.ServerUser, change), Recorded.Applied(change, "1/0@100")), Cancellation);

    private async Task<TargetHistory> ReadAsync(ISyncStore? store = null)
    {
        var history = await TargetHistory.ReadAsync(store ?? _store, _user, Cancellation);
        await history.ReadUnkeptAsync(Cancellation);
        await history.ReadWritesAsync(Cancellation);
        return history;
    }

    /// <summary>The date with which a state of the movie counts.</summary>
    private async Task<string> DateAsync(string state) => States.Write((await ReadAsync()).Date(Movie, States.Parse(state)));

    /// <summary>Knows of no run, and cannot be asked a second time.</summary>
    public class FailingStore : DispatchProxy
    {
        private bool _wasAsked;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (_wasAsked)
            {
                throw new PlexException(PlexErrorKind.JournalFailed, "The disk is gone.");
            }

            _wasAsked = true;
            return Task.FromResult<IReadOnlySet<RunMark>>(new HashSet<RunMark>());
        }
    }
}
