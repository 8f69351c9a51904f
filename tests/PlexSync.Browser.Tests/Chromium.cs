using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(PlexSync.Browser.Tests.Chromium))]

namespace PlexSync.Browser.Tests;

/// <summary>One Chromium for all tests.</summary>
/// <remarks>
/// <c>PLEXSYNC_CHROMIUM</c> names one; otherwise the one of the system is used, and nothing is ever downloaded. Where there is none the
/// tests skip, unless <c>PLEXSYNC_REQUIRE_BROWSER=1</c> forbids that.
/// </remarks>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Usual =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var named = Environment.GetEnvironmentVariable("PLEXSYNC_CHROMIUM");
        var path = string.IsNullOrEmpty(named) ? Array.Find(Usual, File.Exists) : named;
        if (path is null)
        {
            Assert.False(Environment.GetEnvironmentVariable("PLEXSYNC_REQUIRE_BROWSER") == "1", "There is no Chromium.");
            return;
        }

        _playwright = await Playwright.CreateAsync();
        // Root has no sandbox, and the shared memory of containers is small.
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
    }

    /// <summary>A browser that has been nowhere yet: the test skips where there is none at all.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, "There is no Chromium here: install it, or name it in PLEXSYNC_CHROMIUM.");
        return await _browser.NewContextAsync(options ?? new());
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
    }
}
