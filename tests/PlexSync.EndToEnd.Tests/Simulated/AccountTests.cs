using System.Net;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>
/// The simulated plex.tv and its servers treat tokens as real ones do (plex-facts §3.5, §14.3), and what stands before a server does not
/// look like one.
/// </summary>
public sealed class AccountTests
{
    [Fact]
    public async Task Server_that_lost_its_sign_in_says_so_and_refuses_every_token()
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.HasLostSignIn = true;

        var identity = await client.AskServerAsync("/identity");
        var refused = await client.AskServerAsync("/library/sections");

        Assert.Equal(HttpStatusCode.OK, identity.Status);
        Assert.False(identity.Container.GetProperty("claimed").GetBoolean());
        Assert.Equal((HttpStatusCode.Unauthorized, "1.0"), (refused.Status, refused.Headers["X-Plex-Protocol"]));
        Assert.Contains("<h1>401 Unauthorized</h1>", refused.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAccountAsync("/api/v2/user")).Status);
    }

    [Fact]
    public async Task Jwt_is_taken_by_plex_tv_and_given_back_for_the_users_own_server_which_refuses_it()
    {
        await using var client = await RawClient.StartAsync();
        var jwt = client.World.IssueJwt(client.World.Owner);

        var user = await client.AskAccountAsync("/api/v2/user", jwt);
        var given = await AccessTokenAsync(client, jwt);
        var refused = await client.AskServerAsync("/library/sections", given);

        Assert.Equal(3, jwt.Split('.').Length);
        Assert.Equal(1001, user.Json.GetProperty("id").GetInt64());
        Assert.Equal(jwt, given);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
    }

    [Fact]
    public async Task Jwt_of_another_user_is_given_a_token_for_a_shared_server()
    {
        await using var client = await RawClient.StartAsync();
        var friend = client.World.User("Friend");

        var given = await AccessTokenAsync(client, client.World.IssueJwt(friend));

        Assert.Equal(client.Server.TokenOf(friend), given);
    }

    [Fact]
    public async Task Jwt_is_exchanged_by_a_switch_to_oneself()
    {
        await using var client = await RawClient.StartAsync();
        var jwt = client.World.IssueJwt(client.World.Owner);

        var switched = await client.AskAccountAsync($"/api/v2/home/users/{client.World.Owner.Uuid}/switch", jwt, HttpMethod.Post);

        var token = switched.Json.GetProperty("authToken").GetString()!;
        Assert.Equal(HttpStatusCode.Created, switched.Status);
        Assert.Equal(20, token.Length);
        Assert.Equal(HttpStatusCode.OK, (await client.AskServerAsync("/library/sections", token)).Status);
        Assert.NotEqual(jwt, await AccessTokenAsync(client, token));
    }

    [Theory]
    [InlineData("", HttpStatusCode.Forbidden)]
    [InlineData("?pin=1111", HttpStatusCode.Forbidden)]
    [InlineData("?pin=9876", HttpStatusCode.Created)]
    public async Task Switch_to_oneself_needs_ones_pin(string query, HttpStatusCode status)
    {
        await using var client = await RawClient.StartAsync();
        client.World.Owner.Pin = "9876";
        var jwt = client.World.IssueJwt(client.World.Owner);

        var switched = await client.AskAccountAsync($"/api/v2/home/users/{client.World.Owner.Uuid}/switch{query}", jwt, HttpMethod.Post);

        Assert.Equal(status, switched.Status);
    }

    [Theory]
    [InlineData("/api/v2/user")]
    [InlineData("/api/v2/resources")]
    [InlineData("/api/v2/home/users")]
    public async Task Jwt_that_expired_is_answered_with_498(string path)
    {
        await using var client = await RawClient.StartAsync();
        var jwt = client.World.IssueJwt(client.World.Owner);
        client.Clock.Leap(World.JwtLife);

        Assert.Equal(498, (int)(await client.AskAccountAsync(path, jwt)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskServerAsync("/library/sections", jwt)).Status);
    }

    [Fact]
    public async Task Token_is_withheld_from_those_named_only()
    {
        await using var client = await RawClient.StartAsync();
        client.World.Account.WithholdsTokensFrom.Add(client.Kid.Id);

        Assert.Null(await AccessTokenAsync(client, client.Kid.AccountToken));
        Assert.NotNull(await AccessTokenAsync(client, client.World.User("Friend").AccountToken));
    }

    [Fact]
    public async Task Rotated_account_token_is_refused_everywhere_from_its_end_on()
    {
        await using var client = await RawClient.StartAsync();
        var old = client.World.Owner.AccountToken;
        var fresh = client.World.RotateAccountToken(old, client.Clock.GetUtcNow().AddHours(1));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskBothAsync(client, old));

        client.Clock.Leap(TimeSpan.FromHours(1));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), await AskBothAsync(client, old));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskBothAsync(client, fresh));
    }

    [Fact]
    public async Task Rotated_server_token_is_refused_from_its_end_on()
    {
        await using var client = await RawClient.StartAsync();
        var old = client.Server.TokenOf(client.Kid);
        var fresh = client.Server.ReplaceToken(client.Kid, client.Clock.GetUtcNow().AddHours(1));
        Assert.Equal(HttpStatusCode.OK, (await client.AskServerAsync("/library/sections", old)).Status);

        client.Clock.Leap(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskServerAsync("/library/sections", old)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskServerAsync("/library/sections", fresh)).Status);
        Assert.Equal(fresh, await AccessTokenAsync(client, client.Kid.AccountToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sign_in_replaces_the_token_of_the_same_client_when_switched_on(bool replaces)
    {
        await using var client = await RawClient.StartAsync();
        client.World.Account.SignInsReplaceTokens = replaces;

        var first = await SignInAsync(client);
        var second = await SignInAsync(client);

        var status = (await client.AskAccountAsync("/api/v2/user", first)).Status;
        Assert.Equal(replaces ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAccountAsync("/api/v2/user", second)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAccountAsync("/api/v2/user")).Status);
    }

    [Fact]
    public async Task Old_lists_are_gone_when_switched_off()
    {
        await using var client = await RawClient.StartAsync();
        var shared = $"/api/servers/{client.Server.MachineIdentifier}/shared_servers";
        (client.World.Account.FriendsAreGone, client.World.Account.SharedServersAreGone) = (true, false);
        Assert.Equal(HttpStatusCode.Gone, (await client.AskAccountAsync("/api/users")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAccountAsync(shared)).Status);

        (client.World.Account.FriendsAreGone, client.World.Account.SharedServersAreGone) = (false, true);

        Assert.Equal(HttpStatusCode.OK, (await client.AskAccountAsync("/api/users")).Status);
        Assert.Equal(HttpStatusCode.Gone, (await client.AskAccountAsync(shared)).Status);
    }

    [Theory]
    [InlineData(Gatekeeper.BasicAuthentication, HttpStatusCode.Unauthorized, "WWW-Authenticate")]
    [InlineData(Gatekeeper.RobotCheck, HttpStatusCode.Forbidden, "CF-RAY")]
    public async Task Gatekeeper_answers_everything_and_does_not_speak_as_a_server(
        Gatekeeper gatekeeper, HttpStatusCode status, string header)
    {
        await using var client = await RawClient.StartAsync();
        client.Server.Switches.Gatekeeper = gatekeeper;

        RawClient.Response[] answers = [await client.AskServerAsync("/identity"), await client.AskServerAsync("/library/sections")];

        Assert.All(answers, answer =>
        {
            Assert.Equal(status, answer.Status);
            Assert.Contains(header, answer.Headers.Keys, StringComparer.OrdinalIgnoreCase);
            Assert.DoesNotContain("X-Plex-Protocol", answer.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("/library/sections/1/all?type=1", 3, HttpStatusCode.OK)]
    [InlineData("/library/sections/1/all?type=1", 4, HttpStatusCode.GatewayTimeout)]
    [InlineData("/library/metadata/1,2,3", null, HttpStatusCode.OK)]
    [InlineData("/library/metadata/1,2,3,4", null, HttpStatusCode.GatewayTimeout)]
    [InlineData("/library/sections", null, HttpStatusCode.OK)]
    public async Task Choking_server_fails_where_more_is_asked_for_than_it_can_bear(string path, int? size, HttpStatusCode status)
    {
        await using var client = await RawClient.StartAsync();
        client.Plex.Faults.OnMoreThan(3).Status(504);

        Assert.Equal(status, (await client.AskServerAsync(path, size: size)).Status);
    }

    private static async Task<string?> AccessTokenAsync(RawClient client, string token)
    {
        var resources = (await client.AskAccountAsync("/api/v2/resources", token)).Json.EnumerateArray();
        return resources.Single(resource => resource.GetProperty("provides").GetString() == "server").GetProperty("accessToken")
            .GetString();
    }

    private static async Task<(HttpStatusCode Account, HttpStatusCode Server)> AskBothAsync(RawClient client, string token) =>
        ((await client.AskAccountAsync("/api/v2/user", token)).Status, (await client.AskServerAsync("/library/sections", token)).Status);

    private static async Task<string> SignInAsync(RawClient client)
    {
        var pin = (await client.AskAccountAsync("/api/v2/pins", method: HttpMethod.Post)).Json;
        Assert.True(client.World.ApproveLink(pin.GetProperty("code").GetString()!, client.World.Owner));
        var polled = await client.AskAccountAsync($"/api/v2/pins/{pin.GetProperty("id").GetInt64()}");
        return polled.Json.GetProperty("authToken").GetString()!;
    }
}
