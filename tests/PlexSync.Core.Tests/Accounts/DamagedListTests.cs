using Microsoft.Extensions.Logging;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

/// <summary>A damaged row of a list of plex.tv costs at most that row, and nobody is taken for the one it was about.</summary>
public sealed class DamagedListTests
{
    private const string Home =
        """
        {"users":[{"id":1001,"uuid":"aaaa","title":"Owner","username":"owner"},{"id":{},"title":"Kid","username":"kiddo"},
        {"id":1003,"uuid":"cccc","title":"Teen"},null,"text"]}
        """;

    private const string Friends =
        """<MediaContainer><User id="2001" title="Friend" username="Kid" email="kid@example.test"/><User id="x" title="Ann"/>"""
        + """<User id="2003" title="ann"/><Other/></MediaContainer>""";

    [Fact]
    public async Task Row_without_an_id_is_passed_over()
    {
        using var logs = new Records();
        using var fake = new PlexFake(loggers: logs);
        var account = await SignInAsync(fake);

        Assert.Equal(["Owner", "Teen"], (await fake.Client.GetHomeUsersAsync(account)).Select(user => user.Title));
        Assert.Equal(["Friend", "ann"], (await fake.Client.GetFriendsAsync(account)).Select(user => user.Title));
        Assert.Contains(
            logs.Lines, line => line.Contains("'Kid'", StringComparison.Ordinal) && line.Contains("'id'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Kid")]
    [InlineData("kid")]
    [InlineData("KIDDO")]
    [InlineData("username:Kid")]
    [InlineData("Ann")]
    public async Task Name_of_a_row_without_an_id_finds_nobody_else(string name)
    {
        using var fake = new PlexFake();
        var account = await SignInAsync(fake);

        var error = await Assert.ThrowsAsync<PlexException>(() => new HomeUserSwitcher(fake.Client, account).FindAsync(name));

        Assert.Equal(PlexErrorKind.UserAmbiguous, error.Kind);
    }

    [Theory]
    [InlineData("Teen", 1003)]
    [InlineData("id:2001", 2001)]
    [InlineData("email:kid@example.test", 2001)]
    [InlineData("Friend", 2001)]
    public async Task Others_are_found_beside_a_row_without_an_id(string name, long id)
    {
        using var fake = new PlexFake();
        var account = await SignInAsync(fake);

        Assert.Equal(new UserId(id), (await new HomeUserSwitcher(fake.Client, account).FindAsync(name)).Id);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"yes\"")]
    [InlineData("5e999")]
    public async Task Protection_by_a_pin_is_not_passed_by_where_it_is_damaged(string isProtected)
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/home/users")
            .RespondJson($$$"""{"users":[{"id":1002,"title":"Kid","restricted":{},"protected":{{{isProtected}}} }]}""");

        var kid = Assert.Single(await fake.Client.GetHomeUsersAsync(account));

        Assert.Equal((true, false), (kid.HasPin, kid.IsManaged));
    }

    [Fact]
    public async Task Server_without_a_machine_identifier_is_passed_over()
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/resources").RespondJson(
            """
            [null,5,{"provides":"server","clientIdentifier":"a/b","name":"Damaged"},{"provides":"server","clientIdentifier":"m",
            "name":["x"],"owned":"perhaps","connections":{"uri":"x"}},{"provides":"server","clientIdentifier":"n","connections":[null,"x",
            {"uri":5,"port":"no"},{"uri":"http://nas.test:32400"}]}]
            """);

        var servers = await fake.Client.GetServersAsync(account);

        Assert.Equal(
            [("m", "m", 0), ("n", "n", 1)],
            servers.Select(server => (server.MachineIdentifier.ToString(), server.Name, server.Addresses.Count)));
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { (byte)'&', (byte)'#', (byte)'x', (byte)'1', (byte)';' })]
    [InlineData(new byte[] { (byte)'&', (byte)'#', (byte)'5', (byte)'5', (byte)'2', (byte)'9', (byte)'6', (byte)';' })]
    public async Task Xml_that_is_no_unicode_is_mended_without_asking_again(byte[] damage)
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[]}""");
        var request = fake.Account("/api/users").Respond(_ => new HttpResponseMessage
        {
            Content = new ByteArrayContent(
            [
                .. "<MediaContainer><User id=\"2001\" title=\"&#233;a"u8, .. damage,
                .. "b\"/><User id=\"2002\" title=\"🎬 &amp; é\"/></MediaContainer>"u8,
            ]),
        });

        var friends = await fake.Client.GetFriendsAsync(account);

        Assert.Matches("^éa\uFFFD+b$", friends[0].Title);
        Assert.Equal("🎬 & é", friends[1].Title);
        Assert.Equal(1, fake.Http.GetMatchCount(request));
    }

    [Fact]
    public async Task Xml_attribute_without_end_costs_only_itself()
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[]}""");
        fake.Account("/api/users").Respond(
            "application/xml", $"<MediaContainer><User id=\"2001\" note='{new string('x', 100_000)}' title=\"Ann\"/></MediaContainer>");

        Assert.Equal("Ann", Assert.Single(await fake.Client.GetFriendsAsync(account)).Title);
    }

    [Fact]
    public async Task Xml_that_is_none_twice_is_not_asked_for_again()
    {
        using var fake = new PlexFake();
        var account = await fake.SignInAsync();
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[]}""");
        var request = fake.Account("/api/users").Respond("application/xml", "<MediaContainer><User id='1'></MediaContainer>");

        await Assert.ThrowsAsync<PlexException>(() => fake.Client.GetFriendsAsync(account));

        Assert.Equal(2, fake.Http.GetMatchCount(request));
    }

    private static async Task<PlexAccount> SignInAsync(PlexFake fake)
    {
        fake.Account("/api/v2/home/users").RespondJson(Home);
        fake.Account("/api/users").Respond("application/xml", Friends);
        return await fake.SignInAsync();
    }

    private sealed class Records : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }
}
