using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace PlexSync.Browser.Tests;

/// <summary>The page that <c>--report</c> saves, in a real browser.</summary>
public sealed class ReportPageTests(Chromium chromium)
{
    private const string Hostile = "</title></style><script>alert(1)</script>\"'&amp; ]]> <img src=x onerror=alert(1)>{{style}}";

    [Fact]
    public async Task Page_asks_for_nothing_but_itself_and_the_browser_has_no_complaint()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.SearchAsync("movie");

        Assert.Equal([open.Page.Url], open.Requests);
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Rows_are_in_the_order_in_which_people_count()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        var seen = await open.SeenAsync();

        Assert.Equal(
            ["Alien (2000)", "Élodie à l’école (2000)", "Movie 2 (2000)", "Movie 10 (2000)", "Solaris (2000) Watched again"],
            seen.Take(5));
        Assert.Equal(22, seen.Count);
    }

    [Theory]
    [InlineData("movie 1", "1 of 22 changes shown", "Movie 10 (2000)")]
    [InlineData("ELODIE A L", "1 of 22 changes shown", "Élodie à l’école (2000)")]
    [InlineData(" Part 12 ", "1 of 22 changes shown", "S01E12 – Part 12")]
    [InlineData("ghost", "3 of 22 changes shown", "S01E01 – Part 1", "S01E02 – Part 2", "S01E03 – Part 3")]
    [InlineData("alien – the", "0 of 22 changes shown")]
    [InlineData("because", "0 of 22 changes shown")]
    public async Task Search_shows_what_has_the_word_in_its_title(string word, string shown, params string[] titles)
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.SearchAsync(word);

        Assert.Equal(titles, await open.SeenAsync());
        Assert.Equal(shown, await open.Page.Locator("#shown").TextContentAsync());
        Assert.Equal(titles.Length > 0, await open.Page.Locator("h2").IsVisibleAsync());
    }

    [Fact]
    public async Task Search_finds_skipped_items_too()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.SearchAsync("night desk");

        Assert.Equal(
            ["Night Desk S01E01 – Part 1, S01E02 – Part 2, S01E03 – Part 3, S01E04 – Part 4"], await open.SeenAsync(".skip li"));
        Assert.Empty(await open.SeenAsync());
    }

    [Theory]
    [InlineData("Progress", 2)]
    [InlineData("removal", 1)]
    [InlineData("Failed", 1)]
    [InlineData("Applied", 19)]
    [InlineData("Unknown", 1)]
    public async Task Filter_shows_one_kind_and_goes_with_the_search(string kind, int count)
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.Page.Locator("#show").SelectOptionAsync(kind);

        Assert.Equal(count, (await open.SeenAsync()).Count);
        Assert.Empty(await open.SeenAsync(".skip summary"));
        await open.SearchAsync("nothing is called so");
        Assert.Empty(await open.SeenAsync());
    }

    [Fact]
    public async Task Filter_of_skipped_items_shows_each_of_them()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.Page.Locator("#show").SelectOptionAsync("Skipped");

        Assert.Equal(["Alien (2000)"], await open.SeenAsync());
        Assert.Equal(4, (await open.SeenAsync(".skip li")).Count);
    }

    [Fact]
    public async Task Page_is_as_before_once_nothing_is_searched()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Plan(2_000));
        var before = await open.SeenAsync("summary, h2, h3, .tiles div");

        await open.SearchAsync("movie 33");
        Assert.NotEqual(before, await open.SeenAsync("summary, h2, h3, .tiles div"));
        await open.SearchAsync("");

        Assert.Equal(before, await open.SeenAsync("summary, h2, h3, .tiles div"));
        Assert.Empty(await open.SeenAsync());
    }

    [Fact]
    public async Task Ten_thousand_changes_are_folded_and_each_can_be_found()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Plan(10_000));

        Assert.Equal(10_000, await open.Page.Locator(".rows tbody tr").CountAsync());
        Assert.Empty(await open.SeenAsync());
        await open.SearchAsync("movie 9999");
        Assert.Equal(["Movie 9999 (2000)"], await open.SeenAsync());
        await open.SearchAsync("show 166");
        Assert.Equal(27, (await open.SeenAsync()).Count);
    }

    [Fact]
    public async Task Filter_stays_in_sight()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run());

        await open.Page.EvaluateAsync("scrollTo(0, document.body.scrollHeight)");

        Assert.True(await open.Page.EvaluateAsync<double>("scrollY") > 300);
        Assert.Equal(0, await open.Page.Locator("#find").EvaluateAsync<double>("find => find.getBoundingClientRect().top"));
    }

    [Theory]
    [InlineData(true, "plexsync sync --to Kid")]
    [InlineData(false, "plexsync undo 7")]
    public async Task Command_can_be_copied(bool isDryRun, string command)
    {
        var outcome = isDryRun ? Sample.Plan(3) : Sample.Run();
        await using var open = await OpenPage.OpenAsync(
            chromium, outcome, new() { Permissions = ["clipboard-read", "clipboard-write"] });

        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" }).WaitForAsync();
        Assert.Equal(command, await open.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Empty(open.Complaints);
    }

    [Theory]
    [InlineData("Object.defineProperty(navigator, 'clipboard', { value: undefined });")]
    [InlineData("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));")]
    public async Task Command_is_selected_where_the_clipboard_is_refused(string before)
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run(), before: before);

        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        await open.Page.WaitForFunctionAsync("getSelection().toString() === 'plexsync undo 7'");
        Assert.Empty(open.Complaints);
    }

    [Theory]
    [InlineData("en", "Europe/Paris", "July 2, 2026 at 12:30 AM")]
    [InlineData("en", "America/New_York", "July 1, 2026 at 6:30 PM")]
    [InlineData("fr", "Europe/Paris", "2 juillet 2026 à 00:30")]
    public async Task Date_is_of_the_place_of_the_reader(string language, string place, string date)
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run(), new() { TimezoneId = place }, language);

        var time = open.Page.Locator("time").First;

        Assert.Equal(date, (await time.TextContentAsync())!.Replace('\u202F', ' '));
        Assert.Equal("2026-07-01T22:30:00Z", await time.GetAttributeAsync("datetime"));
        Assert.EndsWith("22:30 UTC", await time.GetAttributeAsync("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_is_whole_without_its_script()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Run(), new() { JavaScriptEnabled = false });

        Assert.Equal("1 July 2026, 22:30 UTC", await open.Page.Locator("time").First.TextContentAsync());
        Assert.Equal(22, await open.Page.Locator(".rows tbody tr").CountAsync());
        Assert.True(await open.Page.GetByText("S01E12 – Part 12").IsVisibleAsync());
        Assert.False(await open.Page.Locator("#find").IsVisibleAsync());
        Assert.False(await open.Page.Locator("button").IsVisibleAsync());
    }

    [Fact]
    public async Task Names_from_a_server_do_nothing()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Named(Hostile));

        await open.SearchAsync("<script>");

        Assert.All(await open.SeenAsync(), static row => Assert.Contains(Hostile, row, StringComparison.Ordinal));
        Assert.Equal(2, (await open.SeenAsync()).Count);
        Assert.Equal(0, await open.Page.Locator("img").CountAsync());
        Assert.Equal(1, await open.Page.Locator("script").CountAsync());
        Assert.Equal([open.Page.Url], open.Requests);
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Browser_runs_no_other_script_even_if_one_came_in()
    {
        await using var open = await OpenPage.OpenAsync(
            chromium,
            Sample.Run(),
            alter: static page => page.Replace(
                "<h1>", "<script>window.came = 1</script><img src=\"x\" onerror=\"window.came = 2\"/><h1>", StringComparison.Ordinal));

        Assert.True(await open.Page.EvaluateAsync<bool>("window.came === undefined"));
        Assert.True(await open.Page.Locator("#find").IsVisibleAsync());
        Assert.NotEmpty(open.Complaints);
        Assert.All(open.Complaints, static complaint => Assert.Contains("Content Security Policy", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Print_unfolds_everything()
    {
        await using var open = await OpenPage.OpenAsync(chromium, Sample.Plan(1_000));

        await open.Page.EmulateMediaAsync(new() { Media = Media.Print });
        await open.Page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");

        Assert.Equal(1_000, (await open.SeenAsync()).Count);
        Assert.False(await open.Page.Locator("#find").IsVisibleAsync());
        await open.Page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");
        Assert.Equal(0, await open.Page.Locator(".group[open]").CountAsync());
    }

    [Theory]
    [InlineData("en", ColorScheme.Light, 1280)]
    [InlineData("en", ColorScheme.Dark, 1280)]
    [InlineData("fr", ColorScheme.Light, 380)]
    [InlineData("fr", ColorScheme.Dark, 380)]
    public async Task Page_can_be_read_by_everybody_at_every_width(string language, ColorScheme scheme, int width)
    {
        var options = new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } };
        foreach (var outcome in new[] { Sample.Run(), Sample.Plan(250) })
        {
            await using var open = await OpenPage.OpenAsync(chromium, outcome, options, language);

            await open.Page.EvaluateAsync("for (const part of document.querySelectorAll('.skip')) { part.open = true; }");

            var result = await open.Page.RunAxe();

            Assert.Empty(result.Violations.Where(static violation => violation.Impact is "serious" or "critical")
                .Select(static violation => $"{violation.Id}: {string.Join(' ', violation.Nodes.Select(static node => node.Html))}"));
            var isWithin = await open.Page.EvaluateAsync<bool>("innerWidth >= document.documentElement.scrollWidth");
            Assert.True(isWithin, "It has to be scrolled sideways.");
        }
    }
}
