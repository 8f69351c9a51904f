using PlexSync.Simulator;

namespace PlexSync.EndToEnd.Tests;

public sealed class NeverToAnotherTests
{
    [Fact]
    public async Task Switch_is_refused_when_the_server_lets_everyone_in_as_owner() =>
        await AssertRefusedAsync(PlexErrorKind.IdentityNotProved, session => session.Simulated.Switches.LetsEveryoneInAsOwner = true);

    [Fact]
    public async Task Switch_is_refused_when_the_minted_token_belongs_to_someone_else() =>
        await AssertRefusedAsync(PlexErrorKind.IdentityNotProved, session => session.World.Account.SwitchReturnsWrongUser = true);

    [Fact]
    public async Task Switch_is_refused_when_plex_tv_gives_the_owners_server_token() =>
        await AssertRefusedAsync(PlexErrorKind.IdentityNotProved, session => session.World.Account.ResourcesGiveOwnersToken = true);

    [Fact]
    public async Task Switch_is_refused_when_two_users_have_the_title() =>
        await AssertRefusedAsync(PlexErrorKind.UserAmbiguous, session => session.World.Add(new SimulatedUser
        {
            Id = 1009,
            Uuid = "cccccccccccccccc",
            Title = "Kid",
            AccountToken = "anothertokenanother1",
            IsManaged = true,
        }));

    [Fact]
    public async Task Switch_is_refused_when_a_friend_takes_the_title_as_the_user_name() =>
        await AssertRefusedAsync(PlexErrorKind.UserAmbiguous, session => session.World.User("Friend").Username = "Kid");

    [Fact]
    public async Task Switch_is_refused_when_a_member_of_the_Home_is_shown_under_the_title() =>
        await AssertRefusedAsync(PlexErrorKind.UserAmbiguous, session => session.World.User("Teen").FriendlyName = "Kid\u200B");

    [Fact]
    public async Task Switch_is_refused_when_nothing_is_shared_with_the_user() =>
        await AssertRefusedAsync(PlexErrorKind.NotShared, session => session.World.Account.ResourcesOmitFor.Add(session.Kid.Id));

    [Fact]
    public async Task Home_user_is_never_reached_by_the_friends_way_when_plex_tv_does_not_list_the_home()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        session.Plex.Faults.On("/api/v2/home/users").Status(404);

        var error = await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Teen"));

        Assert.Equal(PlexErrorKind.IdentityNotProved, error.Kind);
    }

    [Fact]
    public async Task Home_user_is_never_reached_by_the_friends_way_when_given_as_a_plain_user()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var account = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        PlexUser teen = (await session.Client.SignInAsync(session.World.User("Teen").AccountToken)).User;

        var error = await Assert.ThrowsAsync<PlexException>(() => new HomeUserSwitcher(session.Client, account).SwitchAsync(owner, teen));

        Assert.Equal(PlexErrorKind.PinRequired, error.Kind);
    }

    [Fact]
    public async Task Connect_is_refused_when_the_server_is_none_of_the_accounts()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var stranger = session.World.Add(new SimulatedUser
        {
            Id = 3001,
            Uuid = "dddddddddddddddd",
            Title = "Stranger",
            AccountToken = "strangerstranger1234",
            InHome = false,
        });
        var account = await session.Client.SignInAsync(stranger.AccountToken);

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Client.ConnectAsync(session.Plex.ServerUrl, account));

        Assert.Equal(PlexErrorKind.NoServer, error.Kind);
        Assert.DoesNotContain(session.Plex.Requests.All, request => request.Role != "plex.tv" && request.Token is not null);
    }

    [Fact]
    public async Task Apply_is_refused_before_any_request_when_the_plan_is_for_another_user()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var teen = await session.SwitchAsync(owner, "Teen", "4321");
        var plan = await session.Synchronizer.PlanAsync(owner, kid);
        session.Plex.Requests.Clear();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ApplyAsync(plan, owner, teen));

        Assert.Equal(PlexErrorKind.PlanMismatch, error.Kind);
        Assert.Empty(session.Plex.Requests.All);
    }

    private static async Task AssertRefusedAsync(PlexErrorKind kind, Action<Session> arrange)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        arrange(session);
        var owner = await session.ConnectAsync();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Kid"));

        Assert.Equal(kind, error.Kind);
        Assert.Empty(session.Simulated.Plays);
    }
}
