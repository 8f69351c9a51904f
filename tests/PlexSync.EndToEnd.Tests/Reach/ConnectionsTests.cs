using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>Users that saved plans and recorded runs name are connected, by the account that knows them, and nobody else is.</summary>
public sealed class ConnectionsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plan_across_servers_that_was_saved_is_applied(bool byAddress)
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var (owner, cousin) = await SignInAsync(session);
        var plan = await SaveAndReadAsync(await PlanAsync(session, world, owner, cousin));
        var connections = new PlexConnections(
            session.Client,
            byAddress ? [new(owner, session.Plex.ServerUrl), new(cousin, session.Plex.UrlOf(world.Den))] : [new(owner), new(cousin)]);

        var target = await connections.ConnectAsync(plan.TargetUser);
        var source = await connections.ConnectAsync(plan.SourceUser);
        var report = await session.Synchronizer.ApplyAsync(plan, source, target);

        Assert.Equal((plan.TargetUser, plan.SourceUser), (target.ServerUser, source.ServerUser));
        Assert.Equal(("Nina", "Owner", IdentityProof.Proved), (target.User.Title, source.User.Title, target.Identity));
        Assert.NotEqual(0, report.Verified);
    }

    [Fact]
    public async Task Server_is_connected_to_once()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var connections = new PlexConnections(session.Client, [new(owner, session.Plex.ServerUrl)]);
        var kid = await connections.ConnectAsync(new(server.MachineIdentifier, new(1002)));
        var before = session.Client.Requests;

        var again = await connections.ConnectAsync(new(server.MachineIdentifier, owner.User.Id));

        Assert.Equal(("Kid", "Owner"), (kid.User.Title, again.User.Title));
        Assert.Equal(before, session.Client.Requests);
    }

    [Fact]
    public async Task Address_that_leads_nowhere_does_not_keep_another_from_its_server()
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var (owner, cousin) = await SignInAsync(session);
        var nina = new ServerUser(MachineIdentifier.Parse(world.Den.MachineIdentifier), new UserId(3002));
        var nowhere = new Uri("http://127.0.0.1:1");

        var found = await new PlexConnections(session.Client, [new(owner, nowhere), new(cousin)]).ConnectAsync(nina);
        var e = await Assert.ThrowsAsync<PlexException>(
            () => new PlexConnections(session.Client, [new(owner, nowhere)]).ConnectAsync(nina));

        Assert.Equal("Nina", found.User.Title);
        Assert.Equal(PlexErrorKind.Unreachable, e.Kind);
    }

    [Fact]
    public async Task Another_server_or_user_is_never_taken()
    {
        var world = Worlds.TwoServers();
        await using var session = await Session.StartAsync(world.World);
        var (owner, _) = await SignInAsync(session);
        var connections = new PlexConnections(session.Client, [new(owner, session.Plex.ServerUrl)]);
        var (nas, den) = (MachineIdentifier.Parse(world.Nas.MachineIdentifier), MachineIdentifier.Parse(world.Den.MachineIdentifier));

        var server = await Assert.ThrowsAsync<PlexException>(() => connections.ConnectAsync(new(den, new(3002))));
        var user = await Assert.ThrowsAsync<PlexException>(() => connections.ConnectAsync(new(nas, new(3002))));

        Assert.Equal((PlexErrorKind.ServerNotFound, $"{den}"), (server.Kind, server.Subject));
        Assert.Equal(PlexErrorKind.UserNotFound, user.Kind);
    }

    [Fact]
    public async Task Account_that_knows_the_user_is_found_among_those_that_see_the_server()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var friend = await session.Client.SignInAsync(session.World.User("Friend").AccountToken);
        var machine = MachineIdentifier.Parse(session.Simulated.MachineIdentifier);

        var kid = await new PlexConnections(session.Client, [new(friend), new(owner)]).ConnectAsync(new(machine, new(1002)));
        var self = await new PlexConnections(session.Client, [new(owner), new(friend)]).ConnectAsync(new(machine, friend.User.Id));

        Assert.Equal("Kid", kid.User.Title);
        // By the friend's own account, which is proof; the owner's could only be told so.
        Assert.Equal(("Friend", IdentityProof.Proved), (self.User.Title, self.Identity));
    }

    [Fact]
    public async Task Pin_is_asked_for_until_it_is_right()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var asked = new List<(string, PlexErrorKind?)>();
        var pins = new Queue<string>(["0000", "4321"]);

        var teen = await ConnectTeenAsync(session, (user, rejected, _) =>
        {
            asked.Add((user.Title, rejected?.Kind));
            return Task.FromResult<string?>(pins.Dequeue());
        });

        Assert.Equal("Teen", teen.User.Title);
        Assert.Equal([("Teen", null), ("Teen", PlexErrorKind.PinRejected)], asked);
    }

    [Fact]
    public async Task Pin_that_is_not_given_is_missing()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var never = await Assert.ThrowsAsync<PlexException>(() => ConnectTeenAsync(session, askPin: null));
        var none = await Assert.ThrowsAsync<PlexException>(
            () => ConnectTeenAsync(session, static (_, _, _) => Task.FromResult<string?>(null)));
        var wrong = await Assert.ThrowsAsync<PlexException>(
            () => ConnectTeenAsync(session, static (_, rejected, _) => Task.FromResult(rejected is null ? "0000" : null)));

        Assert.Equal(
            (PlexErrorKind.PinRequired, PlexErrorKind.PinRequired, PlexErrorKind.PinRejected), (never.Kind, none.Kind, wrong.Kind));
    }

    [Fact]
    public async Task Users_who_cannot_be_served_are_left_out_as_long_as_one_is_left()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var machine = MachineIdentifier.Parse(session.Simulated.MachineIdentifier);
        ServerUser kid = new(machine, new(1002)), teen = new(machine, new(1003)), self = new(machine, owner.User.Id);
        session.World.Account.WithholdsTokensFrom.Add(session.Kid.Id);
        PlexConnections Connections() => new(session.Client, [new(owner)]);

        var members = await Connections().ConnectEachAsync([kid, teen, self], mayLackPins: true);
        var strict = await Assert.ThrowsAsync<PlexException>(() => Connections().ConnectEachAsync([kid, teen, self]));
        var nobody = await Assert.ThrowsAsync<PlexException>(() => Connections().ConnectEachAsync([teen, kid], mayLackPins: true));

        Assert.Equal([kid, teen, self], members.Select(static member => member.User));
        Assert.Equal(
            [PlexErrorKind.AccessWithheld, PlexErrorKind.PinRequired, null], members.Select(static member => member.Failure?.Kind));
        Assert.Equal([null, null, "Owner"], members.Select(static member => member.Server?.User.Title));
        Assert.Equal((PlexErrorKind.PinRequired, PlexErrorKind.AccessWithheld), (strict.Kind, nobody.Kind));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task User_whom_the_server_does_not_let_in_is_left_out(int status)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var machine = MachineIdentifier.Parse(session.Simulated.MachineIdentifier);
        session.Plex.Faults.On("/library/sections").By(session.Kid).Status(status);

        var members = await new PlexConnections(session.Client, [new(owner)])
            .ConnectEachAsync([new(machine, new(1002)), new(machine, owner.User.Id)]);

        Assert.True(members[0].Failure is { IsOfOneUser: true, UserName: "Kid" });
        Assert.NotNull(members[1].Server);
    }

    private static async Task<PlexServer> ConnectTeenAsync(
        Session session, Func<PlexUser, PlexException?, CancellationToken, Task<string?>>? askPin)
    {
        var owner = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var machine = MachineIdentifier.Parse(session.Simulated.MachineIdentifier);
        return await new PlexConnections(session.Client, [new(owner)], askPin).ConnectAsync(new(machine, new(1003)));
    }

    private static async Task<(PlexAccount Owner, PlexAccount Cousin)> SignInAsync(Session session) => (
        await session.Client.SignInAsync(session.World.Owner.AccountToken),
        await session.Client.SignInAsync(session.World.User("Cousin").AccountToken));

    private static async Task<SyncPlan> PlanAsync(Session session, TwoServers world, PlexAccount owner, PlexAccount cousin)
    {
        var nas = await session.Client.ConnectAsync(session.Plex.ServerUrl, owner);
        var den = await session.Client.ConnectAsync(session.Plex.UrlOf(world.Den), cousin);
        var nina = await new HomeUserSwitcher(session.Client, cousin).SwitchAsync(den, "Nina");
        return await session.Synchronizer.PlanAsync(nas, nina, new SyncOptions { Types = [MediaType.Movie] });
    }

    private static async Task<SyncPlan> SaveAndReadAsync(SyncPlan plan)
    {
        using var file = new MemoryStream();
        await plan.WriteAsync(file);
        file.Position = 0;
        return await SyncPlan.ReadAsync(file);
    }
}
