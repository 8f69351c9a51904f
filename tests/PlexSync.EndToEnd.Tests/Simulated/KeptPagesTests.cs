namespace PlexSync.EndToEnd.Tests.Simulated;

/// <summary>What the simulator keeps for benchmarks says the same as what it renders anew.</summary>
public sealed class KeptPagesTests
{
    private const string Movies = "/library/sections/1/all?type=1";

    [Fact]
    public async Task Pages_show_every_write_and_every_edit()
    {
        await using var raw = await RawClient.StartAsync();
        var kid = raw.Server.TokenOf(raw.Kid);

        await SameAsync();
        await raw.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=2", kid);
        await SameAsync();
        await raw.AskServerAsync("/:/scrobble?identifier=com.plexapp.plugins.library&key=4");
        await SameAsync();
        raw.Server.Edit(server => server.Libraries[0].Items[2].Title = "Another");
        await SameAsync();

        async Task SameAsync()
        {
            foreach (var (token, size) in new[] { (null, 100), (kid, 100), (kid, 3) })
            {
                raw.Server.Switches.KeepsPages = false;
                var fresh = await raw.AskServerAsync(Movies, token, size: size);
                raw.Server.Switches.KeepsPages = true;
                Assert.Equal(fresh.Body, (await raw.AskServerAsync(Movies, token, size: size)).Body);
                Assert.Equal(fresh.Body, (await raw.AskServerAsync(Movies, token, size: size)).Body);
            }
        }
    }

    [Fact]
    public async Task A_page_that_a_fault_changed_is_not_kept()
    {
        await using var raw = await RawClient.StartAsync();
        raw.Server.Switches.KeepsPages = true;
        raw.Plex.Faults.On("/library/sections/1/all").EmptyPage().Times(1);

        var changed = await raw.AskServerAsync(Movies, size: 100);
        var after = await raw.AskServerAsync(Movies, size: 100);

        Assert.DoesNotContain("Movie 1", changed.Body, StringComparison.Ordinal);
        Assert.Contains("Movie 1", after.Body, StringComparison.Ordinal);
    }
}
