using Microsoft.Playwright;
using PlexSync.Cli;
using PlexSync.Cli.Output;

namespace PlexSync.Browser.Tests;

/// <summary>The page of a run, saved to a file and opened; it tells what the browser complained about and asked for.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 22, 30, 0, TimeSpan.Zero);

    private readonly string _folder;
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];
    private readonly List<string> _requests = [];

    private OpenPage(string folder, IBrowserContext context, IPage page)
    {
        (_folder, _context, Page) = (folder, context, page);
        page.Console += (_, message) => _complaints.Add(message.Text);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Dialog += (_, dialog) => _complaints.Add(dialog.Message);
        page.Request += (_, request) => _requests.Add(request.Url);
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>The addresses that were asked for: of the file alone.</summary>
    public IReadOnlyList<string> Requests => _requests;

    public static async Task<OpenPage> OpenAsync(
        Chromium chromium, SyncOutcome outcome, BrowserNewContextOptions? options = null, string language = "en",
        Func<string, string>? alter = null, string? before = null)
    {
        var context = await chromium.NewContextAsync(options);
        var folder = Directory.CreateTempSubdirectory("plexsync-page-").FullName;
        var file = Path.Combine(folder, "report.html");
        await using (var stream = File.Create(file))
        {
            await ReportPage.WriteAsync(outcome, Now, Texts.Of(language), stream);
        }

        if (alter is not null)
        {
            await File.WriteAllTextAsync(file, alter(await File.ReadAllTextAsync(file)));
        }

        if (before is not null)
        {
            await context.AddInitScriptAsync(before);
        }

        var open = new OpenPage(folder, context, await context.NewPageAsync());
        await open.Page.GotoAsync(new Uri(file).AbsoluteUri);
        return open;
    }

    /// <summary>The names in the rows that can be seen.</summary>
    public async Task<IReadOnlyList<string>> SeenAsync(string rows = ".rows tbody th") => await Page.EvaluateAsync<string[]>(
        "rows => Array.from(document.querySelectorAll(rows)).filter(row => row.checkVisibility()).map(row => row.textContent.trim())",
        rows);

    /// <summary>Types a word, and waits until it is searched for.</summary>
    public async Task SearchAsync(string word)
    {
        await Page.GetByRole(AriaRole.Searchbox).FillAsync(word);
        await Page.Locator("#find:not([aria-busy])").WaitForAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
