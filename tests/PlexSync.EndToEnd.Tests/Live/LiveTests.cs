namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>Users who are kept in step while they watch.</summary>
public sealed class LiveTests
{
    private const string Movie = "6";
    private const string Other = "7";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Half = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan End = TimeSpan.FromMinutes(100);

    private static readonly SyncJob Kids = new() { Name = "kids", To = ["Kid"] };
    private static readonly SyncJob Couple = new() { Name = "couple", To = ["Kid"], TwoWay = true };

    [Fact]
    public async Task Film_that_was_played_to_its_end_is_watched_by_the_other_within_seconds()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);
        await house.PassAsync(Half);
        film.Advance(End);
        await house.PassAsync(Half);
        Assert.False(house.Of(house.Kid, Movie).IsWatched);

        film.Stop();
        await house.PassAsync(Soon);

        Assert.True(house.Of(house.Kid, Movie).IsWatched);
    }

    [Fact]
    public async Task Position_of_a_pause_arrives_to_the_millisecond_in_both_directions()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        var at = TimeSpan.FromMilliseconds(1_234_567);
        var owners = house.Server.Players.Play(house.Owner, Movie);
        owners.Advance(at);
        var kids = house.Server.Players.Play(house.Kid, Other);
        kids.Advance(at * 2);

        owners.Pause();
        await house.PassAsync(Soon);
        kids.Stop();
        await house.PassAsync(Soon);

        Assert.Equal((false, at), house.Of(house.Kid, Movie));
        Assert.Equal((false, at * 2), house.Of(house.Owner, Other));
    }

    [Fact]
    public async Task What_goes_on_after_a_short_pause_is_left_until_it_ends()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);
        film.Pause();
        await house.PassAsync(TimeSpan.FromSeconds(1));
        film.Resume();

        await house.PassAsync(TimeSpan.FromMinutes(4));

        Assert.Equal((false, TimeSpan.Zero), house.Of(house.Kid, Movie));
    }

    [Fact]
    public async Task Mark_made_by_hand_is_found_although_no_event_tells_of_it()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(20));

        house.Server.Players.MarkWatched(house.Owner, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(5));

        Assert.True(house.Of(house.Kid, Movie).IsWatched);
    }

    [Fact]
    public async Task Nothing_is_unwatched_because_of_an_event_but_by_the_run_that_reads_everything()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Server.Switches.TellsMarks = true;
        await house.BeginAsync([new SyncJob { Name = "kids", To = ["Kid"], Unwatched = true }]);
        await house.PassAsync(TimeSpan.FromHours(6));
        Assert.True(house.Of(house.Kid, "2").IsWatched);

        house.Server.Players.MarkUnwatched(house.Owner, "2");
        house.Server.Players.MarkWatched(house.Owner, Movie);
        await house.PassAsync(TimeSpan.FromHours(5));
        Assert.Equal((true, true), (house.Of(house.Kid, "2").IsWatched, house.Of(house.Kid, Movie).IsWatched));

        await house.PassAsync(TimeSpan.FromHours(2));
        Assert.False(house.Of(house.Kid, "2").IsWatched);
    }

    [Fact]
    public async Task What_the_other_one_is_playing_is_left_until_they_stop()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        var kids = house.Server.Players.Play(house.Kid, Movie);
        kids.Advance(TimeSpan.FromMinutes(5));
        var owners = house.Server.Players.Play(house.Owner, Movie);
        owners.Advance(Half);

        owners.Stop();
        await house.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.FromMinutes(5), house.Of(house.Kid, Movie).Position);

        kids.Stop();
        await house.PassAsync(Soon);
        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    [Fact]
    public async Task More_than_a_burst_is_left_for_one_ordinary_run()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids], new LiveOptions { Burst = 3 });
        string[] films = ["6", "7", "8", "9"];
        foreach (var film in films)
        {
            house.Server.Players.MarkWatched(house.Owner, film);
        }

        await house.PassAsync(TimeSpan.FromMinutes(7));

        Assert.Equal(4, Assert.Single(house.Told.OfType<LiveBurst>()).Changes);
        Assert.All(films, film => Assert.True(house.Of(house.Kid, film).IsWatched));
        Assert.Equal(2, house.Runs.Count());
    }

    [Fact]
    public async Task What_is_missed_while_the_stream_is_away_is_caught_up_with()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        await house.CutAsync(TimeSpan.FromMinutes(10));

        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);
        film.Stop();
        await house.PassAsync(TimeSpan.FromMinutes(1) + Soon);

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
        Assert.Equal([true, false], house.Told.OfType<LiveStreamChanged>().Select(static told => told.IsOpen));
    }

    [Fact]
    public async Task App_that_vanishes_does_not_hold_its_position_back_for_longer_than_the_server_lists_it()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);

        film.Vanish();
        await house.PassAsync(TimeSpan.FromMinutes(36));

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }

    [Fact]
    public async Task Idle_hour_takes_few_requests()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var before = house.Session.Plex.Requests.Count;

        await house.PassAsync(TimeSpan.FromHours(1));

        // Two users, two libraries.
        Assert.InRange(house.Session.Plex.Requests.Count - before, 1, 12 * 2 * 2);
    }

    [Fact]
    public async Task Own_writes_are_no_news()
    {
        await using var house = await LiveHouse.StartAsync();
        house.Server.Switches.TellsMarks = true;
        await house.BeginAsync([Couple]);
        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);
        film.Stop();
        await house.PassAsync(Soon);
        var runs = house.Runs.Count();

        await house.PassAsync(TimeSpan.FromHours(1));

        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
        Assert.Equal(runs, house.Runs.Count());
    }

    [Fact]
    public async Task Job_whose_server_is_away_is_told_tried_again_and_told_when_it_is_well()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Kids]);
        house.Session.Plex.Faults.On("/*").Status(503);
        await house.PassAsync(TimeSpan.FromHours(1));
        Assert.Contains(house.Told, static told => told is LiveJobFailed { Error.Kind: PlexErrorKind.Unavailable });
        Assert.DoesNotContain(house.Told, static told => told is LiveJobRecovered);

        house.Session.Plex.Faults.Clear();
        house.Server.Players.MarkWatched(house.Owner, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(11));

        Assert.Single(house.Told.OfType<LiveJobRecovered>());
        Assert.True(house.Of(house.Kid, Movie).IsWatched);
    }

    [Fact]
    public async Task Job_is_kept_up_by_one_at_a_time()
    {
        await using var house = await LiveHouse.StartAsync(kind: StoreKind.Files);
        await using var held = await house.Store.WatchAsync("KIDS");

        await house.BeginAsync([Kids]);

        var failure = await house.FailureAsync<PlexException>();
        Assert.Equal(PlexErrorKind.JobInProgress, failure.Kind);
        Assert.Contains($", {Environment.ProcessId}", Assert.Single(failure.Candidates), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_that_would_undo_each_others_work_are_refused_before_anything_is_written()
    {
        await using var house = await LiveHouse.StartAsync();

        await house.BeginAsync([Kids, new() { Name = "teens", From = "Teen", To = ["Kid"] }]);

        var failure = await house.FailureAsync<PlexException>();
        Assert.Equal((PlexErrorKind.JobsInLoop, "Kid"), (failure.Kind, failure.Subject));
        Assert.Equal(["kids", "teens"], failure.Candidates);
        Assert.Empty(house.Server.Writes);
    }

    [Fact]
    public async Task Job_goes_on_and_is_held_again_where_the_state_folder_vanishes()
    {
        await using var house = await LiveHouse.StartAsync(kind: StoreKind.Files);
        await house.BeginAsync([Kids]);
        house.Clear();
        house.Server.Players.MarkWatched(house.Owner, Movie);

        await house.PassAsync(TimeSpan.FromMinutes(10));

        Assert.True(house.Of(house.Kid, Movie).IsWatched);
        Assert.Empty(house.Told.OfType<LiveJobFailed>());
        await Assert.ThrowsAsync<PlexException>(() => house.Store.WatchAsync("kids"));
    }

    [Fact]
    public async Task Token_that_is_replaced_is_asked_for_again()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([Couple]);

        house.Server.ReplaceToken(house.Kid);
        house.Server.Players.MarkWatched(house.Kid, Movie);
        await house.PassAsync(TimeSpan.FromMinutes(6));

        Assert.True(house.Of(house.Owner, Movie).IsWatched);
        Assert.Single(house.Told.OfType<LiveJobRecovered>());
    }

    [Fact]
    public async Task Name_of_nobody_is_refused_at_once_where_that_is_wanted_and_no_other_job_can_begin()
    {
        await using var house = await LiveHouse.StartAsync();

        await house.BeginAsync([new SyncJob { Name = "typo", To = ["Kdi"] }], new LiveOptions { RequiresStart = true });

        Assert.Equal(PlexErrorKind.UserNotFound, (await house.FailureAsync<PlexException>()).Kind);
    }

    [Fact]
    public async Task Name_of_nobody_in_one_job_does_not_keep_the_others_from_going_on()
    {
        await using var house = await LiveHouse.StartAsync();
        await house.BeginAsync([new SyncJob { Name = "typo", To = ["Kdi"] }, Kids], new LiveOptions { RequiresStart = true });
        var film = house.Server.Players.Play(house.Owner, Movie);
        film.Advance(Half);
        film.Stop();

        await house.PassAsync(Soon);

        Assert.Equal(("typo", PlexErrorKind.UserNotFound), house.Told.OfType<LiveJobFailed>()
            .Select(static told => (told.Job.Name, told.Error.Kind)).Single());
        Assert.Equal(Half, house.Of(house.Kid, Movie).Position);
    }
}
