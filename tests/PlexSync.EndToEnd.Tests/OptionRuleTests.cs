using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>Options that do not go together are refused by kind and by name, before anything is asked of the server.</summary>
public sealed class OptionRuleTests
{
    [Theory]
    [InlineData("mirror", PlexErrorKind.OptionsConflict, "Policy", "TwoWay")]
    [InlineData("unwatched", PlexErrorKind.OptionsConflict, "Unwatched", "TwoWay")]
    [InlineData("no types", PlexErrorKind.InvalidOption, "Types", null)]
    [InlineData("shows", PlexErrorKind.InvalidOption, "Types", "show")]
    public async Task Plan_is_refused(string what, PlexErrorKind kind, string option, string? subject)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        PlexServer[] targets = [await session.SwitchAsync(server, "Kid"), await session.SwitchAsync(server, "Teen", "4321")];
        var options = what switch
        {
            "mirror" => new SyncOptions { Direction = SyncDirection.TwoWay, Policy = ConflictPolicies.Mirror },
            "unwatched" => new SyncOptions { Direction = SyncDirection.TwoWay, Unwatched = true },
            "no types" => new SyncOptions { Types = [] },
            _ => new SyncOptions { Types = [MediaType.Movie, MediaType.Parse("show")] },
        };
        var before = session.Client.Requests;

        var e = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.PlanAsync(server, targets, options));

        Assert.Equal((kind, PlexErrorCategory.Usage, option, subject), (e.Kind, e.Category, e.Option, e.Subject));
        Assert.Equal(before, session.Client.Requests);
    }

    [Fact]
    public async Task Rating_keys_across_servers_are_refused_for_plans_and_explanations()
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var cousin = await session.Client.SignInAsync(world.World.User("Cousin").AccountToken);
        var (nas, den) = (await session.ConnectAsync(), await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin));
        var options = new SyncOptions { Match = MatchMode.Key };

        var plan = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.PlanAsync(nas, den, options));
        var why = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ExplainAsync(nas, den, "(", options));

        Assert.All(
            [plan, why], static e => Assert.Equal((PlexErrorKind.OptionsConflict, "Match", "Server"), (e.Kind, e.Option, e.Subject)));
    }

    [Fact]
    public async Task Merge_takes_only_policies_under_which_the_order_makes_no_difference()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        PlexServer[] users = [server, await session.SwitchAsync(server, "Kid")];

        var e = await Assert.ThrowsAsync<PlexException>(
            () => session.Synchronizer.PlanMergeAsync(users, new SyncOptions { Policy = ConflictPolicies.Mirror }));

        Assert.Equal((PlexErrorKind.PolicyNotFound, "mirror"), (e.Kind, e.Subject));
        Assert.Equal(["furthest", "newest"], e.Candidates);
    }
}
