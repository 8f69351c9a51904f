using PlexSync.Simulator;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>An undo takes back the run's doing, all of it, and nothing else.</summary>
public sealed class UndoTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-undo-");

    [Fact]
    public async Task Undo_leaves_what_the_user_watched_before_a_killed_run_was_settled()
    {
        await using var session = await Session.StartAsync(Worlds.Small(), time: new HurriedTime());
        var (owner, kid) = await ConnectAsync(session);
        var plan = await Synchronizer.PlanAsync(owner, kid);
        // Killed before anything was sent.
        await using (await Journal.BeginAsync(RunId.Create(TimeProvider.System), plan, TestContext.Current.CancellationToken))
        {
        }

        var run = Assert.Single(await Journal.ListAsync(cancellationToken: TestContext.Current.CancellationToken));
        session.Simulated.SetState(session.Kid, "2", new ItemState(1, 0, 1_790_000_000));

        await Synchronizer.SettleAsync(kid);

        Assert.False(run.IsFinished);
        Assert.Empty(await Journal.ListAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(1, session.Simulated.State(session.Kid, "2").ViewCount);
    }

    [Fact]
    public async Task Undo_names_items_whose_rating_key_was_given_to_another()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var report = await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        session.Simulated.Edit(server => server.Libraries[0].Items[1].Title = "Another film");

        var undo = await Synchronizer.PlanUndoAsync(report.Run!.Value, kid);

        Assert.Equal(SkipReason.NotSameItem, Assert.Single(undo.Skipped).Reason);
        Assert.DoesNotContain(undo.Changes, change => change.Item.RatingKey.ToString() == "2");
    }

    [Fact]
    public async Task Last_run_is_the_one_that_began_last()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        var options = new SyncOptions { Libraries = ["TV Shows"] };
        var old = await Synchronizer.PlanAsync(owner, kid, options);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid, new SyncOptions { Libraries = ["Movies"] }), owner, kid);

        var applied = await Synchronizer.ApplyAsync(old, owner, kid);

        var runs = await Journal.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(applied.Run, runs[0].Id);
        Assert.Equal(applied.Run, JournaledRun.FindLast(runs));
    }

    [Fact]
    public async Task Undo_and_resume_refuse_a_journal_that_was_moved_to_another_user()
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var (owner, kid) = await ConnectAsync(session);
        await Synchronizer.ApplyAsync(await Synchronizer.PlanAsync(owner, kid), owner, kid);
        var file = _folder.EnumerateFiles("*.jsonl", SearchOption.AllDirectories).Single();
        Directory.CreateDirectory(Path.Combine(file.Directory!.Parent!.FullName, "user-1001"));
        file.CopyTo(Path.Combine(file.Directory.Parent.FullName, "user-1001", file.Name));

        var error = await Assert.ThrowsAsync<PlexException>(() => Synchronizer.SettleAsync(owner));

        Assert.Equal(PlexErrorKind.InvalidFile, error.Kind);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private FileJournal Journal => new(_folder.FullName);

    private WatchStateSynchronizer Synchronizer => new(Journal);

    private static async Task<(PlexServer Owner, PlexServer Kid)> ConnectAsync(Session session)
    {
        var owner = await session.ConnectAsync();
        return (owner, await session.SwitchAsync(owner, "Kid"));
    }
}
