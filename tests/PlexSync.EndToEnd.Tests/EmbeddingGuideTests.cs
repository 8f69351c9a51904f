using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PlexSync.Testing;
using Polly;

namespace PlexSync.EndToEnd.Tests;

/// <summary>The C# of docs/embedding.md, run against a simulated household. Each marked part is a block of the guide.</summary>
public sealed class EmbeddingGuideTests
{
    [Fact]
    public async Task Standard_resilience_handler_that_does_not_retry_counts_no_view_twice()
    {
        var stopping = TestContext.Current.CancellationToken;
        await using var simulated = await PlexSimulator.StartAsync(Worlds.Small());
        var services = new ServiceCollection();
        Register(services);
        services.PostConfigure<PlexClientOptions>(options =>
            (options.AccountUrl, options.RetryDelay) = (simulated.AccountUrl, TimeSpan.FromMilliseconds(1)));
        await using var provider = services.BuildServiceProvider();
        var plex = provider.GetRequiredService<PlexClient>();
        var owner = await plex.SignInAsync(simulated.World.Owner.AccountToken, stopping);
        var server = await plex.ConnectAsync(simulated.ServerUrl, owner, stopping);
        var kid = await new HomeUserSwitcher(plex, owner).SwitchAsync(server, "Kid", cancellationToken: stopping);
        var synchronizer = provider.GetRequiredService<WatchStateSynchronizer>();
        var plan = await synchronizer.PlanAsync(server, kid, cancellationToken: stopping);
        simulated.Faults.On("/:/scrobble").Status(503, afterEffect: true).Times(1);
        simulated.Faults.On("/library/sections").Status(503).Times(1);

        await server.GetLibrariesAsync(stopping);
        await Assert.ThrowsAsync<PlexException>(() => kid.MarkWatchedAsync(RatingKey.Parse("9"), stopping));
        var report = await synchronizer.ApplyAsync(plan, server, kid, cancellationToken: stopping);

        // Nothing is sent that PlexClient does not know of.
        Assert.Equal(simulated.Requests.Count, plex.Requests.Reads + plex.Requests.Writes);
        Assert.Equal(1, simulated.World.Server.State(1002, "9").ViewCount);
        Assert.Equal(plan.Changes.Count, report.Verified);
        Assert.All(
            plan.Changes.Where(static change => change.After.IsWatched),
            change => Assert.Equal(1, simulated.World.Server.State(1002, $"{change.Item.RatingKey}").ViewCount));
    }

    [Fact]
    public async Task Standard_resilience_handler_takes_no_number_of_retries_below_one()
    {
        var services = new ServiceCollection();
        services.AddPlexSync(static options => options.ClientIdentifier = "my-app-instance")
            .AddStandardResilienceHandler(static options => options.Retry.MaxRetryAttempts = 0);
        await using var provider = services.BuildServiceProvider();

        // The guide switches retries off in another way; once this works, it may say so in fewer words.
        Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(PlexClient)));
    }

    private static void Register(IServiceCollection services)
    {
        // <embedding>
        services.AddPlexSync(options => options.ClientIdentifier = "my-app-instance")
            .AddStandardResilienceHandler(options =>
            {
                options.Retry.ShouldHandle = static _ => PredicateResult.False();       // PlexSync retries what may be retried
                options.AttemptTimeout.Timeout = TimeSpan.FromMinutes(1);               // a page of a large library takes its time
                options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(2);
                options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
            });
        // </embedding>
    }
}
