namespace PlexSync.Core.Tests.Synchronization;

/// <summary>
/// The rules of <c>newest</c> and <c>fill</c>, what each policy makes of ratings and of several copies, and how policies are found.
/// </summary>
public sealed class NewestAndFillPolicyTests
{
    private static readonly MediaItem Movie = new(
        )
    { RatingKey = RatingKey.Parse("1"), Type = MediaType.Movie, Title = "Movie", Duration = TimeSpan.FromMinutes(100) };

    [Theory]
    [InlineData(1, 9, 20)]
    [InlineData(9, 1, 50)]
    public void Newest_takes_the_position_of_the_side_viewed_last(int target, int source, int expected) =>
        AssertResolves(
            ConflictPolicies.Newest,
            State(position: 20, day: source),
            State(position: 50, day: target),
            State(position: expected, day: target),
            expected == 50 ? "" : "sourceInProgress");

    [Theory]
    [InlineData(20, 50, 50)]
    [InlineData(50, 20, 50)]
    public void Newest_takes_the_larger_position_when_both_were_viewed_at_once(int source, int target, int expected) =>
        Assert.Equal(
            State(position: expected, day: 5),
            Resolve(ConflictPolicies.Newest, State(position: source, day: 5), State(position: target, day: 5)).Target);

    [Fact]
    public void Newest_takes_a_date_before_none() =>
        Assert.Equal(
            TimeSpan.FromMinutes(20), Resolve(ConflictPolicies.Newest, State(position: 20, day: 1), State(position: 50)).Target.Position);

    [Fact]
    public void Newest_ignores_the_date_of_a_state_without_views_and_position() =>
        AssertResolves(ConflictPolicies.Newest, State(day: 9), State(position: 50, day: 1), State(position: 50, day: 1), "");

    [Fact]
    public void Newest_keeps_the_views_of_a_target_that_has_watched() =>
        AssertResolves(
            ConflictPolicies.Newest,
            State(views: 1, position: 20, day: 9),
            State(views: 3, day: 1),
            State(views: 3, position: 20, day: 1),
            "sourceRewatching");

    [Fact]
    public void Newest_never_ends_what_is_watched_again() =>
        AssertResolves(
            ConflictPolicies.Newest,
            State(views: 1, day: 9),
            State(views: 1, position: 50, day: 1),
            State(views: 1, position: 50, day: 1),
            "");

    [Fact]
    public void Newest_marks_watched_once_when_only_the_source_has_watched() =>
        AssertResolves(
            ConflictPolicies.Newest,
            State(views: 4, day: 1),
            State(position: 50, day: 9),
            State(views: 1, position: 50, day: 9),
            "sourceWatched");

    [Fact]
    public void Newest_changes_nothing_when_both_are_equal() =>
        AssertResolves(ConflictPolicies.Newest, State(views: 2, day: 9), State(views: 1, day: 1), State(views: 1, day: 1), "");

    [Fact]
    public void Fill_leaves_alone_whatever_has_a_state() =>
        AssertResolves(ConflictPolicies.Fill, State(views: 1), State(position: 20), State(position: 20), "");

    [Fact]
    public void Fill_gives_a_target_without_state_what_the_source_has() =>
        AssertResolves(ConflictPolicies.Fill, State(position: 20), default, State(position: 20), "sourceInProgress");

    [Fact]
    public void Furthest_leaves_an_equal_position_alone() =>
        AssertResolves(
            ConflictPolicies.Furthest, State(
                position: 20) with
            {
                Position = TimeSpan.FromMinutes(
                    20) + TimeSpan.FromSeconds(1)
            }, State(position: 20), State(position: 20), "");

    [Theory]
    [InlineData("copy", 8.0, 6.0, 8.0)]
    [InlineData("copy", null, 6.0, 6.0)]
    [InlineData("copy", 8.0, null, 8.0)]
    [InlineData("fill", 8.0, 6.0, 6.0)]
    [InlineData("fill", 8.0, null, 8.0)]
    [InlineData("fill", null, 6.0, 6.0)]
    [InlineData("furthest", 8.0, 6.0, 8.0)]
    [InlineData("furthest", 6.0, 8.0, 8.0)]
    [InlineData("furthest", 0.0, null, 0.0)]
    [InlineData("furthest", null, 0.0, 0.0)]
    [InlineData("newest", 8.0, 6.0, 8.0)]
    [InlineData("newest", 6.0, 8.0, 8.0)]
    [InlineData("newest", 6.0, null, 6.0)]
    [InlineData("newest", null, 6.0, 6.0)]
    [InlineData("mirror", 6.0, 8.0, 6.0)]
    [InlineData("mirror", null, 8.0, null)]
    public void Rating_of_the_target_is_as_the_policy_says(string name, double? source, double? target, double? expected)
    {
        var (mine, theirs) = (State(views: 1) with { UserRating = source }, State(views: 1) with { UserRating = target });

        Assert.Equal(expected, Resolve(Policy(name), mine, theirs).Target.UserRating);
        // In one direction the source keeps its own, whatever it is.
        Assert.Equal(mine, Resolve(Policy(name), mine, theirs).Source);
    }

    [Theory]
    [InlineData("copy", 8.0, 6.0, 8.0)]
    [InlineData("copy", null, 6.0, 6.0)]
    [InlineData("copy", 8.0, null, 8.0)]
    [InlineData("fill", 8.0, 6.0, 8.0)]
    [InlineData("fill", null, 6.0, 6.0)]
    [InlineData("furthest", 6.0, 8.0, 8.0)]
    [InlineData("furthest", 8.0, 6.0, 8.0)]
    [InlineData("newest", null, 6.0, 6.0)]
    [InlineData("newest", 6.0, 8.0, 8.0)]
    public void Rating_of_the_source_is_as_the_policy_says_when_both_may_change(
        string name, double? source, double? target, double? expected) =>
        Assert.Equal(
            expected,
            Resolve(
                Policy(name),
                State(views: 1) with { UserRating = source },
                State(views: 1) with { UserRating = target },
                SyncDirection.TwoWay).Source.UserRating);

    [Theory]
    [InlineData(9, 1, 6.0)]
    [InlineData(1, 9, 8.0)]
    [InlineData(5, 5, 8.0)]
    [InlineData(5, null, 6.0)]
    [InlineData(null, 5, 8.0)]
    public void Newest_takes_the_rating_that_was_given_last(int? source, int? target, double expected)
    {
        var (mine, theirs) = (Rated(6, source), Rated(8, target));

        Assert.Equal(expected, Resolve(ConflictPolicies.Newest, mine, theirs).Target.UserRating);
        Assert.Equal(expected, Resolve(ConflictPolicies.Newest, theirs, mine).Target.UserRating);
    }

    [Theory]
    [InlineData("furthest")]
    [InlineData("newest")]
    public void Copies_of_a_work_count_together_in_any_order(string name)
    {
        WatchState[] states =
        [
            default, State(day: 9), State(views: 2, day: 1), State(views: 1, position: 30, day: 5), State(position: 10, day: 9),
            State(position: 40, day: 2), Rated(6, 1), Rated(8, 2),
        ];

        foreach (var one in states)
        {
            foreach (var other in states)
            {
                var (together, turned) = (
                    ((BuiltInPolicy)Policy(name)).Combine(one, other), ((BuiltInPolicy)Policy(name)).Combine(other, one));

                Assert.Equal(
                    (together.ViewCount, together.Position, together.UserRating), (turned.ViewCount, turned.Position, turned.UserRating));
            }
        }
    }

    [Fact]
    public void Furthest_counts_copies_as_watched_without_a_position_when_one_is_watched() =>
        Assert.Equal(State(views: 2, day: 9), new FurthestPolicy().Combine(State(views: 2, day: 1), State(position: 50, day: 9)));

    [Theory]
    [InlineData(20, 50)]
    [InlineData(50, 20)]
    public void Furthest_takes_the_larger_position_of_two_copies(int one, int other) =>
        Assert.Equal(
            State(position: 50, day: 9),
            new FurthestPolicy().Combine(State(position: one, day: one == 50 ? 9 : 1), State(position: other, day: one == 50 ? 1 : 9)));

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(9, 1, 9)]
    [InlineData(null, 1, 1)]
    [InlineData(1, null, 1)]
    public void Furthest_dates_copies_by_the_one_viewed_last(int? one, int? other, int expected) =>
        Assert.Equal(
            State(day: expected).LastViewedAt,
            new FurthestPolicy().Combine(State(views: 1, day: one), State(views: 1, day: other)).LastViewedAt);

    [Theory]
    [InlineData(null, 0.0, 0.0)]
    [InlineData(0.0, null, 0.0)]
    [InlineData(6.0, 8.0, 8.0)]
    [InlineData(8.0, 6.0, 8.0)]
    [InlineData(null, null, null)]
    public void Furthest_takes_the_higher_rating_of_two_copies_and_no_date(double? one, double? other, double? expected)
    {
        var together = new FurthestPolicy().Combine(Rated(one, 1), Rated(other, 9));

        Assert.Equal((expected, null), (together.UserRating, together.LastRatedAt));
    }

    [Fact]
    public void Newest_takes_the_views_of_one_copy_and_the_position_of_the_other() =>
        Assert.Equal(
            State(views: 2, position: 50, day: 9), BuiltInPolicy.Merge(State(views: 2, day: 1), State(views: 1, position: 50, day: 9)));

    [Fact]
    public void Later_is_a_date_after_another_or_before_none()
    {
        var date = States.Now;

        Assert.True(BuiltInPolicy.IsLater(date, null));
        Assert.True(BuiltInPolicy.IsLater(date.AddSeconds(1), date));
        Assert.False(BuiltInPolicy.IsLater(date, date));
        Assert.False(BuiltInPolicy.IsLater(null, date));
        Assert.False(BuiltInPolicy.IsLater(null, null));
    }

    [Theory]
    [InlineData("copy", 0, 0, 1, 0, 1, 0, "sourceWatched")]
    [InlineData("copy", 0, 0, 1, 30, 1, 30, "sourceWatched")]
    [InlineData("copy", 0, 20, 1, 30, 1, 0, "sourceWatched")]
    [InlineData("copy", 0, 0, 0, 30, 0, 30, "sourceInProgress")]
    [InlineData("copy", 0, 20, 0, 30, 0, 20, "")]
    [InlineData("copy", 1, 0, 0, 30, 1, 0, "")]
    [InlineData("copy", 2, 0, 1, 0, 2, 0, "")]
    [InlineData("fill", 0, 20, 1, 0, 1, 0, "sourceWatched")]
    [InlineData("furthest", 0, 20, 0, 30, 0, 30, "sourceInProgress")]
    [InlineData("newest", 0, 0, 0, 30, 0, 30, "sourceInProgress")]
    public void Source_is_brought_up_when_both_may_change(
        string name, int views, int position, int targetViews, int targetPosition, int expectedViews, int expectedPosition, string reason)
    {
        var resolution = Resolve(Policy(name), State(views, position), State(targetViews, targetPosition), SyncDirection.TwoWay);

        Assert.Equal((State(expectedViews, expectedPosition), reason), (resolution.Source, resolution.SourceReason.ToString()));
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("fill")]
    [InlineData("furthest")]
    [InlineData("newest")]
    [InlineData("mirror")]
    public void Source_stays_as_it_is_in_one_direction(string name)
    {
        var source = State(position: 20, day: 1) with { UserRating = 2 };

        var resolution = Resolve(Policy(name), source, State(views: 1, position: 30, day: 9) with { UserRating = 9 });

        Assert.Equal((source, ""), (resolution.Source, resolution.SourceReason.ToString()));
    }

    [Fact]
    public void Policies_are_found_by_their_names()
    {
        string[] names = ["copy", "fill", "furthest", "newest", "mirror"];

        Assert.Equal(names, ConflictPolicies.All.Select(static policy => policy.Name));
        Assert.Equal(["furthest", "newest"], ConflictPolicies.Merging.Select(static policy => policy.Name));
        Assert.All(names, static name => Assert.True(ConflictPolicies.TryGet(name, out var policy) && policy.Name == name));
        Assert.False(ConflictPolicies.TryGet("other", out var none));
        Assert.Null(none);
    }

    private static IConflictPolicy Policy(string name) =>
        ConflictPolicies.TryGet(name, out var policy) ? policy : throw new ArgumentException(name, nameof(name));

    private static Resolution Resolve(
        IConflictPolicy policy, WatchState source, WatchState target, SyncDirection direction = SyncDirection.OneWay) =>
        policy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target, Direction = direction });

    private static void AssertResolves(IConflictPolicy policy, WatchState source, WatchState target, WatchState expected, string reason)
    {
        var resolution = Resolve(policy, source, target);

        Assert.Equal((expected, reason), (resolution.Target, resolution.Reason.ToString()));
    }

    private static WatchState Rated(double? rating, int? day) =>
        new() { UserRating = rating, LastRatedAt = day is { } number ? States.Now.AddDays(number - 30) : null };

    private static WatchState State(int views = 0, int position = 0, int? day = null) => new()
    {
        ViewCount = views,
        Position = TimeSpan.FromMinutes(position),
        LastViewedAt = day is { } number ? States.Now.AddDays(number - 30) : null,
    };
}
