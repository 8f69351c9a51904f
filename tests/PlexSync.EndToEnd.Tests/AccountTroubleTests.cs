using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests;

/// <summary>
/// Tokens that expire, are exchanged, withheld or replaced, servers that lost their sign-in, and what stands before them: the library says
/// what it is, and whatever it began ends in good order.
/// </summary>
public sealed class AccountTroubleTests : IDisposable
{
    private readonly LeapingTime _time = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-trouble-");

    [Theory]
    [InlineData(null)]
    [InlineData("9876")]
    public async Task Jwt_is_exchanged_and_does_the_main_job(string? pin)
    {
        await using var session = await StartAsync();
        session.World.Owner.Pin = pin;
        var jwt = session.World.IssueJwt(session.World.Owner);

        var account = await session.Client.SignInAsync(jwt, pin);
        var owner = await session.Client.ConnectAsync(session.Plex.ServerUrl, account);
        var kid = await new HomeUserSwitcher(session.Client, account).SwitchAsync(owner, "Kid");
        var report = await session.Synchronizer.ApplyAsync(await session.Synchronizer.PlanAsync(owner, kid), owner, kid);

        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
        Assert.DoesNotContain(session.Plex.Requests.All, request => request.Role != "plex.tv" && request.Token == jwt);
        Assert.Equal(jwt, account.RevealToken());
    }

    [Theory]
    [InlineData(null, PlexErrorKind.PinRequired)]
    [InlineData("1111", PlexErrorKind.PinRejected)]
    public async Task Jwt_is_not_exchanged_without_its_owners_pin(string? pin, PlexErrorKind kind)
    {
        await using var session = await StartAsync();
        session.World.Owner.Pin = "9876";

        var error = await Assert.ThrowsAsync<PlexException>(
            () => session.Client.SignInAsync(session.World.IssueJwt(session.World.Owner), pin));

        Assert.Equal(kind, error.Kind);
    }

    [Fact]
    public async Task Jwt_that_expired_is_said_to_be()
    {
        await using var session = await StartAsync();
        var jwt = session.World.IssueJwt(session.World.Owner);
        _time.Leap(World.JwtLife);

        var error = await Assert.ThrowsAsync<PlexException>(() => session.Client.SignInAsync(jwt));

        Assert.Equal(PlexErrorKind.TokenExpired, error.Kind);
    }

    [Fact]
    public async Task Server_that_lost_its_sign_in_is_said_to_have()
    {
        await using var session = await StartAsync();
        session.Simulated.Switches.HasLostSignIn = true;

        Assert.Equal(PlexErrorKind.ServerUnclaimed, (await Assert.ThrowsAsync<PlexException>(session.ConnectAsync)).Kind);
    }

    [Fact]
    public async Task Account_without_a_server_is_said_to_have_none()
    {
        await using var session = await StartAsync();
        session.World.Account.ResourcesOmitFor.Add(session.World.Owner.Id);

        Assert.Equal(PlexErrorKind.NoServer, (await Assert.ThrowsAsync<PlexException>(session.ConnectAsync)).Kind);
    }

    [Theory]
    [InlineData(Gatekeeper.BasicAuthentication)]
    [InlineData(Gatekeeper.RobotCheck)]
    public async Task Gate_before_the_server_is_not_taken_for_the_server(Gatekeeper gatekeeper)
    {
        await using var session = await StartAsync();
        session.Simulated.Switches.Gatekeeper = gatekeeper;

        Assert.Equal(PlexErrorKind.GatewayRefused, (await Assert.ThrowsAsync<PlexException>(session.ConnectAsync)).Kind);
    }

    [Fact]
    public async Task Token_that_plex_tv_withholds_is_said_to_be_withheld()
    {
        await using var session = await StartAsync();
        session.World.Account.WithholdsTokensFrom.Add(session.Kid.Id);
        var owner = await session.ConnectAsync();

        var error = await Assert.ThrowsAsync<PlexException>(() => session.SwitchAsync(owner, "Kid"));

        Assert.Equal(PlexErrorKind.AccessWithheld, error.Kind);
    }

    [Fact]
    public async Task Lists_that_are_gone_do_not_keep_the_home_from_being_served()
    {
        await using var session = await StartAsync();
        (session.World.Account.FriendsAreGone, session.World.Account.SharedServersAreGone) = (true, true);

        var report = await session.SyncAsync();

        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
    }

    [Theory]
    [InlineData("Kid\u200e", "Kid")]
    [InlineData("Kid  ", "Kid")]
    [InlineData("\u200fKid", "Kid")]
    [InlineData("Zoe\u0301", "Zo\u00e9")]
    public async Task User_is_found_by_what_can_be_seen_of_the_name(string title, string name)
    {
        await using var session = await StartAsync();
        var kid = session.Kid;
        kid.Title = title;
        var owner = await session.ConnectAsync();

        Assert.Equal(kid.Id, (await session.SwitchAsync(owner, name)).User.Id.Value);
    }

    [Fact]
    public async Task User_is_found_by_the_name_that_plex_shows()
    {
        await using var session = await StartAsync();
        session.Kid.FriendlyName = "Junior";
        var owner = await session.ConnectAsync();

        Assert.Equal(session.Kid.Id, (await session.SwitchAsync(owner, "Junior")).User.Id.Value);
    }

    /// <summary>
    /// Somebody signs in elsewhere with the same client identifier, and the token of this run is none any more, from one write to the next.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Run_whose_token_is_replaced_in_the_middle_ends_in_good_order_and_the_next_completes_it(int writes)
    {
        await using var session = await StartAsync();
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");
        var journal = new FileStore(_folder.FullName, _time);
        var synchronizer = new WatchStateSynchronizer(journal);
        var plan = await synchronizer.PlanAsync(owner, kid);
        session.Simulated.ReplaceToken(session.Kid, _time.GetUtcNow().AddHours(1));
        var sent = 0;
        session.Plex.Faults.On(request =>
        {
            if (request.IsWrite && Interlocked.Increment(ref sent) == writes + 1)
            {
                _time.Leap(TimeSpan.FromHours(2));
            }

            return false;
        });

        var report = await synchronizer.ApplyAsync(plan, owner, kid);

        Assert.Equal(PlexErrorKind.InvalidToken, report.Error?.Kind);
        Assert.InRange(report.Count(ChangeOutcome.Planned), 1, plan.Changes.Count);
        kid = await session.SwitchAsync(owner, "Kid");
        await synchronizer.SettleAsync(kid);
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(owner, kid), owner, kid);
        Assert.All(plan.Changes, change => Assert.Equal(
            change.After.ViewCount, session.Simulated.State(session.Kid, change.Item.RatingKey.ToString()).ViewCount));
        Assert.All(
            await journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken), run => Assert.True(run.IsFinished));
    }

    [Fact]
    public async Task Account_token_that_was_replaced_is_refused_as_a_token()
    {
        await using var session = await StartAsync();
        var account = await session.Client.SignInAsync(session.World.Owner.AccountToken);
        var owner = await session.Client.ConnectAsync(session.Plex.ServerUrl, account);
        session.World.RotateAccountToken(session.World.Owner.AccountToken);

        var error = await Assert.ThrowsAsync<PlexException>(() => new HomeUserSwitcher(session.Client, account).SwitchAsync(owner, "Kid"));

        Assert.Equal(PlexErrorKind.InvalidToken, error.Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task Server_that_is_starting_up_is_written_to_when_it_has_started(int writes)
    {
        await using var session = await StartAsync();
        session.Simulated.Switches.StartUp(writes);

        var report = await session.SyncAsync();

        Assert.Null(report.Error);
        Assert.All(report.Results, result => Assert.Equal(ChangeOutcome.Applied, result.Outcome));
        Assert.All(session.Simulated.Writes.GroupBy(play => (play.RatingKey, play.Kind)), plays => Assert.Single(plays));
    }

    [Fact]
    public async Task Server_that_does_not_stop_starting_up_is_given_up_as_unavailable()
    {
        await using var session = await StartAsync();
        session.Simulated.Switches.IsStartingUp = true;

        var report = await session.SyncAsync();

        Assert.Empty(session.Simulated.Writes);
        Assert.Equal(0, report.Count(ChangeOutcome.Applied));
        Assert.All(
            report.Results.Where(result => result.Outcome is ChangeOutcome.Failed),
            result => Assert.Equal(PlexErrorKind.Unavailable, result.Error?.Kind));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<Session> StartAsync() => Session.StartAsync(Worlds.Small(clock: _time));
}
