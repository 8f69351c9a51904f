using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Storage;
using PlexSync.Fleet.Tests.Pages;

namespace PlexSync.Fleet.Tests.Storage;

public sealed class OldRowsTests(PostgresServer postgres)
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_are_kept_for_good_by_default_else_for_as_long_as_is_said_and_some_days_at_a_time()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var store = database.OpenStore();
        var (oldest, old, recent, open) = (
            await AddAsync(database, store, 45), await AddAsync(database, store, 31), await AddAsync(database, store, 29),
            await AddAsync(database, store, 50, isFinished: false));
        var other = await AddAsync(database, store, 33, user: 1003);

        await DropAsync(database, keepRunsFor: null);
        Assert.Equal(5, (await store.ListRunsAsync(cancellationToken: Stopping)).Count);
        await DropAsync(database, TimeSpan.FromDays(30));

        var kept = (await store.ListRunsAsync(cancellationToken: Stopping)).Select(static run => run.Id).ToHashSet();
        Assert.Equal([recent, open, other], kept);
        Assert.DoesNotContain(oldest, kept);
        Assert.DoesNotContain(old, kept);
    }

    [Fact]
    public async Task Answers_and_nodes_and_readings_that_are_too_old_are_dropped()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await ExecuteAsync(database, "insert into servers (name, definition, token, pins, origin) values ('one', '', '', '', 'api')");
        await ExecuteAsync(
            database, "insert into answers select 'one', d::text::bytea, '', now() + d from unnest(array[interval '1 h', '-1 h']) d");
        await ExecuteAsync(
            database, "insert into nodes select d::text, '', now() - d, gen_random_uuid() from unnest(array[interval '23 h', '25 h']) d");
        await ExecuteAsync(
            database, "insert into readings select d::text::bytea, '', now() - d from unnest(array[interval '29 d', '31 d']) d");

        await DropAsync(database, keepRunsFor: null);

        Assert.Equal(
            ["01:00:00 1 1 1"],
            await database.Open().QueryAsync(
                """
                select (select min(date_trunc('hour', ends_at - now() + interval '1 m'))::text from answers) || ' '
                    || (select count(*) from answers) || ' ' || (select count(*) from nodes) || ' ' || (select count(*) from readings)
                """,
                [],
                static row => row.GetString(0),
                Stopping));
    }

    private static Task DropAsync(TestDatabase database, TimeSpan? keepRunsFor) => new OldRows(
        database.Open(),
        Options.Create(new FleetOptions { KeepRunsFor = keepRunsFor }),
        TimeProvider.System,
        NullLogger<OldRows>.Instance).DropAsync(Stopping);

    private static async Task<RunId> AddAsync(
        TestDatabase database, PostgresStore store, int days, bool isFinished = true, long user = 1002)
    {
        var plan = Plans.Of("Alien") with { Target = new UserReference(new UserId(user), "Kid") };
        await using var lease = (await store.BeginAsync([plan], Stopping))[0];
        await lease.AnnounceAsync(plan.Changes[0], serverTime: null, Stopping);
        await ExecuteAsync(
            database,
            "update runs set finished = $1, started_at = started_at - $2 where name = $3",
            isFinished, TimeSpan.FromDays(days), $"{lease.Run}");
        return lease.Run;
    }

    private static Task<int> ExecuteAsync(TestDatabase database, string sql, params object?[] values) =>
        database.Open().ExecuteAsync(sql, values, Stopping);
}
