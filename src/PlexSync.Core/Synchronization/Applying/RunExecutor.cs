using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>One run: writes several plans, one target after the other, and remembers what came of them.</summary>
/// <param name="logger">Told what could not be done.</param>
/// <param name="store">Keeps the run; nothing is kept if null.</param>
/// <param name="contexts">What was known when the plans were made.</param>
/// <param name="users">Everybody who is connected, for what removals rest on.</param>
internal sealed class RunExecutor(ILogger logger, ISyncStore? store, PlanContexts contexts, IReadOnlyList<PlexServer> users)
{
    /// <param name="plans">The plans.</param>
    /// <param name="targets">Their targets, in the order of the plans.</param>
    /// <param name="progress">Told as changes are written.</param>
    /// <param name="cancellationToken">Stops before the next write.</param>
    /// <exception cref="SyncCanceledException">The run was cancelled; it carries the reports so far.</exception>
    public async Task<IReadOnlyList<SyncReport>> ExecuteAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> targets,
        IProgress<SyncProgress>? progress,
        CancellationToken cancellationToken)
    {
        var leases = await BeginAsync(plans, cancellationToken).ConfigureAwait(false);
        var run = leases.Select(static lease => lease?.Run).FirstOrDefault(static run => run is not null);
        var reports = new List<SyncReport>(plans.Count);
        var begun = 0;
        try
        {
            await ForgetAsync(plans, cancellationToken).ConfigureAwait(false);
            for (var at = 0; at < plans.Count; at++)
            {
                var context = contexts.Find(plans[at]);
                var isFresh = context is not null && await context.TryRelyOnStatesAsync(run, cancellationToken).ConfigureAwait(false);
                begun++;
                var proof = new RemovalProof(logger, store, [.. context?.Participants ?? [], .. users], run);
                using var execution = PlanExecutor.Begin(logger, plans[at], targets[at], leases[at], isFresh, proof, progress);
                reports.Add(await execution.ExecuteAsync(cancellationToken).ConfigureAwait(false));
                if (cancellationToken.IsCancellationRequested && (reports.Count < plans.Count || !execution.IsComplete))
                {
                    // What it did not come to is still agreed on, and still to be unwatched.
                    var known = await RememberAsync([.. reports, .. plans.Skip(reports.Count).Select(Untried)]).ConfigureAwait(false);
                    throw new SyncCanceledException(known.Take(reports.Count).ToList(), cancellationToken);
                }
            }

            var remembered = await RememberAsync(reports).ConfigureAwait(false);
            await KeepReadingAsync(remembered).ConfigureAwait(false);
            return remembered;
        }
        finally
        {
            // What ended in the middle stays open, to be settled; what was not come to leaves no trace.
            var endings = leases.Select((lease, at) => EndAsync(lease, targets[at], at < begun ? null : Untried(plans[at])));
            await Task.WhenAll(endings).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Every plan is safe, and every target ours alone, before the first write. Null for plans that change nothing, and where nothing is
    /// kept.
    /// </summary>
    private async Task<IRunLease?[]> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var leases = new IRunLease?[plans.Count];
        var changing = Enumerable.Range(0, plans.Count).Where(at => plans[at].Changes.Count > 0).ToList();
        if (store is null || changing.Count == 0)
        {
            return leases;
        }

        try
        {
            var begun = await store.BeginAsync(changing.ConvertAll(at => plans[at]), cancellationToken).ConfigureAwait(false);
            for (var at = 0; at < begun.Count; at++)
            {
                leases[changing[at]] = begun[at];
            }

            return leases;
        }
        catch (Exception e) when (e is not (PlexException or OperationCanceledException))
        {
            throw RunRecorder.ToFailure(e);
        }
    }

    /// <summary>
    /// What a run may un-watch, for good or on the way, must not be taken for agreed by any pair of that user any more, whatever becomes of
    /// the run: it would look like the user's own doing. What is marked unwatched by hand is just that.
    /// </summary>
    private async Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        foreach (var plan in store is null ? [] : plans)
        {
            var isKnown = contexts.Find(plan) is { Agreements.Count: > 0 };
            var keys = plan.Changes.Where(change => (!isKnown || change.Unwatches) && !plan.UnwatchesByHand(change))
                .Select(static change => change.Item.RatingKey).ToHashSet();
            if (keys.Count > 0)
            {
                await RunAgreements.ForgetAsync(store!, plan.TargetUser, keys, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var agreements in AgreementsOf(plans))
        {
            await agreements.ForgetAsync(plans, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<SyncReport>> RememberAsync(List<SyncReport> reports)
    {
        try
        {
            foreach (var agreements in AgreementsOf(reports.Select(static report => report.Plan)))
            {
                await agreements.RememberAsync(reports, CancellationToken.None).ConfigureAwait(false);
            }

            return reports;
        }
        catch (Exception e)
        {
            // Everything is written; what could not be remembered is no reason to keep quiet about it.
            var failure = RunRecorder.ToFailure(e);
            return reports.ConvertAll(report => report with { Error = report.Error ?? failure });
        }
    }

    /// <summary>Stores what the next run need not read again. Where it cannot be stored, that run reads everything.</summary>
    private async Task KeepReadingAsync(IReadOnlyList<SyncReport> reports)
    {
        if (reports.Select(report => contexts.Find(report.Plan)?.Reading).Distinct().ToList() is not [{ } reading])
        {
            return;
        }

        try
        {
            await reading.KeepAsync(reports).ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            ApplyingLog.ReadingNotKept(logger, e.Message);
        }
    }

    private IEnumerable<RunAgreements> AgreementsOf(IEnumerable<SyncPlan> plans) =>
        plans.SelectMany(plan => contexts.Find(plan)?.Agreements ?? []).Distinct();

    private static SyncReport Untried(SyncPlan plan) => new()
    {
        Plan = plan,
        Results = plan.Changes.Select(static change => new ChangeResult { Change = change, Outcome = ChangeOutcome.Planned }).ToList(),
    };

    /// <summary>Lets go of a target; a run that did not come to it leaves nothing to settle.</summary>
    private async Task EndAsync(IRunLease? lease, PlexServer target, SyncReport? untried)
    {
        if (lease is null)
        {
            return;
        }

        try
        {
            await using (lease.ConfigureAwait(false))
            {
                if (untried is not null)
                {
                    await lease.CompleteAsync(untried, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            // It waits to be settled, and must not hide what the run has done.
            ApplyingLog.NotSettled(logger, target.User.Title, e.Message);
        }
    }
}
