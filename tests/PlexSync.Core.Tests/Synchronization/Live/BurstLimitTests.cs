namespace PlexSync.Core.Tests.Synchronization;

/// <summary>How much live runs may write in a minute.</summary>
public sealed class BurstLimitTests
{
    private readonly BurstLimit _limit = new(most: 3);

    [Fact]
    public void As_much_as_the_limit_is_written_and_more_is_not()
    {
        Assert.True(_limit.TryAdd([PlanOf(1, 3)], TimeSpan.Zero));
        Assert.False(_limit.TryAdd([PlanOf(1, 1)], TimeSpan.FromSeconds(59)));
        Assert.True(_limit.TryAdd([PlanOf(1, 1)], TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Each_target_counts_for_itself_and_all_plans_go_together()
    {
        Assert.True(_limit.TryAdd([PlanOf(1, 2), PlanOf(2, 2)], TimeSpan.Zero));
        Assert.False(_limit.TryAdd([PlanOf(1, 1), PlanOf(2, 2)], TimeSpan.Zero));
        Assert.True(_limit.TryAdd([PlanOf(1, 1), PlanOf(2, 1)], TimeSpan.Zero));
    }

    [Fact]
    public void Plan_without_changes_is_never_too_much()
    {
        Assert.True(_limit.TryAdd([PlanOf(1, 3)], TimeSpan.Zero));
        Assert.True(_limit.TryAdd([PlanOf(1, 0)], TimeSpan.Zero));
    }

    private static SyncPlan PlanOf(int user, int changes) => Recorded.PlanFor(
        new ServerUser(MachineIdentifier.Parse("a1b2"), new UserId(user)),
        [.. Enumerable.Range(1, changes).Select(static key => Recorded.Change($"{key}", "0/0", "1/0"))]);
}
