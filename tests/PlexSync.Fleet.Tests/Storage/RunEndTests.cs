using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PlexSync.Fleet.Tests.Pages;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Storage;

public sealed class RunEndTests(PostgresServer postgres)
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ends_when_it_is_completed_though_the_clock_of_its_node_is_ahead_of_the_databases()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1));
        var plan = Plans.Of("Arrival");
        await using (var lease = await database.OpenStore(time).BeginAsync(plan, Stopping))
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await lease.CompleteAsync(
                new SyncReport
                {
                    Plan = plan,
                    Results = [new() { Change = plan.Changes[0], Outcome = ChangeOutcome.Applied, StateAfterRun = plan.Changes[0].After }],
                },
                Stopping);
        }

        var results = Assert.Single(await database.Open().QueryAsync(
            "select results from runs", [], static row => row.GetFieldValue<byte[]>(0), Stopping));
        Assert.Equal(time.GetUtcNow(), JsonSerializer.Deserialize(results, FleetJson.Default.StoredResults)!.EndedAt);
    }
}
