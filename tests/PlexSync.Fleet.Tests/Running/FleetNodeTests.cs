using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Fleet.Running;

namespace PlexSync.Fleet.Tests.Running;

/// <summary>A name is one node's: the scheduler would take two of the same name for one.</summary>
public sealed class FleetNodeTests(PostgresServer postgres)
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_node_of_the_same_name_is_refused_and_the_first_goes_on()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var (first, _) = Open(database, "one");
        var time = new FakeTimeProvider();
        var (second, _) = Open(database, "one", time);
        await first.JoinAsync(Stopping);

        var joining = second.JoinAsync(Stopping);
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return joining.IsCompleted;
            },
            TimeSpan.FromMinutes(1),
            () => "It waits.");

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => joining);
        Assert.Equal(
            "Fleet:Node is 'one', which is the name of another node that is up. Give each node a name of its own.",
            Assert.Single(refused.Failures));
        await first.BeatOnceAsync(Stopping);
        Assert.Equal((false, 1), (first.IsReplaced, first.Nodes));
    }

    [Fact]
    public async Task Nodes_of_other_names_are_counted()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var (first, _) = Open(database, "one");
        var (second, _) = Open(database, "two");
        await first.JoinAsync(Stopping);
        await second.JoinAsync(Stopping);
        await first.BeatOnceAsync(Stopping);
        Assert.Equal((2, 2), (first.Nodes, second.Nodes));

        await second.LeaveAsync();

        await first.BeatOnceAsync(Stopping);
        Assert.Equal(1, first.Nodes);
    }

    [Fact]
    public async Task Name_of_a_node_that_was_killed_is_free_once_it_has_been_silent_and_a_node_that_wakes_up_then_stops()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var (halted, life) = Open(database, "one");
        var (next, _) = Open(database, "one");
        await halted.JoinAsync(Stopping);
        await database.Open().ExecuteAsync("update nodes set seen_at = seen_at - interval '16 s'", [], Stopping);

        await next.JoinAsync(Stopping);

        await halted.BeatOnceAsync(Stopping);
        Assert.True(halted.IsReplaced);
        Assert.True(life.ApplicationStopping.IsCancellationRequested);
        await halted.LeaveAsync();
        await next.BeatOnceAsync(Stopping);
        Assert.Equal((false, 1), (next.IsReplaced, next.Nodes));
    }

    [Fact]
    public async Task Node_says_by_itself_that_it_is_up()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var time = new FakeTimeProvider();
        var (first, _) = Open(database, "one", time);
        await first.JoinAsync(Stopping);
        await database.Open().ExecuteAsync("update nodes set seen_at = seen_at - interval '1 h'", [], Stopping);

        await Eventually.IsTrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(3));
                return (await database.Open().QueryAsync(
                    "select seen_at > now() - interval '1 min' from nodes", [], static row => row.GetBoolean(0), Stopping)).Single();
            },
            TimeSpan.FromMinutes(1),
            () => "It is silent.");
        await first.LeaveAsync();
    }

    private static (FleetNode Node, IHostApplicationLifetime Life) Open(TestDatabase database, string name, TimeProvider? time = null)
    {
        var life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var options = Options.Create(new FleetOptions { Node = name });
        return (new FleetNode(database.Open(), options, life, time ?? new FakeTimeProvider(), NullLogger<FleetNode>.Instance), life);
    }
}
