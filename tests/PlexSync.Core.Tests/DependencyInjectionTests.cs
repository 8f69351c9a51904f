using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests;

public sealed class DependencyInjectionTests
{
    [Fact]
    public async Task Add_plex_sync_gives_a_client_with_the_callers_handlers()
    {
        using var http = new MockHttpMessageHandler();
        http.Fallback.Throw(new InvalidOperationException("No request like this was expected."));
        http.When("https://plex.tv/api/v2/user").WithHeaders("X-Plex-Client-Identifier", "from-di")
            .RespondJson("""{"id":1,"title":"Owner"}""");
        var services = new ServiceCollection();
        services.AddPlexSync(options => options.ClientIdentifier = "from-di").ConfigurePrimaryHttpMessageHandler(() => http);
        await using var provider = services.BuildServiceProvider();

        var account = await provider.GetRequiredService<PlexClient>().SignInAsync(PlexFake.OwnerToken);

        Assert.Equal("Owner", account.User.Title);
        Assert.NotNull(provider.GetRequiredService<WatchStateSynchronizer>());
    }

    [Fact]
    public async Task Add_plex_sync_validates_the_options()
    {
        var services = new ServiceCollection();
        services.AddPlexSync(options => options.PageSize = 5000);
        await using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<PlexClient>());

        Assert.Contains("ClientIdentifier", error.Message, StringComparison.Ordinal);
        Assert.Contains("PageSize", error.Message, StringComparison.Ordinal);
    }
}
