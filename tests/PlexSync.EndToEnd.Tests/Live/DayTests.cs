using PlexSync.EndToEnd.Tests.Safety;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>A day of four people in three jobs: a couple, a merge of three, and one way to a kid.</summary>
public sealed class DayTests
{
    private static readonly SyncJob[] Jobs =
    [
        new() { Name = "couple", To = ["Partner"], TwoWay = true, Policy = "newest" },
        new() { Name = "three", Users = ["Owner", "Partner", "Teen"], Policy = "newest" },
        new() { Name = "kid", To = ["Kid"] },
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Thoroughness.IsAll ? 30 : 1)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Everybody_is_in_step_at_the_end_and_nothing_was_written_twice(int seed)
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        var evening = new Evening(house, seed);
        await house.BeginAsync(Jobs);

        await evening.PassAsync(TimeSpan.FromHours(24));
        await house.PassAsync(TimeSpan.FromHours(1));

        Assert.DoesNotContain(house.Told, static told => told is LiveJobFailed);
        evening.AssertNoWriteTooMany();
        await house.EndAsync();
        await house.AssertInStepAsync(Jobs);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_goes_wrong_meanwhile_nothing_is_lost_taken_away_or_counted_twice(int seed)
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        var evening = new Evening(house, seed);
        await house.BeginAsync(Jobs);
        var trouble = new Trouble(house);

        await evening.PassAsync(TimeSpan.FromHours(Thoroughness.IsAll ? 24 : 8), trouble.StirAsync);
        await trouble.EndAsync();
        await house.PassAsync(TimeSpan.FromHours(7));

        evening.AssertNothingTwice();
        await house.EndAsync();
        await house.AssertInStepAsync(Jobs);
    }

    [Theory]
    [InlineData(StoreKind.Files)]
    [InlineData(StoreKind.Memory)]
    public async Task Killed_at_any_moment_and_started_again_it_loses_nothing_and_does_nothing_twice(StoreKind kind)
    {
        var wanted = Thoroughness.IsAll ? 100 : 6;
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers, kind);
        var evening = new Evening(house, seed: 7);
        var random = new Random(7);
        var (kill, kills) = (new Kill(random.Next(30)), 0);
        await house.BeginAsync(Jobs, kill);

        while (kills < wanted)
        {
            await evening.PassAsync(TimeSpan.FromHours(1), StartAgainAsync);
        }

        await house.EndAsync();
        await house.BeginAsync(Jobs);
        // A playback that has vanished is listed for half an hour.
        await house.PassAsync(TimeSpan.FromMinutes(45));
        evening.AssertNothingTwice();
        await house.EndAsync();
        await house.AssertInStepAsync(Jobs);

        async Task StartAgainAsync(Random _)
        {
            if (kill.IsDead)
            {
                await house.EndAsync();
                (kill, kills) = (new Kill(random.Next(30)), kills + 1);
                await house.BeginAsync(Jobs, kill);
            }
        }
    }

    [Fact]
    public async Task Day_on_which_nobody_watches_anything_takes_few_requests()
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        await house.BeginAsync(Jobs);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var (requests, writes, wakeUps) = (house.Session.Plex.Requests.Count, house.Session.Plex.Requests.Writes, house.WakeUps);

        await house.PassAsync(TimeSpan.FromHours(24));

        // Three people are looked at, each in two libraries; what the kid views changes nothing for anybody.
        Assert.InRange(house.Session.Plex.Requests.Count - requests, 24 * 12 * 3 * 2, (24 * 12 * 3 * 2) + (4 * 3 * 40));
        Assert.Equal(writes, house.Session.Plex.Requests.Writes);
        // Every five minutes, and each of three jobs four times a day.
        Assert.InRange(house.WakeUps - wakeUps, 24 * 12, (24 * 12) + (4 * 3));
    }

    [Fact]
    public async Task Flood_of_events_about_what_looks_unwatched_takes_nothing_away_and_asks_little()
    {
        await using var house = await LiveHouse.StartAsync(LiveHouse.FourUsers);
        house.Server.Switches.TellsMarks = true;
        await house.BeginAsync(Jobs);
        await house.PassAsync(TimeSpan.FromMinutes(30));
        var (plays, requests) = (house.Server.Writes.Count, house.Session.Plex.Requests.Count);

        house.Server.Events.FloodItems(264);
        await house.PassAsync(TimeSpan.FromMinutes(4));

        Assert.Equal(plays, house.Server.Writes.Count);
        // One look at each of the two libraries of three people, then once a minute.
        Assert.InRange(house.Session.Plex.Requests.Count - requests, 1, 4 * 2 * 3);
    }
}
