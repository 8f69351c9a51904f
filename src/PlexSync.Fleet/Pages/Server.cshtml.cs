using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using PlexSync.Cli.Output;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Pages;

/// <summary>One server: its jobs, what was asked of it, and its last runs.</summary>
internal sealed class ServerModel(
    ServerCatalogue catalogue, Orders orders, IFleetDirector director, PostgresStore store, IOptions<FleetOptions> options) : PageModel
{
    private const int MostRuns = 50;
    private const int MostOrders = 10;

    /// <summary>What is said after something was asked for: the address names one of these, and nothing else.</summary>
    private static readonly Dictionary<string, string> Sayings = new(StringComparer.Ordinal)
    {
        ["run"] = "The job runs as soon as there is room.",
        ["paused"] = "Paused. What runs now goes on to its end.",
        ["resumed"] = "Resumed.",
    };

    /// <summary>What was just asked for.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Said { get; set; }

    public string? Notice => Sayings.GetValueOrDefault(Said ?? "");

    /// <summary>Why what was asked for could not be done.</summary>
    public string? Problem { get; private set; }

    public FleetServer Server { get; private set; } = null!;

    public IReadOnlyDictionary<(string Server, string Job), DateTimeOffset> NextRuns { get; private set; } =
        new Dictionary<(string, string), DateTimeOffset>();

    public IReadOnlyList<Order> Orders { get; private set; } = [];

    public IReadOnlyList<RunRow> Runs { get; private set; } = [];

    /// <summary>What people call the runs that others took back, or are to.</summary>
    private IReadOnlyDictionary<RunId, string> Undone { get; set; } = new Dictionary<RunId, string>();

    public TimeSpan Interval => Server.Every ?? options.Value.Every;

    /// <summary>What an order is for.</summary>
    public string Say(Order order) => order.Undoes is { } undone
        ? $"Undo of run {Undone.GetValueOrDefault(undone, $"{undone}")}"
        : $"Plan of {order.Job}";

    public async Task<IActionResult> OnGetAsync(string server, CancellationToken cancellationToken) =>
        await TryLoadAsync(server, cancellationToken).ConfigureAwait(false) ? Page() : NotFound();

    public Task<IActionResult> OnPostRunAsync(string server, [FromForm] string job, CancellationToken cancellationToken) =>
        DoAsync(server, job, "run", () => director.RunSoonAsync(server, job, cancellationToken), cancellationToken);

    public Task<IActionResult> OnPostPauseAsync(string server, [FromForm] string? job, CancellationToken cancellationToken) =>
        DoAsync(server, job, "paused", () => director.SetPausedAsync(server, job, isPaused: true, cancellationToken), cancellationToken);

    public Task<IActionResult> OnPostResumeAsync(string server, [FromForm] string? job, CancellationToken cancellationToken) =>
        DoAsync(server, job, "resumed", () => director.SetPausedAsync(server, job, isPaused: false, cancellationToken), cancellationToken);

    public Task<IActionResult> OnPostPlanAsync(string server, [FromForm] string job, CancellationToken cancellationToken) =>
        DoAsync(
            server,
            job,
            async () => Order(await director.PlanAsync(server, job, cancellationToken).ConfigureAwait(false)),
            cancellationToken);

    public async Task<IActionResult> OnPostUndoAsync(string server, [FromForm] string run, CancellationToken cancellationToken)
    {
        if (!await TryLoadAsync(server, cancellationToken).ConfigureAwait(false)
            || Runs.FirstOrDefault(row => $"{row.Id}" == run) is not { CanBeUndone: true, Job: { } job } row)
        {
            return NotFound();
        }

        return await DoAsync(
            server,
            job,
            async () => Order(await director.PlanUndoAsync(server, job, row.Id, cancellationToken).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
    }

    private RedirectToPageResult Order(long id) => RedirectToPage("/Order", new { order = id });

    private Task<IActionResult> DoAsync(string server, string? job, string said, Func<Task> work, CancellationToken cancellationToken) =>
        DoAsync(
            server,
            job,
            async () =>
            {
                await work().ConfigureAwait(false);
                return RedirectToPage(new { server, said });
            },
            cancellationToken);

    /// <summary>Does something with a job that is there, or with all of the server.</summary>
    private async Task<IActionResult> DoAsync<T>(string server, string? job, Func<Task<T>> work, CancellationToken cancellationToken)
        where T : IActionResult
    {
        if (await catalogue.FindAsync(server, cancellationToken).ConfigureAwait(false) is not { } found
            || (job is not null && !found.Jobs.Any(one => one.Name == job)))
        {
            return NotFound();
        }

        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Problem = e.Message;
            Response.StatusCode = StatusCodes.Status409Conflict;
            return await OnGetAsync(server, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryLoadAsync(string server, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(server, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return false;
        }

        Server = found;
        NextRuns = await director.GetNextRunsAsync(server, cancellationToken).ConfigureAwait(false);
        Orders = await orders.ListAsync(server, MostOrders, cancellationToken).ConfigureAwait(false);
        if (found.Machine is { } machine)
        {
            var runs = await store.ListLastRunsAsync(machine, MostRuns, cancellationToken).ConfigureAwait(false);
            var undone = await store.FindRunsAsync(
                machine,
                runs.Select(static run => run.Undoes).Concat(Orders.Select(static order => order.Undoes)).OfType<RunId>(),
                cancellationToken).ConfigureAwait(false);
            Undone = undone.DistinctBy(static run => run.Id).ToDictionary(static run => run.Id, Phrases.NameOf);
            Runs = [.. runs.GroupBy(static run => run.Id).Select(parts => RunRow.Of([.. parts], runs, Undone, found))];
        }

        return true;
    }
}

/// <summary>A run, with all its targets.</summary>
internal sealed record RunRow
{
    public required RunId Id { get; init; }

    /// <summary>Its number, or its name if it is older than numbers.</summary>
    public required string Name { get; init; }

    /// <summary>Whose state went to whom.</summary>
    public required string Users { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required int Written { get; init; }

    public required int Failed { get; init; }

    public required bool IsFinished { get; init; }

    /// <summary>The run that it takes back.</summary>
    public string? Undoes { get; init; }

    /// <summary>The run that took it back.</summary>
    public string? UndoneBy { get; init; }

    /// <summary>A job of its users, by which it can be undone; null where the server has no job any more.</summary>
    public string? Job { get; init; }

    public bool CanBeUndone => Job is not null && Written > 0 && IsFinished && UndoneBy is null;

    public static RunRow Of(
        IReadOnlyList<SyncRun> parts, IReadOnlyList<SyncRun> runs, IReadOnlyDictionary<RunId, string> undone, FleetServer server)
    {
        var undoings = parts.Select(part => part.FindUndo(runs)).ToList();
        return new()
        {
            Id = parts[0].Id,
            Name = Phrases.NameOf(parts[0]),
            Users = $"{parts[0].Source.Title} → {string.Join(", ", parts.Select(static part => part.Target.Title))}",
            StartedAt = parts[0].StartedAt,
            Written = parts.Sum(static part => part.Written),
            Failed = parts.Sum(static part => part.Outcomes.GetValueOrDefault(ChangeOutcome.Failed)
                + part.Outcomes.GetValueOrDefault(ChangeOutcome.Unknown)),
            IsFinished = parts.All(static part => part.IsFinished),
            Undoes = parts[0].Undoes is { } other ? undone.GetValueOrDefault(other, $"{other}") : null,
            UndoneBy = undoings.TrueForAll(static one => one is not null) ? Phrases.NameOf(undoings[0]!) : null,
            Job = FindJob(parts, server)?.Name,
        };
    }

    /// <summary>
    /// Runs do not know their job. The way back needs only somebody's access to their users, which every job of the server has: one that
    /// names a user of the run is the one that people expect.
    /// </summary>
    private static FleetJob? FindJob(IReadOnlyList<SyncRun> parts, FleetServer server) =>
        server.Jobs.FirstOrDefault(job => parts.Any(part => job.Job.To.Concat(job.Job.Users).Any(
            name => name.Equals(part.Target.Title, StringComparison.OrdinalIgnoreCase) || name == $"id:{part.Target.Id}")))
        ?? server.Jobs.FirstOrDefault(static job => job.Job.ToAll)
        ?? (server.Jobs.Count > 0 ? server.Jobs[0] : null);
}
