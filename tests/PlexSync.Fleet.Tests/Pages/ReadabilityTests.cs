using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using PlexSync.Browser.Tests;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>
/// The pages are for those as well who see little, or nothing. axe takes seconds for a page: each colour and each width once.
/// </summary>
public sealed class ReadabilityTests(PostgresServer postgres, Chromium chromium)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 380)]
    public async Task Pages_can_be_read_by_everybody_in_both_colours_and_at_both_widths(ColorScheme scheme, int width)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "failing", "instep", "new", "paused", "running");
        await site.AddServerAsync("empty");
        await site.FillAsync("berlin");
        await site.AddRunAsync("berlin", Plans.Of("Alien", "Solaris"));
        var planned = await site.AddPlannedAsync(
            "berlin", "kid", Plans.Of([.. Enumerable.Range(1, 12).Select(static number => $"Film {number}")]), Plans.Of());
        var failed = await site.Orders.AddAsync("berlin", "kid", undoes: null, default);
        await site.Orders.TryMoveAsync(failed, OrderState.Planning, OrderState.Failed, default, "The server does not answer.");
        var options = new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } };
        await using var browser = await FleetBrowser.OpenAsync(chromium, site.Address, "/", options);
        await CheckAsync("/login");
        await browser.SignInAsync("wrong-horse-battery-");
        await CheckAsync(path: null);
        await browser.SignInAsync(FleetSite.Secret);

        foreach (var path in new[]
        {
            "/", "/?find=nothing", "/servers/berlin", "/servers/empty", $"/orders/{planned}", $"/orders/{failed}", "/logout",
        })
        {
            await CheckAsync(path);
        }

        async Task CheckAsync(string? path)
        {
            if (path is not null)
            {
                await browser.Page.GotoAsync(path);
            }

            var result = await browser.Page.RunAxe();
            Assert.Empty(result.Violations.Where(static violation => violation.Impact is "serious" or "critical").Select(
                violation => $"{path}: {violation.Id}: {string.Join(' ', violation.Nodes.Select(static node => node.Html))}"));
            var isWithin = await browser.Page.EvaluateAsync<bool>("innerWidth >= document.documentElement.scrollWidth");
            Assert.True(isWithin, $"{path} has to be scrolled sideways.");
        }
    }
}
