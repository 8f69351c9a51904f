using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

public sealed class SharedUsersTests
{
    private const string Two =
        """<?xml version="1.0" encoding="UTF-8"?><!-- two --><MediaContainer size="2" friendlyName="myPlex">"""
        + """<User id="2001" title="Ann &amp; Bob &#233;"><Server id="1" name="NAS"/></User><User id="2002" title="Élodie"/>"""
        + """</MediaContainer>""";

    [Fact]
    public async Task Rows_are_the_elements_below_the_root_with_their_attributes()
    {
        var rows = await ReadAsync(Two);

        Assert.Equal(
            ["User 2001 Ann & Bob é", "User 2002 Élodie"],
            rows.Select(row => $"{row.Name} {row.Attributes["id"]} {row.Attributes["title"]}"));
    }

    [Fact]
    public async Task List_cut_short_anywhere_is_refused()
    {
        var whole = Encoding.UTF8.GetBytes(Two);
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = new MemoryStream(whole, 0, length);

            var error = await Assert.ThrowsAsync<PlexException>(
                () => SharedUsers.ReadAsync(Request, cut, CancellationToken.None));

            Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
        }
    }

    [Theory]
    [InlineData("<html><body>Sign in</body></html>")]
    [InlineData("<Users><User id='1'/></Users>")]
    [InlineData("{\"users\":[]}")]
    [InlineData("plain text")]
    [InlineData("<MediaContainer><User id='1'></MediaContainer>")]
    [InlineData("<MediaContainer/><MediaContainer/>")]
    [InlineData("<MediaContainer/>trailing")]
    [InlineData("<MediaContainer><User id='1' id='2'/></MediaContainer>")]
    [InlineData("<MediaContainer><User title='&unknown;'/></MediaContainer>")]
    [InlineData("<MediaContainer><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>")]
    [InlineData("<!DOCTYPE m [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><MediaContainer><User title='&b;'/></MediaContainer>")]
    public async Task What_is_no_such_list_is_refused(string body)
    {
        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(body));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    [Fact]
    public async Task References_without_end_do_not_hold_up_the_reader()
    {
        await Assert.ThrowsAsync<PlexException>(() => ReadAsync($"<MediaContainer>{string.Concat(Enumerable.Repeat("&#", 2_000_000))}"));
    }

    [Fact]
    public async Task Attribute_of_another_namespace_does_not_pass_for_an_id()
    {
        var row = Assert.Single(
            await ReadAsync("""<MediaContainer xmlns:q="q"><User id="2001" q:id="2002" title="Ann"/></MediaContainer>"""));

        Assert.Equal(("2001", 2), (row.Attributes["id"], row.Attributes.Count));
    }

    [Fact]
    public async Task Tag_without_end_is_given_up()
    {
        var declarations = string.Concat(Enumerable.Range(0, 10_000).Select(static at => $" xmlns:n{at}='n'"));

        var error = await Assert.ThrowsAsync<PlexException>(
            () => ReadAsync($"<MediaContainer{declarations}><User id='1'/></MediaContainer>"));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    [Fact]
    public async Task Rows_may_be_many_and_long()
    {
        var rows = await ReadAsync(
            $"""
            <MediaContainer>{string.Concat(Enumerable.Range(1, 2000).Select(id =>
                $"<User id=\"{id}\" title=\"{new string('x', 1000)}\" a{id}=\"\"/>"))}</MediaContainer>
            """);

        Assert.Equal((2000, 1000), (rows.Count, rows[^1].Attributes["title"].Length));
    }

    [Fact]
    public async Task List_without_end_is_given_up()
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        fake.Account("/api/v2/home/users").RespondJson("""{"users":[]}""");
        fake.Account("/api/users").Respond("application/xml", $"<MediaContainer>{new string(' ', 5 * 1024 * 1024)}</MediaContainer>");

        var error = await Assert.ThrowsAsync<PlexException>(
            async () => await fake.Client.GetFriendsAsync(await fake.Client.SignInAsync(PlexFake.OwnerToken)));

        Assert.Equal(PlexErrorKind.InvalidResponse, error.Kind);
    }

    [Theory]
    [InlineData("<MediaContainer><echoed-token:a/></MediaContainer>")]
    [InlineData("<MediaContainer echoed-token='1' echoed-token='2'/>")]
    [InlineData("<MediaContainer><User></echoed-token></MediaContainer>")]
    public async Task List_that_cannot_be_read_never_shows_the_token_that_it_echoes(string body)
    {
        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(body));

        Assert.DoesNotContain("echoed-token", error.ToString(), StringComparison.Ordinal);
    }

    private static PlexRequest Request => new(HttpMethod.Get, new Uri("https://plex.tv"), "/api/users") { Token = "echoed-token" };

    private static Task<List<XmlRow>> ReadAsync(string body) =>
        SharedUsers.ReadAsync(Request, new MemoryStream(Encoding.UTF8.GetBytes(body)), CancellationToken.None);
}
