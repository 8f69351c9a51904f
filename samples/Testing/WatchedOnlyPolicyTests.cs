using PlexSync;

namespace MovieNights;

/// <summary>A policy is a function of two states: it needs no server to be tested.</summary>
public sealed class WatchedOnlyPolicyTests
{
    private static readonly WatchState Watched = new() { ViewCount = 2 };
    private static readonly WatchState HalfWay = new() { Position = TimeSpan.FromMinutes(50) };

    [Fact]
    public void What_the_source_has_watched_becomes_watched() => Assert.Equal(1, Resolve(Watched, default).Target.ViewCount);

    [Fact]
    public void A_position_is_not_copied() => Assert.True(Resolve(HalfWay, default).Target.IsEmpty);

    [Fact]
    public void What_the_target_has_begun_is_left_alone() => Assert.Equal(HalfWay, Resolve(Watched, HalfWay).Target);

    private static Resolution Resolve(WatchState source, WatchState target)
    {
        var arrival = new MediaItem { RatingKey = RatingKey.Parse("1"), Type = MediaType.Movie, Title = "Arrival" };
        return new WatchedOnlyPolicy().Resolve(new ConflictContext { Item = arrival, Source = source, Target = target });
    }
}
