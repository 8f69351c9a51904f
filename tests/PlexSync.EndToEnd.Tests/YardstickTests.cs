using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>Speed as request counts: 3,000 movies and 20,000 episodes, about 10,000 changes.</summary>
public sealed class YardstickTests
{
    private const int MostReads = 60;

    [Fact]
    public async Task Plan_takes_at_most_60_reads_and_one_write_a_change_and_a_second_run_none()
    {
        await using var session = await Session.StartAsync(Worlds.Yardstick());
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");

        var plan = await session.Synchronizer.PlanAsync(owner, kid);

        var planned = session.Client.Requests;
        Assert.InRange(planned.Reads, 1, MostReads);
        Assert.Equal(0, planned.Writes);
        Assert.InRange(plan.Changes.Count, 9_000, 12_000);

        // What was written is read back in several parts at once: one after the other, they would wait for ever.
        session.Plex.Faults.On(static request => request.Path.StartsWith("/library/metadata/", StringComparison.Ordinal)).Together(4);
        var report = await session.Synchronizer.ApplyAsync(plan, owner, kid);

        var applied = session.Client.Requests;
        Assert.Equal(plan.Changes.Count, report.Count(ChangeOutcome.Applied));
        Assert.Equal(plan.Changes.Count, applied.Writes);
        Assert.Equal(plan.Changes.Count, report.Verified);
        Assert.InRange(applied.Reads - planned.Reads, 1, (plan.Changes.Count + 199) / 200 + 2);

        var second = await session.Synchronizer.PlanAsync(owner, kid);

        Assert.Empty(second.Changes);
        Assert.InRange(session.Client.Requests.Reads - applied.Reads, 1, MostReads);
    }

    [Fact]
    public async Task Reads_grow_with_the_items_and_not_faster()
    {
        var (small, large) = (await ReadsAsync(movies: 2_000, shows: 400), await ReadsAsync(movies: 20_000, shows: 4_000));

        // 220 pages for the owner, a fifth less for Kid.
        Assert.InRange(large, small, 10 * small);
        Assert.InRange(large, 220 + 176, 220 + 176 + 40);
    }

    [Fact]
    public async Task Merge_of_five_on_the_yardstick_takes_at_most_150_reads_and_one_write_an_item()
    {
        await using var session = await Session.StartAsync(Worlds.Family());
        var owner = await session.ConnectAsync();
        var switcher = new HomeUserSwitcher(session.Client, await session.Client.SignInAsync(session.World.Owner.AccountToken));
        List<PlexServer> users = [owner];
        foreach (var name in (string[])["Kid", "Mia", "Noah", "Zoe"])
        {
            users.Add(await switcher.SwitchAsync(owner, name));
        }

        var plans = await session.Synchronizer.PlanMergeAsync(users);

        Assert.InRange(session.Client.Requests.Reads, 1, 150);
        Assert.Equal(0, session.Client.Requests.Writes);
        var listed = session.Plex.Requests.All.Where(request => request.Path.EndsWith("/all", StringComparison.Ordinal))
            .GroupBy(request => (request.UserId, request.Path, request.HeaderOrQuery("X-Plex-Container-Start")));
        Assert.All(listed, page => Assert.Single(page));
        Assert.All(plans, plan => Assert.Equal(plan.Changes.Count, plan.Changes.DistinctBy(change => change.Item.RatingKey).Count()));
        Assert.InRange(plans.Sum(plan => plan.Changes.Count), 50_000, 70_000);
    }

    private static async Task<long> ReadsAsync(int movies, int shows)
    {
        await using var session = await Session.StartAsync(Worlds.Large(movies, shows));
        var owner = await session.ConnectAsync();
        var kid = await session.SwitchAsync(owner, "Kid");

        var plan = await session.Synchronizer.PlanAsync(owner, kid);

        Assert.NotEmpty(plan.Changes);
        return session.Client.Requests.Reads;
    }
}
