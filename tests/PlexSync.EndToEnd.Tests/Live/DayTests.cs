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
        await house.BeginAsync(Jobs);
        var evening = new Evening(house, seed);

        await evening.PassAsync(TimeSpan.FromHours(24));
        await house.PassAsync(TimeSpan.FromHours(1));

        Assert.DoesNotContain(house.Told, static told => told is LiveJobFailed);
        evening.AssertNoWriteTooMany();
        await house.EndAsync();
        await house.AssertInStepAsync(Jobs);
    }
}
