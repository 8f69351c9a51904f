using PlexSync.Cli;
using PlexSync.Cli.Output;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Pages;

/// <summary>What a run did: the page that the command line saves with <c>--report</c>.</summary>
internal static class RunReport
{
    /// <summary>
    /// Its script may run, and reach nothing of the fleet: to the browser the page belongs to no site at all.
    /// </summary>
    private const string Policy =
        "sandbox allow-scripts; frame-ancestors 'none'; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "img-src data:";

    public static string AddressOf(string server, RunId run) => $"/servers/{Uri.EscapeDataString(server)}/runs/{run}";

    public static async Task<IResult> ShowAsync(
        string server, string run, ServerCatalogue catalogue, PostgresStore store, HttpContext context, CancellationToken cancellationToken)
    {
        if (!RunId.TryParse(run, out var id)
            || (await catalogue.FindAsync(server, cancellationToken).ConfigureAwait(false))?.Machine is not { } machine)
        {
            return Results.NotFound();
        }

        var parts = await store.FindRunsAsync(machine, [id], cancellationToken).ConfigureAwait(false);
        if (parts.Count == 0)
        {
            return Results.NotFound();
        }

        var texts = Texts.Of(Texts.English);
        var reports = new List<SyncReport>(parts.Count);
        foreach (var part in parts)
        {
            // Without its run, the page does not name the command that would undo it: there is none here, but a button.
            reports.Add((await store.ReadRunAsync(part, cancellationToken).ConfigureAwait(false)) with { Run = null, Number = 0 });
        }

        var failure = reports.FirstOrDefault(static report => report.Error is not null)?.Error;
        var outcome = new SyncOutcome
        {
            Id = id,
            Reports = reports,
            UndoneName = parts[0].Undoes is { } undone
                ? await store.FindRunsAsync(machine, [undone], cancellationToken).ConfigureAwait(false) is [var known, ..]
                    ? Phrases.NameOf(known) : $"{undone}"
                : null,
            Elapsed = WritingTime(reports),
            Failure = failure is null ? null : Failure.Of(failure, texts),
            IsStopped = failure is not null,
        };
        using var page = new MemoryStream();
        await ReportPage.WriteAsync(outcome, parts[0].StartedAt, texts, page).ConfigureAwait(false);
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return Results.Bytes(page.ToArray(), "text/html; charset=utf-8");
    }

    /// <summary>From the first change that was sent to the last; the run itself began earlier, and nobody recorded when it ended.</summary>
    private static TimeSpan WritingTime(List<SyncReport> reports)
    {
        var sent = reports.SelectMany(static report => report.Results).Select(static result => result.AnnouncedAt).OfType<DateTimeOffset>()
            .ToList();
        return sent.Count == 0 ? TimeSpan.Zero : sent.Max() - sent.Min();
    }
}
