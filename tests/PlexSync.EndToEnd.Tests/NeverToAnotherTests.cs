using PlexSync.Testing;

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
        var world = Worlds.Small();
        var stranger = world.Add(new SimulatedUser
        {
            Id = 3001,
            Uuid = "dddddddddddddddd",
            Title = "Stranger",
            AccountToken = "strangerstranger1234",
            InHome = false,
        });
        world.AddServer("Elsewhere", stranger.Id);
        await using var session = await Session.StartAsync(world);
        var account = await session.Client.SignInAsync(stranger.AccountToken);

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Client.ConnectAsync(session.Plex.ServerUrl, account));

        Assert.Equal(PlexErrorKind.NotShared, error.Kind);
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Switch_is_refused_when_plex_tv_gives_the_admins_token_of_a_server_that_the_admin_does_not_own(bool isListed)
    {
        var world = Worlds.Small();
        var other = AddSharedServer(world);
        await using var plex = await PlexSimulator.StartAsync(world);
        // The token of the server, or that of the account itself.
        using var http = new HttpClient(
            new Rewriting(world, other.TokenOf(world.User(1002)), isListed ? other.TokenOf(world.User(1001)) : world.Owner.AccountToken));
        var client = ClientOf(http, plex);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.UrlOf(other), account);

        var error = await Assert.ThrowsAsync<PlexException>(() => new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid"));

        Assert.Equal(PlexErrorKind.IdentityNotProved, error.Kind);
        Assert.Equal(0, other.State(1001, "6").ViewCount);
    }

    [Fact]
    public async Task Users_with_one_token_are_refused_although_they_come_from_different_switchers()
    {
        var world = Worlds.Small();
        var other = AddSharedServer(world);
        await using var plex = await PlexSimulator.StartAsync(world);
        using var http = new HttpClient(new Rewriting(world, other.TokenOf(world.User(1002)), other.TokenOf(world.User(1003))));
        var client = ClientOf(http, plex);
        var account = await client.SignInAsync(world.Owner.AccountToken);
        var owner = await client.ConnectAsync(plex.UrlOf(other), account);
        var kid = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Kid");
        var teen = await new HomeUserSwitcher(client, account).SwitchAsync(owner, "Teen", "4321");
        var synchronizer = new WatchStateSynchronizer();
        var plans = await synchronizer.PlanAsync(owner, [kid]);

        var planned = await Assert.ThrowsAsync<PlexException>(() => synchronizer.PlanAsync(owner, [kid, teen]));
        var merged = await Assert.ThrowsAsync<PlexException>(() => synchronizer.PlanMergeAsync([kid, teen]));
        plans = [.. plans, plans[0] with { Target = new UserReference(teen.User.Id, "Teen") }];
        var applied = await Assert.ThrowsAsync<PlexException>(() => synchronizer.ApplyAsync(plans, [kid, teen]));

        Assert.All([planned, merged, applied], error => Assert.Equal(PlexErrorKind.IdentityNotProved, error.Kind));
        Assert.Equal(0, plex.Requests.Writes);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Switch_is_refused_when_the_question_that_proves_the_user_is_not_answered(int status) =>
        await AssertRefusedAsync(
            PlexErrorKind.IdentityNotProved, session => session.Plex.Faults.On("/:/prefs").By(session.Kid).Status(status));

    [Fact]
    public async Task Switch_is_refused_when_a_gateway_answers_in_place_of_a_server_that_lets_everyone_in_as_owner() =>
        await AssertRefusedAsync(PlexErrorKind.IdentityNotProved, session =>
        {
            session.Simulated.Switches.LetsEveryoneInAsOwner = true;
            session.Plex.Faults.On("/:/prefs").By(session.Kid)
                .Status(403, "<html><head><title>403 Forbidden</title></head></html>", headers: [("Server", "nginx")]);
        });

    [Fact]
    public async Task Switch_is_refused_when_plex_tv_refuses_the_token_that_it_minted() =>
        await AssertRefusedAsync(
            PlexErrorKind.IdentityNotProved, session => session.Plex.Faults.On("/api/v2/user").By(session.Kid).Status(401));

    /// <summary>A server of somebody outside the Home, shared with the Home's owner and two of its members.</summary>
    private static SimulatedServer AddSharedServer(World world)
    {
        var other = world.AddServer("Shared", 2001);
        var films = other.AddMovieLibrary("Films");
        foreach (var number in Enumerable.Range(1, 10))
        {
            films.AddMovie($"Film {number}");
        }

        return other;
    }

    private static PlexClient ClientOf(HttpClient http, PlexSimulator plex) => new(
        http, new PlexClientOptions
        {
            ClientIdentifier = "end-to-end",
            AccountUrl = plex.AccountUrl,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        });

    /// <summary>plex.tv hands out another token in place of one, to everybody but the owner.</summary>
    private sealed class Rewriting(World world, string token, string instead) : DelegatingHandler(PlexClient.CreateHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath == "/api/v2/resources"
                && request.Headers.GetValues("X-Plex-Token").Single() != world.Owner.AccountToken)
            {
                var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                answer.Content = new StringContent(
                    text.Replace(token, instead, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");
            }

            return answer;
        }
    }

    private static async Task AssertRefusedAsync(PlexErrorKind kind, Action<Session> arrange)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        arrange(session);
        var owner = await session.ConnectAsync();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Kid"));

        Assert.Equal(kind, error.Kind);
        Assert.Empty(session.Simulated.Writes);
    }
}
