using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>A plan that came back through JSON can hold anything: what makes no sense is refused before the first request.</summary>
public sealed class DamagedPlanTests
{
    public static TheoryData<string> Damages =>
        ["no target", "no server", "no change", "no item", "no key", "count", "negative count", "position", "nothing", "action", "rating"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Plan_that_makes_no_sense_is_refused(string damage)
    {
        await using var session = await Session.StartAsync(Worlds.Small());
        var server = await session.ConnectAsync();
        var kid = await session.SwitchAsync(server, "Kid");
        var plan = Damage(await session.Synchronizer.PlanAsync(server, kid), damage);
        var before = session.Client.Requests;

        var one = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ApplyAsync(plan, server, kid));
        var several = await Assert.ThrowsAsync<PlexException>(() => session.Synchronizer.ApplyAsync([plan], [server, kid]));

        Assert.Equal((PlexErrorKind.InvalidPlan, PlexErrorKind.InvalidPlan), (one.Kind, several.Kind));
        Assert.Equal(before, session.Client.Requests);
    }

    private static SyncPlan Damage(SyncPlan plan, string damage)
    {
        var change = plan.Changes.First(static change => change.Action is ChangeAction.Watched && change.Before.IsEmpty);
        var after = change.After;
        return damage switch
        {
            "no target" => plan with { Target = null! },
            "no server" => plan with { Server = null! },
            _ => plan with
            {
                Changes =
                [
                    damage switch
                    {
                        "no change" => null!,
                        "no item" => change with { Item = null! },
                        "no key" => change with { Item = change.Item with { RatingKey = default } },
                        "count" => change with { After = after with { ViewCount = 5 } },
                        "negative count" => change with { After = after with { ViewCount = -5 } },
                        "position" => change with { After = after with { Position = TimeSpan.FromMinutes(-10) } },
                        "nothing" => change with { After = change.Before },
                        "action" => change with { Action = ChangeAction.Progress },
                        _ => change with { Action = ChangeAction.Rating, After = change.Before with { UserRating = 11 } },
                    },
                ],
            },
        };
    }
}
