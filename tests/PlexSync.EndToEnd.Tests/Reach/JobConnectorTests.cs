using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>Whom a job names is connected, each as that person and nobody else.</summary>
public sealed class JobConnectorTests
{
    private static readonly Dictionary<string, string> TeensPin = new() { ["teen"] = "4321" };

    [Fact]
    public async Task Source_and_targets_are_those_that_the_job_names()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var users = await Connector(session, TeensPin).ConnectAsync(new SyncJob { Name = "j", From = "Kid", To = ["Teen", "id:1001"] });

        Assert.Equal(("Kid", IdentityProof.Proved), (users.Source.User.Title, users.Source.Identity));
        Assert.Equal(["Teen", "Owner"], users.Targets.Select(static target => target.User.Title));
        Assert.Empty(users.LeftOut);
    }

    [Fact]
    public async Task Owner_of_the_token_is_the_source_unless_one_is_named()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var users = await Connector(session).ConnectAsync(new SyncJob { To = ["Kid"] });

        Assert.Equal(("Owner", "Kid"), (users.Source.User.Title, Assert.Single(users.Targets).User.Title));
    }

    [Fact]
    public async Task First_user_of_a_merge_stands_where_the_source_does()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var users = await Connector(session, TeensPin).ConnectAsync(new SyncJob { Users = ["Kid", "Owner", "Teen"] });

        Assert.Equal("Kid", users.Source.User.Title);
        Assert.Equal(["Owner", "Teen"], users.Targets.Select(static target => target.User.Title));
    }

    [Fact]
    public async Task Everybody_of_the_Home_is_meant_but_for_those_who_are_excepted_and_those_whose_pin_is_missing()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var all = await Connector(session).ConnectAsync(new SyncJob { ToAll = true });
        var others = await Connector(session, TeensPin).ConnectAsync(new SyncJob { ToAll = true, Except = ["Kid"] });

        Assert.Equal("Kid", Assert.Single(all.Targets).User.Title);
        Assert.Equal((PlexErrorKind.PinRequired, "Teen"), (Assert.Single(all.LeftOut).Kind, all.LeftOut[0].Subject));
        Assert.Equal("Teen", Assert.Single(others.Targets).User.Title);
        Assert.Empty(others.LeftOut);
    }

    [Theory]
    [InlineData("NAS")]
    [InlineData("nas")]
    [InlineData("MACHINE")]
    [InlineData("ADDRESS")]
    public async Task Server_goes_by_name_machine_identifier_or_address(string server)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        server = server switch
        {
            "MACHINE" => session.Simulated.MachineIdentifier,
            "ADDRESS" => $"{session.Plex.ServerUrl}",
            _ => server,
        };

        var users = await Connector(session).ConnectAsync(new SyncJob { Server = server, To = ["Kid"] });

        Assert.Equal(session.Simulated.MachineIdentifier, $"{users.Source.MachineIdentifier}");
    }

    [Fact]
    public async Task Address_that_cannot_be_taken_is_not_repeated()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var e = await FailAsync(session, new SyncJob { Server = "http://nas:32400/?X-Plex-Token=secret-token-000", To = ["Kid"] });

        Assert.Equal((PlexErrorKind.InvalidOption, "Server"), (e.Kind, e.Option));
        Assert.DoesNotContain("secret", $"{e.Message} {e.Subject}", StringComparison.Ordinal);
        Assert.Empty(session.Plex.Requests.All);
    }

    [Theory]
    [InlineData("Nobody", PlexErrorKind.UserNotFound)]
    [InlineData("Owner", PlexErrorKind.SameUser)]
    [InlineData("Teen", PlexErrorKind.PinRequired)]
    public async Task Name_that_cannot_be_served_stops_all(string target, PlexErrorKind kind)
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var e = await FailAsync(session, new SyncJob { To = ["Kid", target] });

        Assert.Equal((kind, target), (e.Kind, e.Subject));
    }

    [Fact]
    public async Task Wrong_pin_stops_all_even_where_everybody_is_meant()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var e = await FailAsync(session, new SyncJob { ToAll = true }, new() { ["Teen"] = "0000" });

        Assert.Equal(PlexErrorKind.PinRejected, e.Kind);
        Assert.DoesNotContain("0000", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Member_who_cannot_be_served_is_left_out_as_long_as_another_is_left(bool isRefused)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        if (isRefused)
        {
            session.Plex.Faults.On("/library/sections").By(session.Kid).Status(401);
        }
        else
        {
            session.World.Account.WithholdsTokensFrom.Add(session.Kid.Id);
        }

        var users = await Connector(session, TeensPin).ConnectAsync(new SyncJob { To = ["Kid", "Teen"] });
        var alone = await FailAsync(session, new SyncJob { To = ["Kid"] });

        Assert.Equal("Teen", Assert.Single(users.Targets).User.Title);
        Assert.True(Assert.Single(users.LeftOut).IsOfOneUser);
        Assert.True(alone.IsOfOneUser);
    }

    [Fact]
    public async Task Merge_needs_two_who_can_be_served()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        session.World.Account.WithholdsTokensFrom.Add(session.Kid.Id);

        var three = await Connector(session, TeensPin).ConnectAsync(new SyncJob { Users = ["Kid", "Owner", "Teen"] });
        var two = await FailAsync(session, new SyncJob { Users = ["Kid", "Owner"] });

        Assert.Equal(("Owner", "Teen"), (three.Source.User.Title, Assert.Single(three.Targets).User.Title));
        Assert.Equal(PlexErrorKind.AccessWithheld, two.Kind);
    }

    [Fact]
    public async Task Nobody_who_is_left_by_the_exceptions_is_a_mistake()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var nobody = await FailAsync(session, new SyncJob { ToAll = true, Except = ["Kid", "Teen"] });
        var stranger = await FailAsync(session, new SyncJob { ToAll = true, Except = ["Friend"] });

        Assert.Equal((PlexErrorKind.InvalidOption, "ToAll", null), (nobody.Kind, nobody.Option, nobody.Subject));
        Assert.Equal((PlexErrorKind.InvalidOption, "Except", "Friend"), (stranger.Kind, stranger.Option, stranger.Subject));
    }

    [Fact]
    public async Task Pins_may_name_nobody_but_not_one_user_in_two_ways()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var job = new SyncJob { To = ["Teen"] };

        var users = await Connector(session, new() { ["Nobody"] = "1", ["id:1003"] = "4321" }).ConnectAsync(job);
        var twice = await FailAsync(session, job, new() { ["Teen"] = "4321", ["id:1003"] = "1111" });

        Assert.Equal("Teen", users.Targets[0].User.Title);
        Assert.Equal((PlexErrorKind.SameUser, "Teen"), (twice.Kind, twice.Subject));
        Assert.DoesNotContain("1111", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_is_asked_for_on_each_connection()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var tokens = new Queue<string>(["revoked-token-000000", session.World.Owner.AccountToken]);
        var connector = new JobConnector(session.Client, _ => Task.FromResult(tokens.Dequeue()));
        var job = new SyncJob { To = ["Kid"] };

        var e = await Assert.ThrowsAsync<PlexException>(() => connector.ConnectAsync(job));
        var users = await connector.ConnectAsync(job);

        Assert.Equal(PlexErrorKind.InvalidToken, e.Kind);
        Assert.Equal("Kid", users.Targets[0].User.Title);
    }

    [Fact]
    public async Task Job_that_makes_no_sense_asks_nobody()
    {
        await using var session = await Session.StartAsync(Worlds.Small());

        var e = await FailAsync(session, new SyncJob());

        Assert.Equal(PlexErrorKind.MissingOption, e.Kind);
        Assert.Empty(session.Plex.Requests.All);
    }

    private static Task<PlexException> FailAsync(Session session, SyncJob job, Dictionary<string, string>? pins = null) =>
        Assert.ThrowsAsync<PlexException>(() => Connector(session, pins).ConnectAsync(job));

    private static JobConnector Connector(Session session, Dictionary<string, string>? pins = null) =>
        new(session.Client, _ => Task.FromResult(session.World.Owner.AccountToken), pins);
}
