using Microsoft.AspNetCore.DataProtection;
using PlexSync.Fleet.Catalogue;

namespace PlexSync.Fleet.Tests.Catalogue;

public sealed class ServerCatalogueTests(PostgresServer postgres)
{
    private static readonly ServerSecrets Secrets = new("the-token", new Dictionary<string, string> { ["Teen"] = "4321" });

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_is_kept_with_its_jobs_and_secrets()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var catalogue = new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider());
        await catalogue.SaveAsync(Server("home", "kid", "teen"), Secrets, Stopping);

        var known = Assert.Single(await catalogue.ListAsync(Stopping));
        Assert.Equal(("home", "http://nas:32400", TimeSpan.FromHours(1)), (known.Name, known.Server, known.Every));
        Assert.Equal(["kid", "teen"], known.Jobs.Select(static job => job.Name));
        Assert.Equal(["Kid"], known.Jobs[0].Job.To);
        var secrets = await catalogue.ReadSecretsAsync("home", Stopping);
        Assert.Equal(("the-token", "4321"), (secrets.Token, secrets.Pins["Teen"]));
    }

    [Fact]
    public async Task Jobs_that_stay_keep_being_paused_and_their_states()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var catalogue = new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider());
        await catalogue.SaveAsync(Server("home", "kid", "teen"), Secrets, Stopping);
        await catalogue.SetPausedAsync("home", "kid", isPaused: true, Stopping);
        await catalogue.NoteBeganAsync("home", "kid", "one", Stopping);
        await catalogue.NoteEndedAsync("home", "kid", "one", 0, new PlexException(PlexErrorKind.Timeout, "It is slow."), Stopping);
        await catalogue.NoteEndedAsync("home", "kid", "two", 0, new PlexException(PlexErrorKind.Timeout, "It is slow."), Stopping);

        await catalogue.SaveAsync(Server("home", "kid", "baby"), Secrets, Stopping);

        var known = (await catalogue.FindAsync("home", Stopping))!;
        Assert.Equal([("baby", false), ("kid", true)], known.Jobs.Select(static job => (job.Name, job.IsPaused)));
        var state = known.Jobs[1].State;
        Assert.Equal((2, "two", "Timeout", "It is slow."), (state.Failures, state.Node, state.ErrorKind, state.Error));
        Assert.Null(state.SucceededAt);
        await catalogue.NoteEndedAsync("home", "kid", "two", 7, error: null, Stopping);
        state = (await catalogue.FindAsync("home", "kid", Stopping))!.Value.Job.State;
        Assert.Equal((0, 7, null), (state.Failures, state.Written, state.Error));
        Assert.NotNull(state.SucceededAt);
    }

    [Fact]
    public async Task Secrets_cannot_be_read_with_other_keys()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider())
            .SaveAsync(Server("home", "kid"), Secrets, Stopping);

        var refused = await Assert.ThrowsAsync<PlexException>(
            () => new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider()).ReadSecretsAsync("home", Stopping));

        Assert.Contains("KeyFolder", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    public async Task Names_that_cannot_stand_in_an_address_are_refused(string name)
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var catalogue = new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider());

        await Assert.ThrowsAsync<PlexException>(() => catalogue.SaveAsync(Server(name, "kid"), Secrets, Stopping));
        await Assert.ThrowsAsync<PlexException>(() => catalogue.SaveAsync(Server("home", name), Secrets, Stopping));
        Assert.Empty(await catalogue.ListAsync(Stopping));
    }

    [Fact]
    public async Task Server_is_removed_with_its_jobs()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        var catalogue = new ServerCatalogue(database.Open(), new EphemeralDataProtectionProvider());
        await catalogue.SaveAsync(Server("home", "kid"), Secrets, Stopping);
        await catalogue.NoteBeganAsync("home", "kid", "one", Stopping);

        Assert.True(await catalogue.RemoveAsync("home", Stopping));
        Assert.False(await catalogue.RemoveAsync("home", Stopping));
        Assert.Null(await catalogue.FindAsync("home", "kid", Stopping));
    }

    private static FleetServer Server(string name, params string[] jobs) => new()
    {
        Name = name,
        Server = "http://nas:32400",
        Every = TimeSpan.FromHours(1),
        Jobs =
        [
            .. jobs.Select(job =>
                new FleetJob(name, new SyncJob { Name = job, Server = "http://nas:32400", To = ["Kid"] }, IsPaused: false)),
        ],
    };
}
