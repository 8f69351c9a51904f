using Microsoft.Playwright;
using PlexSync.Browser.Tests;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>The pages for people, in a real browser.</summary>
public sealed class PagesTests(PostgresServer postgres, Chromium chromium)
{
    private const string Hostile = "</td></title></style><script>alert(1)</script>\"><img src=x onerror=alert(1)>'&amp;{{x}}";

    [Fact]
    public async Task Secret_opens_the_page_that_was_asked_for()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");

        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");

        Assert.Equal("berlin", await browser.Page.Locator("h1").TextContentAsync());
        var cookie = Assert.Single(await browser.Page.Context.CookiesAsync(), static cookie => cookie.Name == "fleet");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.DoesNotContain(FleetSite.Secret, cookie.Value, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Wrong_secret_opens_nothing()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await using var browser = await FleetBrowser.OpenAsync(chromium, site.Address);

        await browser.SignInAsync("wrong-horse-battery-");

        await browser.WaitForAsync("This secret is wrong.");
        await browser.Page.GotoAsync("/");
        Assert.Equal("Sign in", await browser.Page.Locator("h1").TextContentAsync());
        Assert.Equal(0, site.Director.Asked);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await using var browser = await site.OpenAsync(chromium);

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Sign out" }).ClickAsync();
        await browser.ClickAsync("Sign out");

        await browser.Page.GotoAsync("/");
        Assert.Equal("Sign in", await browser.Page.Locator("h1").TextContentAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plan_is_reviewed_and_then_applied_with_or_without_script(bool isScripted)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var plan = Plans.Of("Alien", "Solaris", "Stalker");
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin", new() { JavaScriptEnabled = isScripted });

        await browser.ClickAsync("Plan: kid");
        await browser.WaitForAsync("Making the plan");
        var order = Assert.Single(await site.Orders.ListAsync("berlin", 9, default)).Id;
        Assert.True(await site.Orders.TryStorePlansAsync(order, [plan], default));

        await browser.WaitForAsync("3 items would change.");
        Assert.Equal(
            ["Alien (2000)", "Solaris (2000)", "Stalker (2000)"], await browser.Page.Locator("tbody th").AllTextContentsAsync());
        await browser.WaitForAsync("1: the user does not have access to it.");
        Assert.Equal(["plan berlin kid"], site.Director.Calls);

        await browser.ClickAsync("Apply");
        await browser.WaitForAsync("A node writes the changes.");
        Assert.Equal(["plan berlin kid", $"apply {order}"], site.Director.Calls);
        var run = await site.AddRunAsync("berlin", plan);
        Assert.True(await site.Orders.TryMoveAsync(order, OrderState.Applying, OrderState.Done, default, run: run));

        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Show what changed" }).ClickAsync();
        await browser.WaitForAsync("Solaris (2000)");
        Assert.EndsWith($"/servers/berlin/runs/{run}", browser.Page.Url, StringComparison.Ordinal);
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Plan_can_be_discarded()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var order = await site.AddPlannedAsync("berlin", "kid", Plans.Of("Alien"));
        await using var browser = await site.OpenAsync(chromium, $"/orders/{order}");

        await browser.ClickAsync("Discard");

        await browser.WaitForAsync("Discarded. Nothing was written.");
        Assert.Equal([$"discard {order}"], site.Director.Calls);
    }

    [Fact]
    public async Task Plan_that_has_moved_on_is_not_applied_and_the_page_says_so()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var order = await site.AddPlannedAsync("berlin", "kid", Plans.Of("Alien"));
        await using var browser = await site.OpenAsync(chromium, $"/orders/{order}");
        await site.Orders.TryMoveAsync(order, OrderState.Planned, OrderState.Discarded, default);

        await browser.ClickAsync("Apply");

        await browser.WaitForAsync("That is no longer possible");
    }

    [Fact]
    public async Task Plan_that_failed_says_why()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var order = await site.Orders.AddAsync("berlin", "kid", undoes: null, default);
        await site.Orders.TryMoveAsync(order, OrderState.Planning, OrderState.Failed, default, "The server does not answer.");

        await using var browser = await site.OpenAsync(chromium, $"/orders/{order}");

        await browser.WaitForAsync("The server does not answer.");
        Assert.Equal(0, await browser.Page.Locator("button").CountAsync());
    }

    [Fact]
    public async Task Large_plan_shows_the_first_items_and_how_many_more()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var order = await site.AddPlannedAsync(
            "berlin", "kid", Plans.Of([.. Enumerable.Range(1, 1_700).Select(static number => $"Film {number}")]));

        await using var browser = await site.OpenAsync(chromium, $"/orders/{order}");

        await browser.WaitForAsync("And 1,200 more items.");
        Assert.Equal(500, await browser.Page.Locator("tbody tr").CountAsync());
        await browser.WaitForAsync("170 of them are removals");
    }

    [Fact]
    public async Task Run_is_undone_by_way_of_a_plan()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "guests", "kid");
        var run = await site.AddRunAsync("berlin", Plans.Of("Alien"));
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");

        await browser.ClickAsync("Undo run 1");

        await browser.Page.GetByRole(AriaRole.Heading, new() { Name = "Undo of run 1" }).WaitForAsync();
        Assert.Equal([$"undo berlin guests {run}"], site.Director.Calls);
    }

    [Fact]
    public async Task Job_is_paused_resumed_and_run_and_so_is_the_whole_server()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "guests", "kid");
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");

        await browser.ClickAsync("Pause: kid");
        await browser.WaitForAsync("Paused. What runs now goes on to its end.");
        await browser.ClickAsync("Resume: kid");
        await browser.WaitForAsync("Resumed.");
        await browser.ClickAsync("Run now: kid");
        await browser.WaitForAsync("The job runs as soon as there is room.");
        await browser.ClickAsync("Pause all");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Resume: guests" }).WaitForAsync();
        await browser.ClickAsync("Resume all");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Pause: guests" }).WaitForAsync();

        Assert.Equal(
            ["pause berlin kid", "resume berlin kid", "run berlin kid", "pause berlin ", "resume berlin "], site.Director.Calls);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_on_the_page()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");
        site.Director.Failure = new PlexException(PlexErrorKind.RunInProgress, "Another run is going on.");

        await browser.ClickAsync("Run now: kid");

        await browser.WaitForAsync("Another run is going on.");
    }

    [Fact]
    public async Task Runs_are_shown_once_it_is_known_which_installation_the_server_is()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        var server = await site.AddServerAsync("berlin", "kid");
        await site.AddRunAsync("berlin", Plans.Of("Alien"));
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");
        await browser.WaitForAsync("Run 1");

        // Saved as it was, it is the same installation; saved otherwise, that is not known any more.
        await site.AddServerAsync("berlin", "kid");
        Assert.Equal(Plans.Machine, (await site.Catalogue.FindAsync("berlin", default))!.Machine);
        await site.Catalogue.SaveAsync(
            server with { Server = "Other" }, new ServerSecrets(FleetSite.Token, new Dictionary<string, string>()), default);

        await browser.Page.ReloadAsync();
        await browser.WaitForAsync("Runs are shown once a job has connected to this server.");
        Assert.Equal(0, await browser.Page.GetByText("Run 1").CountAsync());
    }

    [Fact]
    public async Task States_are_told_in_words()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "failing", "instep", "new", "paused", "running");
        await site.FillAsync("berlin");
        await using var browser = await site.OpenAsync(chromium, "/servers/berlin");

        Assert.Equal(
            ["Failing", "In step", "Never run yet", "Paused", "Running"],
            await browser.Page.Locator(".jobs .state").AllTextContentsAsync());
        await browser.WaitForAsync("“NAS” did not answer.");
        await browser.WaitForAsync("The last 2 runs failed");
    }

    [Fact]
    public async Task Failures_come_first_and_a_thousand_servers_can_be_searched()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        for (var number = 1; number <= 250; number++)
        {
            await site.AddServerAsync($"server{number:D3}", "kid");
        }

        var failure = new PlexException(PlexErrorKind.ServerError, "It failed.");
        await site.Catalogue.NoteEndedAsync("server177", "kid", "node1", 0, failure, default);
        await using var browser = await site.OpenAsync(chromium);

        var rows = browser.Page.Locator("tbody th");
        Assert.Equal(100, await rows.CountAsync());
        Assert.Equal("server177", await rows.First.TextContentAsync());
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await browser.WaitForAsync("Page 2 of 3");
        await browser.Page.GetByLabel("Name").FillAsync("ER24");
        await browser.ClickAsync("Filter");
        Assert.Equal(10, await rows.CountAsync());
        await browser.Page.GetByRole(AriaRole.Link, new() { Name = "Show all" }).ClickAsync();
        await browser.Page.GetByLabel("State").SelectOptionAsync("Failing");
        await browser.ClickAsync("Filter");
        Assert.Equal(["server177"], await rows.AllTextContentsAsync());
    }

    [Fact]
    public async Task Names_from_a_server_do_nothing()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        var server = new FleetServer
        {
            Name = "berlin",
            Server = Hostile,
            Jobs = [new FleetJob("berlin", new SyncJob { Name = "kid", To = [Hostile], From = Hostile }, IsPaused: false)],
        };
        await site.Catalogue.SaveAsync(server, new ServerSecrets(FleetSite.Token, new Dictionary<string, string>()), default);
        await site.Catalogue.NoteEndedAsync("berlin", "kid", Hostile, 0, new PlexException(PlexErrorKind.ServerError, Hostile), default);
        var plan = Plans.Of([Hostile], Hostile, Hostile, Hostile);
        var run = await site.AddRunAsync("berlin", plan);
        var planned = await site.AddPlannedAsync("berlin", "kid", plan);
        var failed = await site.Orders.AddAsync("berlin", "kid", undoes: null, default);
        await site.Orders.TryMoveAsync(failed, OrderState.Planning, OrderState.Failed, default, Hostile);
        await using var browser = await site.OpenAsync(chromium);

        var search = $"/?find={Uri.EscapeDataString(Hostile)}";
        foreach (var path in new[] { "/servers/berlin", $"/orders/{planned}", $"/orders/{failed}", search })
        {
            await browser.Page.GotoAsync(path);
            Assert.Equal(0, await browser.Page.Locator("script, img").CountAsync());
            var isShown = await browser.Page.EvaluateAsync<bool>(
                "text => document.body.textContent.includes(text) || document.querySelector('#find')?.value === text", Hostile);
            Assert.True(isShown, path);
        }

        await browser.Page.GotoAsync($"/servers/berlin/runs/{run}");
        await browser.WaitForAsync(Hostile);
        Assert.Equal(0, await browser.Page.Locator("img").CountAsync());
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Report_of_a_run_reaches_nothing_of_the_fleet()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var run = await site.AddRunAsync("berlin", Plans.Of("Alien", "Solaris"));
        await using var browser = await site.OpenAsync(chromium, $"/servers/berlin/runs/{run}");

        Assert.True(await browser.Page.Locator("#find").IsVisibleAsync(), "Its script does not run.");
        Assert.Equal("null", await browser.Page.EvaluateAsync<string>("self.origin"));
        Assert.Equal("refused", await browser.Page.EvaluateAsync<string>("fetch('/').then(() => 'answered', () => 'refused')"));
        Assert.Equal(
            "refused",
            await browser.Page.EvaluateAsync<string>("(() => { try { return document.cookie; } catch { return 'refused'; } })()"));
        Assert.DoesNotContain("plexsync undo", await browser.Page.ContentAsync(), StringComparison.Ordinal);
    }
}
