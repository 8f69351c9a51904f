using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>What servers, apps and commands do to live runs, and what that may cost.</summary>
public sealed class LiveTroubleTests
{
    private const string Movie = "6";
    private const string Other = "7";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Half = TimeSpan.FromMinutes(50);

    private static readonly SyncJob Kids = new() { Name = "kids", To = ["Kid"] };
    private static readonly SyncJob Couple = new() { Name = "couple", To = ["Kid"], TwoWay = true };

    [Fact]
    public async Task Server_that_cannot_list_the_last_views_is_not_read_whole_again_and_again()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").Status(500);
        await house.BeginAsync([Kids]);
        var before = house.Session.Plex.Requests.Count;

        await house.PassAsync(TimeSpan.FromHours(2));

        Assert.Single(house.Runs);
        Assert.DoesNotContain(house.Session.Plex.Requests.All.Skip(before), static request => request.Path.EndsWith("/switch", default));
    }

    [Fact]
    public async Task Server_that_cannot_list_the_last_views_is_read_whole_once_something_was_played()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").Status(500);
        await house.BeginAsync([Kids]);

        Watch(house, Movie);
        await house.PassAsync(Soon);

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    [Fact]
    public async Task View_dated_in_the_future_and_a_scan_do_not_read_everything_each_minute()
    {
        await using var house = await LiveHouse.StartAsync();
        var date = house.Time.Now.AddDays(30).ToUnixTimeSeconds();
        house.Server.SetState(house.Owner, "8", new ItemState(ViewCount: 1, LastViewedAt: date));
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(10));
        var before = house.Runs.Count();

        for (var times = 0; times < 180; times++)
        {
            house.Server.Events.FloodItems(20);
            await house.PassAsync(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(before, house.Runs.Count());
    }

    [Theory]
    [InlineData(403)]
    [InlineData(401)]
    public async Task Target_that_refuses_writes_does_not_keep_the_others_of_the_job_waiting(int status)
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        house.Session.Plex.Faults.On(static request => request.IsWrite).By(house.Kid).Status(status);
        await house.BeginAsync([new SyncJob { Name = "all", To = ["Kid", "Partner"] }]);
        await house.PassAsync(TimeSpan.FromMinutes(50));

        Watch(house, Movie);
        await house.PassAsync(Soon);

        Assert.Equal(Half, house.Of(house.World.User("Partner"), Movie).Position);
    }

    [Fact]
    public async Task Ends_of_nobodys_playbacks_without_an_end_ask_little()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Session.Plex.Requests.Count;

        for (var times = 0; times < 150; times++)
        {
            house.Hear(new PlaybackEvent(SessionKey.Parse($"stray-{times}"), RatingKey.Parse(Movie), PlaybackState.Stopped, null));
            await house.PassAsync(TimeSpan.FromSeconds(2));
        }

        // Once a minute, two users, two libraries.
        Assert.InRange(house.Session.Plex.Requests.Count - before, 1, 6 * 2 * 2);
    }

    [Fact]
    public async Task New_playbacks_without_an_end_ask_little()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Session.Plex.Requests.Count;

        for (var times = 0; times < 300; times++)
        {
            var session = SessionKey.Parse($"new-{times}");
            house.Hear(new PlaybackEvent(session, RatingKey.Parse(Movie), PlaybackState.Playing, null));
            await house.PassAsync(TimeSpan.FromSeconds(1));
            house.Hear(new PlaybackEvent(session, RatingKey.Parse(Movie), PlaybackState.Stopped, null));
        }

        // In each of five minutes, it is asked twelve times who plays, and looked twelve times, in two libraries.
        Assert.InRange(house.Session.Plex.Requests.Count - before, 1, 6 * 12 * 3);
    }

    [Fact]
    public async Task Whoever_is_connected_it_is_the_owner_who_is_told_of_everybody()
    {
        await using var house = await LiveHouse.StartAsync();
        var users = await house.Job(new SyncJob { Name = "teens", From = "Teen", To = ["Kid"] }).Connect(default);
        var events = users.Source.ListenForAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(default);
        await using (events)
        {
            Assert.True(await events.MoveNextAsync());
            Assert.IsType<EventStreamOpened>(events.Current);
            var heard = events.MoveNextAsync();
            Watch(house, Movie);

            Assert.True(await heard);
            Assert.Equal(RatingKey.Parse(Movie), Assert.IsType<PlaybackEvent>(events.Current).Item);
        }
    }

    [Fact]
    public async Task What_somebody_is_playing_is_left_even_where_the_server_does_not_list_it()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        house.Session.Plex.Faults.On("/status/sessions").Status(403);
        var kids = house.Server.Players.Play(house.Kid, Movie);
        kids.Advance(TimeSpan.FromMinutes(5));
        Watch(house, Movie);
        kids.Advance(TimeSpan.FromMinutes(6));
        await house.PassAsync(Soon);
        house.Server.Players.MarkWatched(house.Owner, Other);

        await house.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.FromMinutes(11), house.Of(house.Kid, Movie).Position);
        Assert.True(house.Of(house.Kid, Other).IsWatched);
    }

    [Fact]
    public async Task Server_that_asks_for_an_hour_gets_an_hour()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([new LiveJob(Kids, static _ => throw new PlexException(PlexErrorKind.RateLimited, "Too many.")
        {
            RetryAfter = TimeSpan.FromHours(1),
        })]);

        await house.PassAsync(TimeSpan.FromHours(5));

        Assert.All(house.Told.OfType<LiveJobFailed>(), static told => Assert.Equal(TimeSpan.FromHours(1), told.RetryIn));
        Assert.Equal(6, house.Told.OfType<LiveJobFailed>().Count());
    }

    [Fact]
    public async Task What_one_job_writes_is_news_to_the_next_within_seconds()
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        await house.BeginAsync(
            [new SyncJob { Name = "one", To = ["Partner"] }, new SyncJob { Name = "two", From = "Partner", To = ["Kid"] }]);
        await house.PassAsync(TimeSpan.FromMinutes(30));

        Watch(house, Movie);
        await house.PassAsync(2 * Soon);

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    [Fact]
    public async Task Run_after_a_burst_takes_nothing_away()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([new SyncJob { Name = "kids", To = ["Kid"], Unwatched = true }], new LiveOptions { Burst = 2 });
        await house.PassAsync(TimeSpan.FromHours(7));
        Assert.True(house.Of(house.Kid, "2").IsWatched);
        foreach (var film in (string[])["6", "7", "8"])
        {
            house.Server.Players.MarkWatched(house.Owner, film);
        }

        while (!house.Told.OfType<LiveBurst>().Any())
        {
            await house.PassAsync(TimeSpan.FromSeconds(10));
        }

        house.Server.Players.MarkUnwatched(house.Owner, "2");
        await house.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal((true, true), (house.Of(house.Kid, "2").IsWatched, house.Of(house.Kid, "8").IsWatched));
    }

    [Fact]
    public async Task Stream_that_opens_and_ends_at_once_is_no_better_than_none()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Session.Plex.Requests.Count;

        for (var times = 0; times < 60; times++)
        {
            house.Hear(new EventStreamLost(new PlexException(PlexErrorKind.Unreachable, "Cut."), TimeSpan.FromSeconds(45)));
            await house.PassAsync(TimeSpan.FromSeconds(45));
            house.Hear(new EventStreamOpened());
            await house.PassAsync(TimeSpan.FromSeconds(1));
        }

        // In 46 minutes, twice a minute at most: two users, two libraries, and what is being played.
        Assert.InRange(house.Session.Plex.Requests.Count - before, 46, 46 * 5 * 2);
        Assert.Equal([true, false], house.Told.OfType<LiveStreamChanged>().Select(static told => told.IsOpen));
        await house.PassAsync(TimeSpan.FromMinutes(2));
        Assert.True(house.Told.OfType<LiveStreamChanged>().Last().IsOpen);
    }

    [Fact]
    public async Task Job_that_cannot_be_connected_for_whatever_reason_is_its_own_trouble()
    {
        await using var house = await LiveHouse.StartAsync();
        var broken = new LiveJob(new SyncJob { Name = "teens", To = ["Teen"] }, static _ => throw new IOException("The disk is full."));

        await house.BeginAsync([house.Job(Kids), broken]);
        Watch(house, Movie);
        await house.PassAsync(Soon);

        Assert.Equal(("teens", PlexErrorKind.Unknown), house.Told.OfType<LiveJobFailed>()
            .Select(static told => (told.Job.Name, told.Error.Kind)).Single());
        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    [Fact]
    public async Task Server_that_fails_for_a_while_costs_no_whole_reading()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").Status(503).Times(60);

        house.Server.Players.MarkWatched(house.Owner, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(45));

        Assert.Single(house.Runs, static run => run.IsWhole);
        Assert.True(house.Of(house.Kid, Movie).IsWatched);
    }

    [Fact]
    public async Task Target_that_a_command_holds_for_a_while_is_waited_for_in_silence()
    {
        await using var house = await LiveHouse.StartAsync(kind: StoreKind.Files);
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var users = await house.Job(Kids).Connect(default);
        var plan = await new WatchStateSynchronizer().PlanAsync(users.Source, users.Targets[0]);
        await using (var lease = (await house.Store.BeginAsync([plan with { Changes = [] }]))[0])
        {
            Watch(house, Movie);
            await house.PassAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(TimeSpan.Zero, house.Of(house.Kid, Movie).Position);
        }

        await house.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
        Assert.Empty(house.Told.OfType<LiveJobFailed>());
    }

    [Fact]
    public async Task Idle_looks_after_a_large_first_run_are_as_small_as_after_any()
    {
        await using var house = await LiveHouse.StartAsync(static clock => Worlds.Yardstick(clock: clock));
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Session.Plex.Requests.Count;

        await house.PassAsync(TimeSpan.FromHours(1));

        var looks = house.Session.Plex.Requests.All.Skip(before).ToList();
        Assert.InRange(looks.Count, 1, 48);
        Assert.All(looks, static look => Assert.InRange(int.Parse(look.HeaderOrQuery("X-Plex-Container-Size")!), 1, 1000));
    }

    [Fact]
    public async Task Outage_is_over_once_the_server_is_back()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        house.Session.Plex.Faults.On(static _ => true).CloseBefore();
        await house.PassAsync(TimeSpan.FromMinutes(10));

        house.Session.Plex.Faults.Clear();
        await house.PassAsync(TimeSpan.FromMinutes(11));

        Assert.Single(house.Told.OfType<LiveJobRecovered>());
    }

    [Fact]
    public async Task Refused_token_after_an_outage_is_answered_by_connecting()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        house.Session.Plex.Faults.On(static _ => true).CloseBefore();
        await house.PassAsync(TimeSpan.FromMinutes(10));
        house.Session.Plex.Faults.Clear();
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Told.OfType<LiveJobConnected>().Count();

        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").Status(401);
        await house.PassAsync(TimeSpan.FromMinutes(6));

        Assert.True(house.Told.OfType<LiveJobConnected>().Count() > before);
    }

    [Fact]
    public async Task Second_playback_is_not_forgotten_where_only_reading_everything_tells_of_it()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").Status(500);
        await house.BeginAsync([Kids]);
        Watch(house, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(10));

        Watch(house, Other);
        await house.PassAsync(TimeSpan.FromMinutes(45));

        Assert.Equal(Half, house.Of(house.Kid, Other).Position);
    }

    [Fact]
    public async Task Burst_that_cannot_be_written_is_no_recovery()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([new SyncJob { Name = "kids", To = ["Kid"] }], new LiveOptions { Burst = 2 });
        await house.PassAsync(TimeSpan.FromMinutes(30));
        house.Session.Plex.Faults.On(static request => request.IsWrite).By(house.Kid).Status(401);
        foreach (var film in (string[])["6", "7", "8"])
        {
            house.Server.Players.MarkWatched(house.Owner, film);
        }

        await house.PassAsync(TimeSpan.FromHours(1));

        Assert.Single(house.Told.OfType<LiveBurst>());
        Assert.Empty(house.Told.OfType<LiveJobRecovered>());
        Assert.InRange(house.Told.OfType<LiveJobFailed>().Count(), 1, 8);
    }

    [Fact]
    public async Task Run_that_could_read_nothing_is_made_again()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Session.Plex.Faults.On(static request => request.Path.EndsWith("/all", StringComparison.Ordinal)).Status(500);
        await house.BeginAsync([Kids]);
        house.Session.Plex.Faults.Clear();

        await house.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Single(house.Told.OfType<LiveJobRecovered>());
        Assert.True(house.Of(house.Kid, "2").IsWatched);
    }

    [Fact]
    public async Task However_long_a_job_fails_its_names_and_identities_are_never_older_than_the_time_between_whole_runs()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Session.Plex.Faults.On(static request => request.Path.EndsWith("/all", StringComparison.Ordinal)).Status(500);
        await house.BeginAsync([Kids]);

        await house.PassAsync(TimeSpan.FromHours(25));

        Assert.InRange(house.Told.OfType<LiveJobConnected>().Count(), 4, 6);
    }

    [Fact]
    public async Task Job_whose_source_is_refused_does_not_slow_the_others()
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        await house.BeginAsync([Kids, new SyncJob { Name = "two", From = "Partner", To = ["Teen"] }]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        house.Session.Plex.Faults.On(static request => request["sort"] == "lastViewedAt:desc").By(house.World.User("Partner")).Status(403);
        await house.PassAsync(TimeSpan.FromHours(3));

        house.Server.Players.MarkWatched(house.Owner, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(5));

        Assert.True(house.Of(house.Kid, Movie).IsWatched);
        Assert.InRange(house.Told.OfType<LiveJobFailed>().Count(), 1, 8);
    }

    [Fact]
    public async Task Long_film_without_a_stream_costs_no_run_each_minute()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        await house.CutAsync(TimeSpan.FromHours(5));
        await house.PassAsync(TimeSpan.FromMinutes(2));
        var playback = house.Server.Players.Play(house.Owner, Movie);
        var before = house.Runs.Count();

        for (var minute = 0; minute < 80; minute++)
        {
            playback.Advance(TimeSpan.FromMinutes(1));
            await house.PassAsync(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(house.Runs.Count() - before, 0, 2);
    }

    [Fact]
    public async Task What_a_job_that_reads_everything_has_left_is_done_once_the_playback_is_over()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([new SyncJob { Name = "kids", To = ["Kid"], Match = "guid" }]);
        var kids = house.Server.Players.Play(house.Kid, Movie);
        kids.Advance(TimeSpan.FromMinutes(5));
        kids.Pause();
        Watch(house, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.FromMinutes(5), house.Of(house.Kid, Movie).Position);

        kids.Stop();
        await house.PassAsync(Soon);

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    /// <summary>The owner watches half of a film, on an app that has stopped by now.</summary>
    private static void Watch(LiveHouse house, string film)
    {
        var playback = house.Server.Players.Play(house.Owner, film);
        playback.Advance(Half);
        playback.Stop();
    }
}
