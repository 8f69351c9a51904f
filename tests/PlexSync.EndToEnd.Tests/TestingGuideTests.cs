using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The C# of docs/testing.md. Each marked part is a block of the guide.</summary>
public sealed class TestingGuideTests
{
    [Fact]
    public async Task Guide_to_testing_does_what_it_says()
    {
        // <testing>
        await using var plex = await PlexSimulator.StartAsync(world =>
        {
            world.AddManagedUser("Kid");
            world.Server.AddMovieLibrary("Movies").AddMovie("Arrival", 2016).WatchedBy(world.Owner);
        });
        // </testing>

        using var http = new HttpClient(PlexClient.CreateHttpHandler());

        // <testing>
        var options = new PlexClientOptions { ClientIdentifier = "tests", AccountUrl = plex.AccountUrl };     // instead of https://plex.tv
        var client = new PlexClient(http, options);
        var account = await client.SignInAsync(plex.World.Owner.AccountToken);
        var server = await client.ConnectAsync(plex.ServerUrl, account);
        // </testing>

        var target = await new HomeUserSwitcher(client, account).SwitchAsync(server, "Kid");
        var synchronizer = new WatchStateSynchronizer();
        await synchronizer.ApplyAsync(await synchronizer.PlanAsync(server, target), server, target);

        // <testing>
        var kid = plex.World.User("Kid");
        var movie = plex.World.Server.Library("Movies").Item("Arrival");
        Assert.True(movie.StateOf(kid).IsWatched);
        Assert.Equal(1, plex.Requests.Writes);                              // and plex.Requests.To("/:/scrobble"), to look into them
        Assert.Equal(WriteKind.Scrobble, plex.World.Server.Writes[0].Kind); // only what took effect
        // </testing>

        // <testing>
        var playback = plex.World.Server.Players.Play(kid, movie.RatingKey);
        playback.Advance(TimeSpan.FromMinutes(30));
        playback.Stop();                                        // or Pause, Seek, Vanish: the app is gone without a word
        // </testing>

        Assert.Equal(TimeSpan.FromMinutes(30), movie.StateOf(kid).Position);

        // <testing>
        plex.World.Server.Edit(server => server.Item("1").Title = "Arrival (restored)");
        // </testing>

        Assert.Equal("Arrival (restored)", (await server.GetItemsAsync([RatingKey.Parse("1")])).Values.Single().Title);

        // <testing>
        plex.Faults.On("/library/sections/1/all").Status(503).Times(1);     // the first request for it; the next is answered
        plex.Faults.On("/:/scrobble").By(kid).ResetAfter();                 // carried out, but the answer is lost
        plex.Faults.On(request => request.IsWrite).Latency(TimeSpan.FromSeconds(1));
        // </testing>

        await Assert.ThrowsAsync<PlexException>(() => target.MarkWatchedAsync(RatingKey.Parse("1")));
        Assert.Equal(2, movie.StateOf(kid).ViewCount);
    }
}
