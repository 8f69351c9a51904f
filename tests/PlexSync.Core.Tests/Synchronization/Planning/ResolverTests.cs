namespace PlexSync.Core.Tests.Synchronization.Planning;

/// <summary>What the items of two users become, all copies of a work together.</summary>
public sealed class ResolverTests
{
    private static readonly SyncOptions TwoWay = new() { Direction = SyncDirection.TwoWay };

    private static SyncOptions Unwatched(SyncDirection direction = SyncDirection.OneWay) =>
        new() { Unwatched = true, Direction = direction };

    [Fact]
    public async Task Every_copy_of_the_target_gets_what_one_copy_of_the_source_has()
    {
        var users = (await TwoUsers.CreateAsync()).Source("s1", "1/0@5").Source("s2", "0/0").Target("t1", "0/0").Target("t2", "0/0");

        Assert.Equal(["Kid t1: 1/0@5 sourceWatched", "Kid t2: 1/0@5 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Copies_of_the_source_count_together_the_later_position_among_them()
    {
        var users = (await TwoUsers.CreateAsync()).Source("s1", "0/20@5").Source("s2", "0/30@9").Target("t1", "0/0");

        Assert.Equal(["Kid t1: 0/30@9 sourceInProgress"], users.Resolve());
    }

    [Fact]
    public async Task Policy_says_how_copies_count_together()
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = ConflictPolicies.Furthest }))
            .Source("s1", "0/30@5").Source("s2", "0/20@9").Target("t1", "0/0");

        Assert.Equal(["Kid t1: 0/30@9 sourceInProgress"], users.Resolve());
    }

    [Fact]
    public async Task Copies_count_together_under_a_policy_of_ones_own_as_they_do_for_newest()
    {
        var policy = new CustomPolicy(static context => context.ChangeTarget(context.Source, ChangeReason.SourceInProgress));
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = policy }))
            .Source("s1", "0/30@5").Source("s2", "0/20@9").Target("t1", "0/0");

        Assert.Equal(["Kid t1: 0/20@9 sourceInProgress"], users.Resolve());
    }

    [Fact]
    public async Task Works_are_decided_one_by_one()
    {
        var users = (await TwoUsers.CreateAsync())
            .Source("s1", "1/0@5", work: 1).Source("s2", "0/0", work: 2).Target("t1", "0/0", work: 1).Target("t2", "0/20@3", work: 2);

        Assert.Equal(["Kid t1: 1/0@5 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Source_stays_as_it_is_in_one_direction()
    {
        var users = (await TwoUsers.CreateAsync()).Source("s1", "0/0").Target("t1", "1/0@5");

        Assert.Empty(users.Resolve());
    }

    [Fact]
    public async Task Source_gets_what_the_target_has_in_two_directions()
    {
        var users = (await TwoUsers.CreateAsync(TwoWay)).Source("s1", "0/0").Target("t1", "1/0@5");

        Assert.Equal(["Owner s1: 1/0@5 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Copy_of_the_target_gets_what_another_has_by_way_of_the_source()
    {
        var users = (await TwoUsers.CreateAsync(TwoWay))
            .Source("s1", "0/0").Source("s2", "0/0").Target("t1", "1/0@5").Target("t2", "0/0");

        Assert.Equal(["Kid t2: 1/0@5 sourceWatched", "Owner s1: 1/0@5 sourceWatched", "Owner s2: 1/0@5 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Second_look_changes_nothing()
    {
        var users = (await TwoUsers.CreateAsync(TwoWay)).Source("s1", "1/0@5").Target("t1", "0/0").Target("t2", "0/20@7");

        Assert.True(users.TryResolve());
        Assert.False(users.TryResolve());
    }

    [Fact]
    public async Task Position_that_stays_keeps_its_date_where_dates_decide()
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = ConflictPolicies.Newest }))
            .Source("s1", "1/0@5").Target("t1", "0/30@9");

        Assert.Equal(["Kid t1: 1/30@9 sourceWatched"], users.Resolve());
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Work_is_in_scope_when_the_source_has_viewed_a_copy_since(int since, bool isInScope)
    {
        var users = (await TwoUsers.CreateAsync(Since(since))).Source("s1", "1/0@1").Source("s2", "1/0@5").Target("t1", "0/0");

        Assert.Equal(isInScope ? ["Kid t1: 1/0@5 sourceWatched"] : [], users.Resolve());
    }

    [Fact]
    public async Task Work_that_only_the_target_has_viewed_since_is_in_scope_in_two_directions()
    {
        var (one, two) = (await TwoUsers.CreateAsync(Since(5)), await TwoUsers.CreateAsync(Since(5, SyncDirection.TwoWay)));

        Assert.Empty(one.Source("s1", "1/0@1").Target("t1", "0/20@9").Resolve());
        Assert.Equal(["Kid t1: 1/0@1 sourceWatched"], two.Source("s1", "1/0@1").Target("t1", "0/20@9").Resolve());
    }

    [Fact]
    public async Task Work_for_which_another_target_has_brought_something_is_in_scope()
    {
        var users = (await TwoUsers.CreateAsync(Since(5, SyncDirection.TwoWay)))
            .Source("s1", "0/0").Target("t1", "0/0").Move("s1", "1/0@1");

        Assert.Equal(["Kid t1: 1/0@1 sourceWatched", "Owner s1: 1/0@1 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Policy_is_not_asked_about_what_nobody_has_a_state_on()
    {
        var policy = new CustomPolicy(static context => context.Unchanged());
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = policy })).Source("s1", "0/0").Target("t1", "0/0");

        Assert.False(users.TryResolve());
        Assert.Equal(0, policy.Asked);
    }

    [Fact]
    public async Task Changes_of_another_kind_than_asked_for_are_left_out()
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Only = StateKind.Progress }))
            .Source("s1", "1/0@5", work: 1).Source("s2", "0/20@5", work: 2).Target("t1", "0/0", work: 1).Target("t2", "0/0", work: 2);

        Assert.Equal(["Kid t2: 0/20@5 sourceInProgress"], users.Resolve());
    }

    [Fact]
    public async Task Damaged_state_of_the_source_is_not_taken_for_never_watched()
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = ConflictPolicies.Mirror }))
            .Source("s1", "0/0", isDamaged: true).Target("t1", "1/0@5");

        Assert.Equal(["Kid t1: StateDamaged"], users.Resolve());
    }

    [Fact]
    public async Task Damaged_state_of_the_target_is_left_alone()
    {
        var users = (await TwoUsers.CreateAsync()).Source("s1", "1/0@5").Target("t1", "0/0", isDamaged: true);

        Assert.Equal(["Kid t1: StateDamaged"], users.Resolve());
    }

    [Fact]
    public async Task Damaged_state_of_one_copy_leaves_all_copies_alone_and_no_other_work()
    {
        var users = (await TwoUsers.CreateAsync())
            .Source("s1", "1/0@5", work: 1).Source("s2", "0/0", work: 1, isDamaged: true).Source("s3", "1/0@5", work: 2)
            .Target("t1", "0/0", work: 1).Target("t2", "0/0", work: 1).Target("t3", "0/0", work: 2);

        Assert.Equal(["Kid t1: StateDamaged", "Kid t2: StateDamaged", "Kid t3: 1/0@5 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Damaged_state_leaves_both_sides_alone_in_two_directions()
    {
        var users = (await TwoUsers.CreateAsync(TwoWay)).Source("s1", "0/20@5").Target("t1", "1/0@5", isDamaged: true);

        Assert.Equal(["Kid t1: StateDamaged", "Owner s1: StateDamaged"], users.Resolve());
    }

    [Theory]
    [InlineData(SyncDirection.OneWay, "Kid t1: 1/0@5 sourceWatched")]
    [InlineData(SyncDirection.TwoWay, "Kid t1: StateDamaged", "Owner s1: StateDamaged")]
    public async Task Damaged_state_of_another_user_counts_where_it_could_come_here_by_way_of_the_source(
        SyncDirection direction, params string[] planned)
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Direction = direction }))
            .Source("s1", "1/0@5").Target("t1", "0/0").DamagedForSomebody("s1");

        Assert.Equal(planned, users.Resolve());
    }

    [Fact]
    public async Task Target_is_unwatched_when_both_had_watched_and_the_source_has_unwatched()
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched())).Source("s1", "0/0").Target("t1", "1/0@5").AgreedAsync("s1", "t1");

        Assert.Equal(["Kid t1: 0/0 sourceUnwatched"], users.Resolve());
    }

    [Fact]
    public async Task Every_copy_is_unwatched_and_keeps_its_rating()
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched()))
            .Source("s1", "0/0").Target("t1", "1/0@5*8").Target("t2", "3/20@5").AgreedAsync("s1", "t1");

        Assert.Equal(["Kid t1: 0/0*8 sourceUnwatched", "Kid t2: 0/0 sourceUnwatched"], users.Resolve());
    }

    [Theory]
    [InlineData(SyncDirection.TwoWay, "Owner s1: 0/0 sourceUnwatched")]
    [InlineData(SyncDirection.OneWay, "Kid t1: 1/0@5 sourceWatched")]
    public async Task Source_is_unwatched_after_the_target_in_two_directions_only(SyncDirection direction, string planned)
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched(direction)))
            .Source("s1", "1/0@5").Target("t1", "0/0").AgreedAsync("s1", "t1");

        Assert.Equal([planned], users.Resolve());
    }

    [Theory]
    [InlineData(SyncDirection.OneWay)]
    [InlineData(SyncDirection.TwoWay, "Owner s1: 1/0@5 sourceWatched")]
    public async Task Nothing_is_unwatched_that_was_never_agreed_on(SyncDirection direction, params string[] planned)
    {
        var users = (await TwoUsers.CreateAsync(Unwatched(direction))).Source("s1", "0/0").Target("t1", "1/0@5");

        Assert.Equal(planned, users.Resolve());
    }

    [Theory]
    [InlineData(SyncDirection.OneWay)]
    [InlineData(SyncDirection.TwoWay)]
    public async Task Copy_watched_since_both_unwatched_what_they_agreed_on_is_nobodys_unwatching(SyncDirection direction)
    {
        var users = (await (await TwoUsers.CreateAsync(Unwatched(direction)))
            .Source("s1", "0/0").Source("s2", "1/0@5").Target("t1", "0/0").AgreedAsync("s1", "t1")).Swept();

        Assert.DoesNotContain(users.Resolve(), static change => change.Contains("Unwatched", StringComparison.Ordinal));
        Assert.Contains("Kid t1: 1/0@5 sourceWatched", users.Resolve());
    }

    [Fact]
    public async Task Copy_of_the_target_watched_since_both_unwatched_what_they_agreed_on_stays_watched()
    {
        var users = (await (await TwoUsers.CreateAsync(Unwatched()))
            .Source("s1", "0/0").Target("t1", "0/0").Target("t2", "1/0@5").AgreedAsync("s1", "t1")).Swept();

        Assert.Empty(users.Resolve());
    }

    [Fact]
    public async Task Nothing_is_unwatched_when_it_was_not_asked_for()
    {
        var users = await (await TwoUsers.CreateAsync()).Source("s1", "0/0").Target("t1", "1/0@5").AgreedAsync("s1", "t1");

        Assert.Empty(users.Resolve());
    }

    [Theory]
    [InlineData("0/20@9")]
    [InlineData("1/0@3")]
    public async Task Nothing_is_unwatched_while_the_source_has_a_state_on_any_copy(string state)
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched()))
            .Source("s1", "0/0").Source("s2", state).Target("t1", "1/0@5").AgreedAsync("s1", "t1");

        Assert.DoesNotContain("Kid t1: 0/0 sourceUnwatched", users.Resolve());
    }

    [Theory]
    [InlineData(SyncDirection.OneWay)]
    [InlineData(SyncDirection.TwoWay)]
    public async Task Nothing_is_unwatched_or_watched_again_when_a_copy_may_not_have_been_read(SyncDirection direction)
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched(direction), isSourceWhole: false))
            .Source("s1", "0/0").Target("t1", "1/0@5").AgreedAsync("s1", "t1");

        Assert.Equal(["Kid t1: CopyNotRead"], users.Resolve());
    }

    [Fact]
    public async Task Nothing_is_unwatched_or_watched_again_while_a_run_on_the_source_is_open()
    {
        var users = await (await TwoUsers.CreateAsync(Unwatched(SyncDirection.TwoWay)))
            .Source("s1", "0/0").Target("t1", "1/0@5").Unsettled().AgreedAsync("s1", "t1");

        Assert.Equal(["Kid t1: SourceUnsettled"], users.Resolve());
    }

    [Theory]
    [InlineData(true, "Kid t1: 0/0 sourceUnwatched")]
    [InlineData(false, "Kid t1: CopyNotRead")]
    public async Task Mirror_takes_away_what_the_source_has_not_when_all_its_copies_were_read(bool isWhole, string planned)
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = ConflictPolicies.Mirror }, isWhole))
            .Source("s1", "0/0").Target("t1", "1/0@5");

        Assert.Equal([planned], users.Resolve());
    }

    [Fact]
    public async Task Policy_is_told_what_was_agreed_on()
    {
        var agreed = new List<WatchState?>();
        var policy = new CustomPolicy(context =>
        {
            agreed.Add(context.Baseline);
            return context.Unchanged();
        });
        var users = await (await TwoUsers.CreateAsync(new SyncOptions { Policy = policy, Unwatched = true }))
            .Source("s1", "1/0@5", work: 1).Source("s2", "1/0@5", work: 2).Target("t1", "1/0@5", work: 1).Target("t2", "1/0@5", work: 2)
            .AgreedAsync("s1", "t1");

        users.Resolve();

        Assert.Equal([true, null], agreed.Select(static state => state?.IsWatched));
    }

    [Fact]
    public async Task Policy_that_never_comes_to_rest_is_asked_eight_times()
    {
        var policy = new CustomPolicy(static context => context.ChangeTarget(
            context.Target with { Position = context.Target.Position + TimeSpan.FromMinutes(2) }, ChangeReason.SourceInProgress));
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Policy = policy })).Source("s1", "0/20@5").Target("t1", "0/10@3");

        Assert.Equal(["Kid t1: 0/26@5 sourceInProgress"], users.Resolve());
        Assert.Equal(8, policy.Asked);
    }

    [Fact]
    public async Task Ratings_stay_where_they_are_when_they_were_not_asked_for()
    {
        var users = (await TwoUsers.CreateAsync()).Source("s1", "1/0@5*8").Target("t1", "0/0*3");

        Assert.Equal(["Kid t1: 1/0@5*3 sourceWatched"], users.Resolve());
    }

    [Fact]
    public async Task Rating_of_one_copy_is_given_to_all_even_where_nothing_was_watched()
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Ratings = true }))
            .Source("s1", "0/0").Source("s2", "0/0*8").Target("t1", "0/0").Target("t2", "0/0*3");

        Assert.Equal(["Kid t1: 0/0*8", "Kid t2: 0/0*8"], users.Resolve());
    }

    [Theory]
    [InlineData("0/0", "Owner s1: 0/0*3")]
    [InlineData("0/0*8", "Kid t1: 0/0*8")]
    public async Task Rating_of_the_target_comes_back_where_the_source_has_none(string source, string planned)
    {
        var users = (await TwoUsers.CreateAsync(new SyncOptions { Ratings = true, Direction = SyncDirection.TwoWay }))
            .Source("s1", source).Target("t1", "0/0*3");

        Assert.Equal([planned], users.Resolve());
    }

    private static SyncOptions Since(int seconds, SyncDirection direction = SyncDirection.OneWay) =>
        new() { Since = States.Start.AddSeconds(seconds), Direction = direction };

    private sealed class CustomPolicy(Func<ConflictContext, Resolution> rule) : IConflictPolicy
    {
        public string Name => "custom";

        public int Asked { get; private set; }

        public Resolution Resolve(in ConflictContext context)
        {
            Asked++;
            return rule(context);
        }
    }
}
