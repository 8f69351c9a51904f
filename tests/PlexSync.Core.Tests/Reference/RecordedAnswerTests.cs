using System.Text;
using System.Text.Json;
using PlexSync.Tests;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Reference;

/// <summary>Recorded answers of real servers go through the code that reads them in earnest.</summary>
public sealed class RecordedAnswerTests
{
    [Theory]
    [InlineData("myplex-api-v2-user-user_info_free_guest.json", 23456, "Adult", null)]
    [InlineData("myplex-api-v2-user-user_info_plexpass.json", 12345, "user@example.com", "user@example.com")]
    public async Task Sign_in_reads_a_recorded_user(string file, long id, string title, string? username)
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").RespondJson(Recorded(file));

        var user = (await fake.Client.SignInAsync(PlexFake.OwnerToken)).User;

        Assert.Equal((new UserId(id), title, username), (user.Id, user.Title, user.Username));
    }

    [Fact]
    public async Task Servers_read_recorded_resources()
    {
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"title":"Owner"}""");
        fake.Account("/api/v2/resources").RespondJson(Recorded("myplex-api-v2-resources.json"));

        var server = Assert.Single(await fake.Client.GetServersAsync(await fake.Client.SignInAsync(PlexFake.OwnerToken)));

        Assert.Equal(("Box", "client_id2", "1.25.5.5492-12f6b8c83"), (server.Name, server.MachineIdentifier.ToString(), server.Version));
        Assert.True(server is { IsOwned: true, IsOnline: true });
        Assert.Equal(
            [
                "https://172-18-0-3.client-id2.plex.direct:32400/", "http://172.18.0.3:32400/", "https://example.org/",
                "https://2-2-2-2.client-id2.plex.direct/", "https://178-3-2-1.client-id2.plex.direct:8443/",
            ],
            server.Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public async Task Libraries_read_recorded_sections()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections").RespondJson(Answer("sections_get_200"));

        var libraries = await server.GetLibrariesAsync();

        Assert.Equal([("1", "Movies", "movie"), ("2", "TV Shows", "show"), ("3", "Non matched content", "show")],
            libraries.Select(library => (library.Key.ToString(), library.Title, library.Type)));
    }

    [Fact]
    public async Task Connect_reads_a_recorded_root()
    {
        var root = Answer("server_info_get_200");
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"title":"Owner"}""");
        fake.Account("/api/v2/resources")
            .RespondJson(PlexFake.Resources("x", owned: true).Replace(PlexFake.Machine, "plex-server-1", StringComparison.Ordinal));
        fake.Server("/identity").RespondJson(root);
        fake.Server("/").RespondJson(root);
        fake.Server("/:/prefs").RespondJson("""{"MediaContainer":{"size":0}}""");

        var server = await fake.Client.ConnectAsync(PlexFake.ServerUrl, await fake.Client.SignInAsync(PlexFake.OwnerToken));

        Assert.Equal(("Plex Test", "1.40.0.0", "plex-server-1"), (server.Name, server.Version, server.MachineIdentifier.ToString()));
    }

    [Fact]
    public async Task Connect_reads_a_recorded_root_with_every_field()
    {
        var root = Recorded("server-media-providers_free.json");
        using var fake = new PlexFake();
        fake.Account("/api/v2/user").RespondJson("""{"id":1001,"title":"Owner"}""");
        fake.Account("/api/v2/resources")
            .RespondJson(PlexFake.Resources("x", owned: true).Replace(PlexFake.Machine, "machine_id", StringComparison.Ordinal));
        fake.Server("/identity").RespondJson(root);
        fake.Server("/").RespondJson(root);
        fake.Server("/:/prefs").RespondJson("""{"MediaContainer":{"size":0}}""");

        var server = await fake.Client.ConnectAsync(PlexFake.ServerUrl, await fake.Client.SignInAsync(PlexFake.OwnerToken));

        Assert.Equal(("machine_id", "1.25.3.5409-f11334058"), (server.Name, server.Version));
    }

    [Fact]
    public async Task Listing_reads_a_recorded_unpaged_movie_library()
    {
        var items = await ListAsync("movie", Recorded("server-media-movie_library.json"), count: 4);

        Assert.Equal(
            ["Big Buck Bunny (2008)", "Elephants Dream (2006)", "Interstate 60 (2002)", "Sintel (2010)"],
            items.Select(item => item.DisplayTitle));
        Assert.All(items, item => Assert.Equal(TimeSpan.FromMilliseconds(5062), item.Duration));
        Assert.All(items, item => Assert.True(item.State.IsEmpty));
    }

    [Fact]
    public async Task Listing_reads_a_recorded_movie()
    {
        var item = Assert.Single(await ListAsync("movie", Answer("library_movie_get_200"), count: 1));

        Assert.Equal(
            ("1", "Ferengi: Rules of Acquisition (2000)", 6_989_056d),
            (item.RatingKey.ToString(), item.DisplayTitle, item.Duration!.Value.TotalMilliseconds));
    }

    [Fact]
    public async Task Listing_reads_a_recorded_watched_episode()
    {
        var item = Assert.Single(await ListAsync("show", Answer("library_episodes_get_200"), count: 1));

        Assert.Equal("Ferengi StandUp Comedy – S01E01 – The first Picard joke", item.DisplayTitle);
        Assert.Equal(new WatchState { ViewCount = 1, LastViewedAt = DateTimeOffset.FromUnixTimeSeconds(1_643_805_016) }, item.State);
    }

    [Fact]
    public async Task Listing_passes_over_items_of_another_type() =>
        Assert.Empty(await ListAsync("show", Answer("library_show_get_200"), count: 1));

    [Theory]
    [InlineData("server-media-tv_episodes.json", "90", "91", "92")]
    [InlineData("server-media-tv_seasons.json", "89", "33")]
    public async Task Listing_refuses_a_recording_that_was_trimmed_by_hand_though_its_items_can_be_read(string file, params string[] keys)
    {
        var json = Recorded(file);

        using var page = await ListingParser.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(json)), default, CancellationToken.None);
        var items = page!.TakeItems(new TextPool());
        var error = await Assert.ThrowsAsync<PlexException>(() => ListAsync("show", json, keys.Length));

        Assert.Equal(keys, items.Select(item => item.RatingKey.ToString()));
        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Theory]
    [InlineData("timeline-metadata_182_1.json", "182", "Batman (1989)", 0, 70_000, 1_683_736_823)]
    [InlineData("timeline-metadata_182_3.json", "182", "Batman (1989)", 1, 0, 1_683_761_882)]
    [InlineData("server-media-metadata_161.json", "161", "Animation", 0, 0, 0)]
    public async Task Bulk_read_reads_recorded_metadata(string file, string key, string title, int views, long position, long lastViewedAt)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server($"/library/metadata/{key}").RespondJson(Recorded(file));

        var item = (await server.GetItemsAsync([RatingKey.Parse(key)]))[RatingKey.Parse(key)];

        Assert.Equal(title, item.DisplayTitle);
        Assert.Equal((views, position), (item.State.ViewCount, (long)item.State.Position.TotalMilliseconds));
        Assert.Equal(lastViewedAt, item.State.LastViewedAt?.ToUnixTimeSeconds() ?? 0);
    }

    [Fact]
    public async Task Set_position_takes_a_recorded_answer()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var request = fake.Server("/:/timeline").RespondJson(Recorded("timeline-timeline.json"));

        await server.SetPositionAsync(RatingKey.Parse("182"), TimeSpan.FromSeconds(75), TimeSpan.FromSeconds(100));

        Assert.Equal(1, fake.Http.GetMatchCount(request));
    }

    [Fact]
    public async Task Libraries_are_refused_as_the_recorded_server_refuses_a_token()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        using var recorded = JsonDocument.Parse(Recorded("watchstate-plex_data.json"));
        var body = recorded.RootElement.GetProperty("sections_get_401").GetProperty("response").GetProperty("body").GetString()!;
        fake.Server("/library/sections").Respond(System.Net.HttpStatusCode.Unauthorized, "text/html", body);

        var error = await Assert.ThrowsAsync<PlexException>(() => server.GetLibrariesAsync());

        Assert.Equal(PlexErrorKind.InvalidToken, error.Kind);
    }

    private static async Task<List<MediaItem>> ListAsync(string type, string json, int count)
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        fake.Server("/library/sections")
            .RespondJson($$$"""{"MediaContainer":{"size":1,"Directory":[{"key":"1","type":"{{{type}}}","title":"Library"}]}}""");
        fake.Page(0).RespondJson(json);
        fake.Page(count).RespondJson("""{"MediaContainer":{"size":0}}""");
        var items = new List<MediaItem>();
        await foreach (var item in server.GetItemsAsync((await server.GetLibrariesAsync())[0]))
        {
            items.Add(item);
        }

        return items;
    }

    private static string Recorded(string file) => Repository.ReadShared($"fixtures/recorded/{file}");

    /// <summary>The body of one of the answers that watchstate keeps in one file.</summary>
    private static string Answer(string name)
    {
        using var recorded = JsonDocument.Parse(Recorded("watchstate-plex_data.json"));
        return recorded.RootElement.GetProperty(name).GetProperty("response").GetProperty("body").GetRawText();
    }
}
