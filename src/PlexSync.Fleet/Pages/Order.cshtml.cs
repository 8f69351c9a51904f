using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PlexSync.Cli;
using PlexSync.Cli.Output;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Pages;

/// <summary>A plan that somebody asked for: it is made, looked at, and carried out or put away.</summary>
internal sealed class OrderModel(Orders orders, ServerCatalogue catalogue, PostgresStore store, IFleetDirector director) : PageModel
{
    private const string Gone = "gone";

    /// <summary>What is said after something was asked for that could not be done.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Said { get; set; }

    public string? Problem { get; private set; }

    public Order Order { get; private set; } = null!;

    /// <summary>What would change for each target; only while that is to be looked at.</summary>
    public IReadOnlyList<TargetPlan> Targets { get; private set; } = [];

    /// <summary>What people call the run that is taken back.</summary>
    public string? Undoes { get; private set; }

    /// <summary>The page shows what a node does, and has to look again.</summary>
    public bool IsGoingOn => Order.State is OrderState.Planning or OrderState.Applying;

    public int Changes => Targets.Sum(static target => target.Plan.Changes.Count);

    public int Removals => Targets.Sum(static target => target.Plan.Removals);

    public async Task<IActionResult> OnGetAsync(long order, CancellationToken cancellationToken)
    {
        if (await orders.FindAsync(order, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return NotFound();
        }

        Order = found;
        Problem ??= Said == Gone ? "That is no longer possible: the order has moved on since this page was shown." : null;
        if (found.State is OrderState.Planned)
        {
            Targets = [.. (await orders.ReadPlansAsync(order, cancellationToken).ConfigureAwait(false)).Select(TargetPlan.Of)];
        }

        if (found.Undoes is { } undone)
        {
            var machine = (await catalogue.FindAsync(found.Server, cancellationToken).ConfigureAwait(false))?.Machine;
            Undoes = machine is { } known
                && await store.FindRunsAsync(known, [undone], cancellationToken).ConfigureAwait(false) is [var run, ..]
                ? Phrases.NameOf(run) : $"{undone}";
        }

        return Page();
    }

    public Task<IActionResult> OnPostApplyAsync(long order, CancellationToken cancellationToken) =>
        DoAsync(order, director.ApplyAsync, cancellationToken);

    public Task<IActionResult> OnPostDiscardAsync(long order, CancellationToken cancellationToken) =>
        DoAsync(order, director.DiscardAsync, cancellationToken);

    private async Task<IActionResult> DoAsync(
        long order, Func<long, CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        try
        {
            var isDone = await work(order, cancellationToken).ConfigureAwait(false);
            return RedirectToPage(new { order, said = isDone ? null : Gone });
        }
        catch (PlexException e)
        {
            Problem = e.Message;
            Response.StatusCode = StatusCodes.Status409Conflict;
            return await OnGetAsync(order, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>What would change for one target, in words.</summary>
internal sealed record TargetPlan(SyncPlan Plan, IReadOnlyList<ChangeRow> Rows, IReadOnlyList<(string Reason, int Count)> Skipped)
{
    /// <summary>How many items a target shows: a page of more says no more to anybody.</summary>
    private const int MostRows = 500;

    /// <summary>How many changes there are of each kind.</summary>
    public IReadOnlyList<(string Kind, int Count)> Kinds { get; private init; } = [];

    public int More => Plan.Changes.Count - Rows.Count;

    public static TargetPlan Of(SyncPlan plan)
    {
        var texts = Texts.Of(Texts.English);
        var names = new ItemNames(plan.Changes.Select(static change => change.Item));
        return new(
            plan,
            [
                .. plan.Changes.Take(MostRows).Select(change => new ChangeRow(
                    names.Of(change.Item),
                    Sentences.State(change.Before, change, texts),
                    Sentences.State(change.After, change, texts),
                    Sentences.Because(change, plan, texts),
                    change.IsRemoval)),
            ],
            [
                .. plan.Skipped.CountBy(static skipped => skipped.Reason).OrderBy(static one => one.Key)
                    .Select(one => (texts[$"Reason_{one.Key}"], one.Value)),
            ])
        {
            Kinds =
            [
                .. plan.Changes.CountBy(static change => change.Action).OrderBy(static one => one.Key)
                    .Select(one => (texts[$"Report_Action_{one.Key}"], one.Value)),
            ],
        };
    }
}

/// <summary>One change of a plan.</summary>
internal sealed record ChangeRow(string Item, string Before, string After, string Because, bool IsRemoval);
