using System.Collections.Concurrent;
using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

/// <summary>What does not depend on each other is asked at the same time: no answer comes before all of them were asked.</summary>
public sealed class OverlapTests
{
    private const string Elsewhere = "http://elsewhere.test:32400";
    private const string Kid = """{"id":1002,"uuid":"bbbb","title":"Kid"}""";

    private readonly ConcurrentQueue<HttpRequestMessage> _sent = [];

    [Fact]
    public async Task Opening_asks_for_the_user_the_servers_the_Home_the_friends_and_the_identity_at_once()
    {
        using var fake = new PlexFake();
        var all = new Meeting(5);
        Start(fake, all);
        Server(fake, new Meeting(2));

        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl);
        await fake.Client.ConnectAsync(PlexFake.ServerUrl, account);
        await new HomeUserSwitcher(fake.Client, account).ListAsync();

        Assert.Equal(7, _sent.Count);
        Assert.All(_sent, static request => Assert.Equal(
            request.RequestUri!.AbsolutePath != "/identity", request.Headers.Contains("X-Plex-Token")));
    }

    [Fact]
    public async Task Connecting_asks_for_the_servers_and_the_identity_at_once()
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        var both = new Meeting(2);
        fake.Account("/api/v2/resources").Respond(Note(both, PlexFake.Resources("owner-server-token00", owned: true)));
        fake.Server("/identity").Respond(Note(both, Identity()));
        Server(fake, new Meeting(2));

        Assert.Equal("NAS", (await fake.Client.ConnectAsync(PlexFake.ServerUrl, account)).Name);
    }

    [Fact]
    public async Task Member_is_prepared_while_the_server_is_connected_and_the_answers_count_once()
    {
        using var fake = new PlexFake();
        Start(fake, new Meeting(5));
        var connecting = new Meeting(3);
        Server(fake, connecting);
        Member(fake, connecting, new Meeting(2));
        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl);
        var switcher = new HomeUserSwitcher(fake.Client, account);
        var kid = await switcher.FindAsync("Kid");

        var preparing = switcher.PrepareAsync(kid);
        var server = await fake.Client.ConnectAsync(PlexFake.ServerUrl, account);
        await preparing;

        Assert.Equal(IdentityProof.Proved, (await switcher.SwitchAsync(server, kid)).Identity);
        Assert.Single(_sent, static request => request.Method == HttpMethod.Post);
        await switcher.SwitchAsync(server, kid);
        Assert.Equal(2, _sent.Count(static request => request.Method == HttpMethod.Post));
    }

    [Fact]
    public async Task Plan_asks_for_the_libraries_of_all_users_and_for_what_is_played_at_once()
    {
        using var fake = new PlexFake();
        Start(fake, new Meeting(5));
        Server(fake, new Meeting(2));
        Member(fake, new Meeting(1), new Meeting(2));
        var all = new Meeting(3);
        const string Libraries = """{"MediaContainer":{"size":1,"Directory":[{"key":"1","type":"movie","title":"Movies"}]}}""";
        fake.Server("/library/sections").WithHeaders("X-Plex-Token", PlexFake.OwnerToken).Respond(Note(all, Libraries));
        fake.Server("/library/sections").WithHeaders("X-Plex-Token", PlexFake.KidToken).Respond(Note(all, Libraries));
        fake.Server("/status/sessions").Respond(Note(all, """{"MediaContainer":{"size":0}}"""));
        fake.Page(0).RespondJson("""{"MediaContainer":{"size":0,"totalSize":0}}""");
        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl);
        var server = await fake.Client.ConnectAsync(PlexFake.ServerUrl, account);
        var kid = await new HomeUserSwitcher(fake.Client, account).SwitchAsync(server, "Kid");

        var plan = await new WatchStateSynchronizer().PlanAsync(server, kid);

        Assert.True(plan.IsPlayingKnown);
        Assert.Equal(2, _sent.Count(static request => request.RequestUri!.AbsolutePath == "/library/sections"));
    }

    [Fact]
    public async Task Libraries_that_were_just_listed_are_not_asked_for_again_but_for_the_next_plan()
    {
        using var fake = new PlexFake();
        var (server, _) = await fake.WithMoviesAsync();
        fake.Server("/status/sessions").RespondJson("""{"MediaContainer":{"size":0}}""");
        var before = fake.Client.Requests.Reads;

        var first = await server.GetRecentLibrariesAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("Movies", before), (first[0].Title, fake.Client.Requests.Reads));
        await server.GetRecentLibrariesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before + 1, fake.Client.Requests.Reads);
    }

    [Fact]
    public async Task Sign_in_that_fails_is_told_whatever_else_fails()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").Respond(HttpStatusCode.Unauthorized);
        fake.Http.When("*").Respond(HttpStatusCode.InternalServerError);

        var error = await Assert.ThrowsAsync<PlexException>(
            () => fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl));

        Assert.Equal(PlexErrorKind.InvalidToken, error.Kind);
    }

    [Fact]
    public async Task Failure_of_what_was_asked_ahead_is_told_where_it_is_needed()
    {
        using var fake = new PlexFake(static options => options.MaxRetries = 0);
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/resources").Respond(HttpStatusCode.InternalServerError);
        fake.Http.When("*").Respond(HttpStatusCode.NotFound);

        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl);

        Assert.Empty(await fake.Client.GetHomeUsersAsync(account));
        var error = await Assert.ThrowsAsync<PlexException>(() => fake.Client.ConnectAsync(PlexFake.ServerUrl, account));
        Assert.Equal(("plex.test", HttpStatusCode.InternalServerError), (error.Path!.Split('/')[0], error.Status));
    }

    [Theory]
    [InlineData("/api/v2/home/users/bbbb/switch")]
    [InlineData("/api/v2/user")]
    public async Task Preparing_that_fails_is_told_by_the_switch(string path)
    {
        using var fake = new PlexFake(static options => options.MaxRetries = 0);
        Start(fake, new Meeting(5));
        Server(fake, new Meeting(2));
        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, address: PlexFake.ServerUrl);
        var server = await fake.Client.ConnectAsync(PlexFake.ServerUrl, account);
        fake.Account(path).WithHeaders("X-Plex-Token", path.EndsWith("user", StringComparison.Ordinal) ? "kid-account-token000"
            : PlexFake.OwnerToken).Respond(HttpStatusCode.BadGateway);
        Member(fake, new Meeting(1), new Meeting(1));
        var switcher = new HomeUserSwitcher(fake.Client, account);
        var kid = await switcher.FindAsync("Kid");

        await switcher.PrepareAsync(kid);

        var error = await Assert.ThrowsAsync<PlexException>(() => switcher.SwitchAsync(server, kid));
        Assert.Equal(HttpStatusCode.BadGateway, error.Status);
    }

    [Theory]
    [InlineData(PlexFake.Machine, true)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffff", false)]
    [InlineData("", false)]
    public async Task Address_of_the_last_time_is_taken_if_it_is_listed_and_the_server_identifies_itself_there(string machine, bool isTaken)
    {
        using var fake = new PlexFake();
        Listed(fake, $$"""{"uri":"{{PlexFake.ServerUrl}}","local":true},{"uri":"{{Elsewhere}}","local":true}""");
        Answers(fake, PlexFake.ServerUrl.GetLeftPart(UriPartial.Authority), PlexFake.Machine);
        Answers(fake, Elsewhere, machine);

        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, lastAddress: new Uri(Elsewhere));
        await Task.WhenAny(account.Ahead!.LastAddress!.Machine.Answer);
        var server = await fake.Client.ConnectAsync(await fake.Client.FindServerAsync(account), account);

        Assert.Equal(isTaken ? new Uri(Elsewhere) : PlexFake.ServerUrl, server.Address);
        Assert.Equal(isTaken, TokenWentTo(Elsewhere));
    }

    [Theory]
    [InlineData("")]
    [InlineData($$""",{"uri":"{{Elsewhere}}","local":false}""")]
    public async Task Address_of_the_last_time_gets_no_token_where_it_is_not_listed_or_a_better_kind_is(string others)
    {
        using var fake = new PlexFake();
        Listed(fake, $$"""{"uri":"{{PlexFake.ServerUrl}}","local":true}{{others}}""");
        Answers(fake, PlexFake.ServerUrl.GetLeftPart(UriPartial.Authority), PlexFake.Machine);
        Answers(fake, Elsewhere, PlexFake.Machine);

        var account = await fake.Client.OpenAsync(PlexFake.OwnerToken, lastAddress: new Uri(Elsewhere));
        // Its answer is there before that of the better one is asked for.
        await account.Ahead!.LastAddress!.Machine.Answer;
        var server = await fake.Client.ConnectAsync(await fake.Client.FindServerAsync(account), account);

        Assert.Equal(PlexFake.ServerUrl, server.Address);
        Assert.False(TokenWentTo(Elsewhere));
    }

    private static string Identity(string machine = PlexFake.Machine) =>
        $$$"""{"MediaContainer":{"size":0,"machineIdentifier":"{{{machine}}}","friendlyName":"NAS","version":"1.43"}}""";

    private void Start(PlexFake fake, Meeting all)
    {
        Own("/api/v2/user", """{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        Own("/api/v2/resources", PlexFake.Resources("owner-server-token00", owned: true));
        Own("/api/v2/home/users", $$"""{"users":[{"id":1001,"uuid":"aaaa","title":"Owner"},{{Kid}}]}""");
        Own("/api/users", "<MediaContainer size=\"0\"/>");
        fake.Server("/identity").Respond(Note(all, Identity()));

        void Own(string path, string body) =>
            fake.Account(path).WithHeaders("X-Plex-Token", PlexFake.OwnerToken).Respond(Note(all, body));
    }

    private void Server(PlexFake fake, Meeting meeting)
    {
        fake.Server("/").Respond(Note(meeting, Identity()));
        fake.Server("/:/prefs").WithHeaders("X-Plex-Token", PlexFake.OwnerToken)
            .Respond(Note(meeting, """{"MediaContainer":{"size":0,"Setting":[]}}"""));
    }

    private void Member(PlexFake fake, Meeting switching, Meeting proving)
    {
        const string Token = "kid-account-token000";
        fake.Account("/api/v2/home/users/bbbb/switch").Respond(Note(switching, $$"""{"id":1002,"authToken":"{{Token}}"}"""));
        fake.Account("/api/v2/user").WithHeaders("X-Plex-Token", Token).Respond(Note(proving, Kid));
        fake.Account("/api/v2/resources").WithHeaders("X-Plex-Token", Token)
            .Respond(Note(proving, PlexFake.Resources(PlexFake.KidToken, owned: false)));
        fake.Server("/:/prefs").WithHeaders("X-Plex-Token", PlexFake.KidToken).Respond(HttpStatusCode.Forbidden);
    }

    private static void Listed(PlexFake fake, string connections)
    {
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"uuid":"aaaa","title":"Owner"}""");
        fake.Account("/api/v2/resources").RespondJson(
            $$"""
            [{"name":"NAS","clientIdentifier":"{{PlexFake.Machine}}","provides":"server","owned":true,"httpsRequired":true,
            "accessToken":"owner-server-token00","connections":[{{connections}}]}]
            """);
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[]}""");
        fake.Account("/api/users").Respond("application/xml", "<MediaContainer size=\"0\"/>");
    }

    private void Answers(PlexFake fake, string address, string machine)
    {
        var alone = new Meeting(1);
        fake.Http.When($"{address}/identity").Respond(Note(alone, machine.Length == 0 ? "{}" : Identity(machine)));
        fake.Http.When($"{address}/").Respond(Note(alone, Identity()));
        fake.Http.When($"{address}/:/prefs").Respond(Note(alone, """{"MediaContainer":{"size":0,"Setting":[]}}"""));
    }

    private bool TokenWentTo(string address) => _sent.Any(request =>
        request.RequestUri!.GetLeftPart(UriPartial.Authority) == address && request.Headers.Contains("X-Plex-Token"));

    private Func<HttpRequestMessage, Task<HttpResponseMessage>> Note(Meeting meeting, string body) => async request =>
    {
        _sent.Enqueue(request);
        await meeting.ArriveAsync();
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new StringContent(body, Encoding.UTF8, body.StartsWith('<') ? "application/xml" : "application/json"),
        };
    };

    /// <summary>Withholds every answer until so many requests have come; from then on none.</summary>
    private sealed class Meeting(int size)
    {
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public Task ArriveAsync()
        {
            if (Interlocked.Increment(ref _arrived) == size)
            {
                _complete.SetResult();
            }

            // Only a test that fails waits as long.
            return _complete.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }
}
