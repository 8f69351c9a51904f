namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Which jobs may stand beside each other: a table.</summary>
public sealed class SyncRouteTests
{
    /// <summary>
    /// Two jobs, as "policy Source → Targets", "↔" for both directions and "+" for a merge, and the user whose state would go back and
    /// forth; null where they may overlap.
    /// </summary>
    public static TheoryData<string, string, string?> Table { get; } = new()
    {
        // Two sources for one user.
        { "copy Ann → Kid", "copy Bob → Kid", "Kid" },
        { "copy Ann → Kid", "fill Bob → Kid", "Kid" },
        { "mirror Ann → Kid", "furthest Bob → Kid", "Kid" },
        { "copy Ann → Kid, Teen", "newest Bob → Teen", "Teen" },
        { "copy Ann → Kid", "newest Bob ↔ Kid", "Kid" },
        { "copy Ann → Kid", "newest Kid ↔ Bob", "Kid" },
        { "copy Ann → Kid", "furthest Bob + Kid", "Kid" },
        { "fill Ann → Kid", "fill Bob → Kid", null },
        { "fill Ann → Kid", "newest Bob → Kid", null },
        { "furthest Ann → Kid", "newest Bob ↔ Kid", null },
        { "copy Ann ↔ Kid", "fill Bob → Kid", null },

        // One source, several jobs.
        { "copy Ann → Kid", "mirror Ann → Kid", null },
        { "copy Ann → Kid", "copy Ann → Teen", null },
        { "copy Ann → Kid", "newest Ann ↔ Kid", null },
        { "copy Ann → Kid", "newest Kid ↔ Ann", null },
        { "copy Ann → Kid", "furthest Ann + Bob + Kid", null },

        // There and back, and on.
        { "copy Ann → Kid", "copy Kid → Ann", null },
        { "copy Ann → Kid", "copy Kid → Teen", null },
        { "copy Ann → Kid", "copy Bob → Teen", null },
        { "mirror Ann → Kid", "copy Kid → Teen", "Kid" },
        { "mirror Ann → Kid", "fill Kid → Ann", "Kid" },
        { "mirror Ann → Kid", "newest Ann ↔ Kid", "Kid" },
        { "mirror Ann → Kid", "furthest Ann + Bob + Kid", "Kid" },
        { "mirror Ann → Kid", "mirror Bob → Ann", "Ann" },
        { "mirror Ann → Kid", "newest Bob → Ann", null },
        { "mirror Ann → Kid, Teen", "copy Teen → Bob", "Teen" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Jobs_that_would_undo_each_other_are_found_in_either_order(string one, string other, string? user)
    {
        var (first, second) = (RouteOf(one), RouteOf(other));

        Assert.Equal(user is null ? null : new SyncLoop(first, second, UserOf(user)), SyncRoute.FindLoop([first, second]));
        Assert.Equal(user is null ? null : new SyncLoop(second, first, UserOf(user)), SyncRoute.FindLoop([second, first]));
    }

    [Fact]
    public void Policy_that_is_not_named_is_copy()
    {
        SyncRoute first = RouteOf("copy Ann → Kid"), second = RouteOf("fill Bob → Kid");

        Assert.NotNull(SyncRoute.FindLoop([first with { Job = new SyncJob { To = ["Kid"] } }, second]));
    }

    [Fact]
    public void Users_of_other_servers_are_others()
    {
        SyncRoute first = RouteOf("copy Ann → Kid"), second = RouteOf("copy Bob → Kid");
        var elsewhere = second.Targets[0] with { Server = MachineIdentifier.Parse("den") };

        Assert.Null(SyncRoute.FindLoop([first, second with { Targets = [elsewhere] }]));
    }

    [Theory]
    [InlineData("1", "2", false)]
    [InlineData("1", "1 2", true)]
    [InlineData("1", null, true)]
    public void Jobs_for_different_libraries_may_overlap(string one, string? other, bool isLoop)
    {
        var first = RouteOf("copy Ann → Kid") with { Libraries = KeysOf(one) };
        var second = RouteOf("copy Bob → Kid") with { Libraries = KeysOf(other) };

        Assert.Equal(isLoop, SyncRoute.FindLoop([first, second]) is not null);
    }

    [Fact]
    public void Every_pair_of_several_is_compared()
    {
        SyncRoute[] routes =
            [RouteOf("copy Ann → Kid"), RouteOf("fill Ann → Bob"), RouteOf("newest Teen ↔ Kid"), RouteOf("fill Ann → Zoe")];

        Assert.Equal(new SyncLoop(routes[0], routes[2], UserOf("Kid")), SyncRoute.FindLoop(routes));
        Assert.Null(SyncRoute.FindLoop([]));
    }

    private static SyncRoute RouteOf(string text)
    {
        var words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var users = words.Skip(1).Where(static word => char.IsLetter(word[0])).ToList();
        var job = new SyncJob { Policy = words[0], TwoWay = words.Contains("↔"), Users = words.Contains("+") ? users : [] };
        return new SyncRoute(job, UserOf(users[0]), [.. users.Skip(1).Select(UserOf)]);
    }

    private static ServerUser UserOf(string name) =>
        new(MachineIdentifier.Parse("nas"), new UserId(Array.IndexOf(["Ann", "Bob", "Kid", "Teen", "Zoe"], name) + 1));

    private static HashSet<LibraryKey>? KeysOf(string? keys) => keys?.Split(' ').Select(LibraryKey.Parse).ToHashSet();
}
