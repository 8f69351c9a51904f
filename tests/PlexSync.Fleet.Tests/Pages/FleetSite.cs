using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using PlexSync.Browser.Tests;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Pages;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>A node that only shows: its pages, over a database of its own, with a director that does nothing.</summary>
internal sealed partial class FleetSite : IAsyncDisposable
{
    public const string Secret = "correct-horse-battery";
    public const string Token = "token-that-nobody-may-see";
    public const string Pin = "pin-908172635";

    private readonly TestDatabase _database;
    private readonly WebApplication _app;

    private FleetSite(TestDatabase database, WebApplication app)
    {
        (_database, _app) = (database, app);
        Address = new Uri(app.Urls.Single());
    }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public FakeDirector Director => (FakeDirector)Services.GetRequiredService<IFleetDirector>();

    public ServerCatalogue Catalogue => Services.GetRequiredService<ServerCatalogue>();

    public Orders Orders => Services.GetRequiredService<Orders>();

    public PostgresStore Store => Services.GetRequiredService<PostgresStore>();

    public static async Task<FleetSite> StartAsync(
        PostgresServer postgres, Action<FleetOptions>? configure = null, bool isAway = false, string? telemetry = null)
    {
        var database = await TestDatabase.CreateAsync(postgres);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry;
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.Configure<FleetOptions>(options =>
        {
            options.Secret = Secret;
            configure?.Invoke(options);
        });
        // Where nothing listens.
        builder.Services.AddSingleton(isAway ? new Database("Host=127.0.0.1;Port=1;Username=x", TimeProvider.System) : database.Open());
        builder.Services.AddSingleton(database.OpenStore());
        builder.Services.AddSingleton<ServerCatalogue>();
        builder.Services.AddSingleton<Orders>();
        builder.Services.AddSingleton<IFleetDirector, FakeDirector>();
        builder.Services.AddFleetPages(builder.Configuration);
        var app = builder.Build();
        app.UseFleetPages();
        await app.StartAsync();
        return new FleetSite(database, app);
    }

    /// <summary>A server with jobs of these names, for Kid.</summary>
    public async Task<FleetServer> AddServerAsync(string name, params string[] jobs)
    {
        var server = new FleetServer
        {
            Name = name,
            Server = "NAS",
            Jobs = [.. jobs.Select(job => new FleetJob(name, new SyncJob { Name = job, Server = "NAS", To = ["Kid"] }, IsPaused: false))],
        };
        await Catalogue.SaveAsync(server, new ServerSecrets(Token, new Dictionary<string, string> { ["Kid"] = Pin }), default);
        return server;
    }

    /// <summary>A run that has watched the films of a plan on a server.</summary>
    public async Task<RunId> AddRunAsync(string server, SyncPlan plan)
    {
        await Catalogue.NoteMachineAsync(server, plan.Server.MachineIdentifier, default);
        var leases = await Store.BeginAsync([plan]);
        await using var lease = leases[0];
        var results = new List<ChangeResult>();
        foreach (var change in plan.Changes)
        {
            await lease.AnnounceAsync(change, serverTime: null);
            var result = new ChangeResult { Change = change, Outcome = ChangeOutcome.Applied, StateAfterRun = change.After };
            await lease.RecordAsync(result);
            results.Add(result);
        }

        await lease.CompleteAsync(new SyncReport { Plan = plan, Results = results, Verified = results.Count });
        return lease.Run;
    }

    /// <summary>An order whose plan is there to be looked at.</summary>
    public async Task<long> AddPlannedAsync(string server, string job, params SyncPlan[] plans)
    {
        var order = await Orders.AddAsync(server, job, undoes: null, default);
        Assert.True(await Orders.TryStorePlansAsync(order, plans, default));
        return order;
    }

    /// <summary>A client that follows nowhere, and keeps its cookies.</summary>
    public HttpClient Connect(string? bearer = null)
    {
#pragma warning disable CA2000 // The client disposes of it.
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
#pragma warning restore CA2000
        if (bearer is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        return client;
    }

    /// <summary>Sends the form of a page, as a browser without script does.</summary>
    public static async Task<HttpResponseMessage> SendFormAsync(
        HttpClient client, string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await client.GetStringAsync(new Uri(page, UriKind.Relative));
        var token = FormToken.Match(html).Groups[1].Value;
        return await client.PostAsync(
            new Uri(action, UriKind.Relative),
            new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", token)).Select(
                static field => KeyValuePair.Create(field.Item1, field.Item2))));
    }

    public static Task<HttpResponseMessage> SignInAsync(HttpClient client, string secret = Secret) =>
        SendFormAsync(client, "/login", "/login", ("secret", secret));

    /// <summary>Gives the jobs of a server, which have their names, one state each.</summary>
    public async Task FillAsync(string server)
    {
        var failure = new PlexException(PlexErrorKind.ServerError, "“NAS” did not answer.");
        await Catalogue.NoteEndedAsync(server, "failing", "node1", 0, error: null, default);
        await Catalogue.NoteEndedAsync(server, "failing", "node1", 0, failure, default);
        await Catalogue.NoteEndedAsync(server, "failing", "node2", 0, failure, default);
        await Catalogue.NoteEndedAsync(server, "instep", "node1", 12, error: null, default);
        await Catalogue.SetPausedAsync(server, "paused", isPaused: true, default);
        await Catalogue.NoteBeganAsync(server, "running", "node2", default);
    }

    /// <summary>A browser that is signed in.</summary>
    public async Task<FleetBrowser> OpenAsync(Chromium chromium, string path = "/", BrowserNewContextOptions? options = null)
    {
        var browser = await FleetBrowser.OpenAsync(chromium, Address, path, options);
        await browser.SignInAsync(Secret);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken { get; }
}

/// <summary>A page in a browser, and what the browser complained about.</summary>
internal sealed class FleetBrowser : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private FleetBrowser(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => _complaints.Add(message.Text);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Dialog += (_, dialog) => _complaints.Add(dialog.Message);
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<FleetBrowser> OpenAsync(
        Chromium chromium, Uri address, string path = "/", BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = address.ToString();
        var context = await chromium.NewContextAsync(options);
        var browser = new FleetBrowser(context, await context.NewPageAsync());
        await browser.Page.GotoAsync(path);
        return browser;
    }

    public async Task SignInAsync(string secret)
    {
        await Page.GetByLabel("Admin secret").FillAsync(secret);
        await ClickAsync("Sign in");
    }

    public Task ClickAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public Task WaitForAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
