using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Pages;

/// <summary>All servers, those with failures first.</summary>
internal sealed class IndexModel(ServerCatalogue catalogue, IFleetDirector director) : PageModel
{
    /// <summary>How many servers one page shows.</summary>
    public const int PageSize = 100;

    /// <summary>What the name of a server or its address has in it.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Find { get; set; }

    /// <summary>Only servers with such a job.</summary>
    [BindProperty(SupportsGet = true)]
    public Condition? Show { get; set; }

    /// <summary>The page, from 1.</summary>
    [BindProperty(SupportsGet = true)]
    public int Part { get; set; } = 1;

    /// <summary>Those of this page.</summary>
    public IReadOnlyList<ServerRow> Rows { get; private set; } = [];

    /// <summary>How many servers are meant by the filter.</summary>
    public int Found { get; private set; }

    public int Servers { get; private set; }

    public IReadOnlyDictionary<Condition, int> Jobs { get; private set; } = new Dictionary<Condition, int>();

    public int Parts => Math.Max(1, (Found + PageSize - 1) / PageSize);

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        var servers = await catalogue.ListAsync(cancellationToken).ConfigureAwait(false);
        var next = (await director.GetNextRunsAsync(server: null, cancellationToken).ConfigureAwait(false))
            .GroupBy(static run => run.Key.Server).ToDictionary(static runs => runs.Key, static runs => runs.Min(static run => run.Value));
        var rows = servers.Select(server => ServerRow.Of(server, next.TryGetValue(server.Name, out var run) ? run : null)).ToList();
        Servers = rows.Count;
        Jobs = rows.SelectMany(static row => row.Conditions).GroupBy(static one => one.Key)
            .ToDictionary(static one => one.Key, static one => one.Sum(static count => count.Value));
        var found = rows.Where(row => row.Has(Find?.Trim(), Show)).OrderByDescending(static row => row.Failing)
            .ThenBy(static row => row.Server.Name, StringComparer.OrdinalIgnoreCase).ToList();
        Found = found.Count;
        Part = Math.Clamp(Part, 1, Parts);
        Rows = [.. found.Skip((Part - 1) * PageSize).Take(PageSize)];
    }
}

/// <summary>A server on the page of all of them.</summary>
/// <param name="Server">The server.</param>
/// <param name="Conditions">How many of its jobs are doing how.</param>
/// <param name="NextRun">When the next of its jobs runs.</param>
internal sealed record ServerRow(FleetServer Server, IReadOnlyDictionary<Condition, int> Conditions, DateTimeOffset? NextRun)
{
    public int Failing => Count(Condition.Failing);

    public DateTimeOffset? LastRun => Server.Jobs.Max(static job => job.State.EndedAt);

    public static ServerRow Of(FleetServer server, DateTimeOffset? nextRun) =>
        new(server, server.Jobs.CountBy(Sentences.ConditionOf).ToDictionary(), nextRun);

    public int Count(Condition condition) => Conditions.GetValueOrDefault(condition);

    public bool Has(string? word, Condition? condition) =>
        (condition is not { } wanted || Count(wanted) > 0)
        && (string.IsNullOrEmpty(word) || Server.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
            || Server.Server?.Contains(word, StringComparison.OrdinalIgnoreCase) is true);

    /// <summary>How its jobs are doing, as in 2 failing, 1 paused; one word where all are doing the same.</summary>
    public IEnumerable<(Condition? Condition, string Words)> Say() => Conditions.Count switch
    {
        0 => [(null, "No jobs")],
        1 => Conditions.Keys.Select(static one => ((Condition?)one, Sentences.Say(one))),
        _ => Conditions.OrderBy(static one => one.Key)
            .Select(static one => ((Condition?)one.Key, $"{one.Value} {Sentences.Say(one.Key).ToLowerInvariant()}")),
    };
}
