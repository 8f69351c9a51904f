using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>What holds whatever both users have seen, however the server behaves, and whatever goes wrong with a write.</summary>
public abstract class PropertyTests(StoreKind store)
{
    [Fact]
    public Task Undo_brings_back_every_item_that_the_run_touched_and_an_undo_of_it_the_run() =>
        Playground.CheckAsync(store, async (playground, scenario) =>
    {
        var before = playground.States();
        var report = await playground.ApplyAsync(
            await playground.Synchronizer.PlanAsync(playground.Owner, playground.Kid, playground.Options), scenario);
        var left = playground.States();
        AssertNoViewTwice(before, left);
        if (await LastAsync(playground) is not { } run)
        {
            AssertSame(before, left, []);
            return;
        }

        Assert.Equal(report.Run, run.Id);
        var undo = await playground.Synchronizer.PlanUndoAsync(run.Id, playground.Kid);
        var undone = await playground.Synchronizer.ApplyAsync(undo, playground.Kid);

        AssertSame(before, playground.States(), undo.Skipped);
        Assert.DoesNotContain(undo.Skipped, skipped => skipped.Reason is SkipReason.ChangedSincePlanned);
        if (undone.Run is { } undoing)
        {
            var redo = await playground.Synchronizer.PlanUndoAsync(undoing, playground.Kid);
            await playground.Synchronizer.ApplyAsync(redo, playground.Kid);
            AssertSame(left, playground.States(), redo.Skipped);
        }
    });

    [Fact]
    public Task Journal_says_what_the_run_wrote() => Playground.CheckAsync(store, async (playground, scenario) =>
    {
        var before = playground.States();
        await playground.ApplyAsync(
            await playground.Synchronizer.PlanAsync(playground.Owner, playground.Kid, playground.Options), scenario);
        var left = playground.States();
        var known = await LastAsync(playground) is { } run ? await playground.Store.Open().ReadRunAsync(run) : null;

        foreach (var (key, state) in left)
        {
            var result = known?.Results.FirstOrDefault(result => result.Change.Item.RatingKey.ToString() == key);
            var expected = result?.StateAfterRun is { } after ? new ItemState(after.ViewCount, (long)after.Position.TotalMilliseconds)
                : before[key];
            if (result?.Outcome is not ChangeOutcome.Unknown)
            {
                Assert.Equal(expected.ViewCount, state.ViewCount);
                // A position within a second of the one before is the one before.
                Assert.InRange(state.ViewOffset, expected.ViewOffset - 1000, expected.ViewOffset + 1000);
            }
        }
    });

    [Fact]
    public Task Plan_writes_nothing_when_it_is_applied_a_second_time() => Playground.CheckAsync(store, async (playground, scenario) =>
    {
        var plan = await playground.Synchronizer.PlanAsync(playground.Owner, playground.Kid, playground.Options);
        using var file = new MemoryStream();
        await plan.WriteAsync(file);
        await playground.ApplyAsync(plan, scenario);
        // What went wrong the first time may be made good once.
        await playground.Synchronizer.ApplyAsync(plan, playground.Owner, playground.Kid, playground.Options);
        playground.Server.ClearWrites();

        await playground.Synchronizer.ApplyAsync(plan, playground.Owner, playground.Kid, playground.Options);
        file.Position = 0;
        await playground.Synchronizer.ApplyAsync(await SyncPlan.ReadAsync(file), playground.Kid, playground.Options);

        Assert.Empty(playground.Server.Writes);
    });

    [Fact]
    public Task Exact_restore_brings_back_what_a_snapshot_kept() => Playground.CheckAsync(store, async (playground, scenario) =>
    {
        var before = playground.States();
        using var snapshot = new MemoryStream();
        await playground.Synchronizer.SaveSnapshotAsync(playground.Kid, snapshot);
        playground.Set(scenario.Other, playground.Kid);

        snapshot.Position = 0;
        var plan = await playground.Synchronizer.PlanRestoreAsync(snapshot, playground.Kid, exact: true);
        await playground.Synchronizer.ApplyAsync(plan, playground.Kid, playground.Options);

        // What Kid may not see, nobody can bring back for them.
        before["10"] = playground.States()["10"];
        AssertSame(before, playground.States(), plan.Skipped);
    });

    [Fact]
    public Task Import_only_adds_leaves_alone_who_has_as_much_and_adds_nothing_the_second_time() =>
        Playground.CheckAsync(store, async (playground, scenario) =>
    {
        var before = playground.States();
        var history = Scenario.Keys.Zip(scenario.Other).ToDictionary(pair => pair.First, pair => pair.Second);
        var states = new ImportedStates { Items = [.. history.Select(pair => Said(playground, pair.Key, pair.Value))] };
        var options = new ImportOptions { ApproximatePositions = scenario.Mirrors };

        var plan = await playground.Synchronizer.PlanImportAsync(states, playground.Kid, options);
        await playground.Synchronizer.ApplyAsync(plan, playground.Kid);
        var second = await playground.Synchronizer.PlanImportAsync(states, playground.Kid, options);

        Assert.Equal(0, plan.Removals);
        foreach (var change in plan.Changes)
        {
            var (had, said) = (before[$"{change.Item.RatingKey}"], history[$"{change.Item.RatingKey}"]);
            var isNearEnd = change.After.IsWatched && Said(playground, $"{change.Item.RatingKey}", said).Percent >= 90;
            Assert.True(
                !had.IsWatched && (said.IsWatched || isNearEnd || said.ViewOffset > had.ViewOffset),
                $"{had} became {change.After} by {said}");
        }

        foreach (var (key, now) in playground.States())
        {
            Assert.True(now.ViewCount >= before[key].ViewCount, $"{key}: {before[key]} became {now}");
            Assert.True(now.IsWatched || now.ViewOffset >= before[key].ViewOffset, $"{key}: {before[key]} became {now}");
        }

        Assert.Empty(second.Changes);
    });

    /// <summary>A state as a history says it; every other position only as a percentage.</summary>
    private static ImportedState Said(Playground playground, string key, ItemState state)
    {
        var item = playground.Server.Item(key);
        var isPercent = key.Length == 1 && item.Duration is not null;
        return new ImportedState
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Parse(item.Type),
            Title = item.Title,
            PlexGuid = item.PrimaryGuid,
            ViewCount = state.ViewCount,
            Position = isPercent ? null : TimeSpan.FromMilliseconds(state.ViewOffset),
            Percent = isPercent ? Math.Min(100.0, 100.0 * state.ViewOffset / item.Duration!.Value.TotalMilliseconds) : null,
        };
    }

    private protected static async Task<SyncRun?> LastAsync(Playground playground)
    {
        var runs = await playground.Store.Open().ListRunsAsync();
        Assert.All(runs, run => Assert.True(run.IsFinished));
        return runs.SingleOrDefault();
    }

    /// <summary>The same to a viewer; where Plex refused a position, whether watched is the same.</summary>
    private protected static void AssertSame(
        Dictionary<string, ItemState> expected, Dictionary<string, ItemState> actual, IReadOnlyList<SkippedItem> skipped)
    {
        foreach (var (key, state) in expected)
        {
            var now = actual[key];
            Assert.True(state.IsWatched == now.IsWatched, $"{key}: {state} became {now}");
            Assert.True(
                Math.Abs(state.ViewOffset - now.ViewOffset) <= 1000 || skipped.Any(skip => skip.Item.RatingKey.ToString() == key),
                $"{key}: {state} became {now}");
        }
    }

    private protected static void AssertNoViewTwice(Dictionary<string, ItemState> before, Dictionary<string, ItemState> after) =>
        Assert.All(after, pair => Assert.InRange(pair.Value.ViewCount, 0, Math.Max(1, before[pair.Key].ViewCount)));
}

public sealed class FileStorePropertyTests() : PropertyTests(StoreKind.Files)
{
    /// <summary>
    /// A process may end after any byte of its journal: whatever is not recorded by then is done, half done, or not begun. The next run
    /// finds out.
    /// </summary>
    [Fact]
    public Task Run_that_ended_anywhere_is_settled_by_the_next() => Playground.CheckAsync(StoreKind.Files, async (playground, scenario) =>
    {
        var random = new Random(scenario.Seed);
        var before = playground.States();
        await playground.ApplyAsync(
            await playground.Synchronizer.PlanAsync(playground.Owner, playground.Kid, playground.Options), scenario with { Faults = [] });
        if (await LastAsync(playground) is not { } run)
        {
            return;
        }

        var after = playground.States();
        var file = playground.Store.SingleFile().FullName;
        var text = await File.ReadAllBytesAsync(file);
        var cut = random.Next(text.Length + 1);
        await File.WriteAllBytesAsync(file, text[..cut]);
        var journal = playground.Store.Open();
        var open = (await journal.ListRunsAsync()).SingleOrDefault();
        var recorded = open is null ? null : await journal.ReadRunAsync(open);
        foreach (var result in recorded?.Results.Where(result => result.Outcome is ChangeOutcome.Planned or ChangeOutcome.Unknown) ?? [])
        {
            // Announced: sent or not, whole or half. Not announced: not sent.
            var (key, change) = (result.Change.Item.RatingKey.ToString(), result.Change);
            var passesNothing = change.Before.IsInProgress && !change.Before.IsWatched && change.After.IsWatched;
            playground.Server.SetState(playground.Kid.User.Id.Value, key, random.Next(3) switch
            {
                _ when result.Outcome is ChangeOutcome.Planned => before[key],
                0 => before[key],
                1 when passesNothing => ItemState.None,
                _ => after[key],
            });
        }

        if (open is null)
        {
            // The plan had not reached the disk: nothing can have been written.
            playground.Set(scenario.Kid, playground.Kid);
        }

        await playground.Synchronizer.SettleAsync(playground.Kid);
        await playground.Synchronizer.ApplyAsync(
            await playground.Synchronizer.PlanAsync(playground.Owner, playground.Kid, playground.Options),
            playground.Owner,
            playground.Kid,
            playground.Options);

        Assert.All(await journal.ListRunsAsync(), known => Assert.True(known.IsFinished));
        AssertSame(after, playground.States(), []);
        AssertNoViewTwice(before, playground.States());
    });
}

public sealed class MemoryStorePropertyTests() : PropertyTests(StoreKind.Memory);
