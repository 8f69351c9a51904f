using System.Globalization;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Running;
using PlexSync.Fleet.Storage;
using Quartz;

namespace PlexSync.Fleet.Scheduling;

/// <summary>Plans an order, or carries it out once somebody has agreed. Its name ends with the number of the order.</summary>
[DisallowConcurrentExecution]
internal sealed partial class OrderJob(
    Orders orders, ServerCatalogue catalogue, JobRunner runner, PostgresStore store, TimeProvider time, ILogger<OrderJob> logger) : IJob
{
    private const string Prefix = "order:";

    public static JobKey KeyOf(string server, long order) => new($"{Prefix}{order}", server);

    public static bool IsOrder(JobKey key) => key.Name.StartsWith(Prefix, StringComparison.Ordinal);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var id = long.Parse(context.JobDetail.Key.Name.AsSpan(Prefix.Length), CultureInfo.InvariantCulture);
        if (await orders.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } order
            || order.State is not (OrderState.Planning or OrderState.Applying))
        {
            return;
        }

        try
        {
            var (server, job) = await catalogue.FindAsync(order.Server, order.Job, cancellationToken).ConfigureAwait(false)
                ?? throw new PlexException(PlexErrorKind.InvalidOption, $"The job '{order.Job}' of '{order.Server}' is gone.")
                {
                    Subject = order.Job,
                };
            var users = await runner.ConnectAsync(server, job, cancellationToken).ConfigureAwait(false);
            if (order.State is OrderState.Planning)
            {
                await PlanAsync(order, job, users, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ApplyAsync(order, job, users, context.FireInstanceId, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TakenOverException)
        {
            // Another node works on it.
        }
        catch (Exception e) when (CanPass(e) && context.RetryAttempt < (context.RetryPolicy?.MaxAttempts ?? 0))
        {
            Log.Failed(logger, id, e.Message);
            throw new JobExecutionException(e.Message, e);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (e is not PlexException)
            {
                Log.Unexpected(logger, e, id);
            }

            await orders.TryMoveAsync(id, order.State, OrderState.Failed, CancellationToken.None, e.Message).ConfigureAwait(false);
        }
    }

    private static bool CanPass(Exception e) => Database.IsFailure(e) || (e is PlexException known && SyncRunJob.CanPass(known));

    private async Task PlanAsync(Order order, FleetJob job, JobUsers users, CancellationToken cancellationToken)
    {
        IReadOnlyList<SyncPlan> plans;
        if (order.Undoes is { } run)
        {
            var targets = await FindTargetsAsync(run, users, cancellationToken).ConfigureAwait(false);
            plans = await runner.PlanUndoAsync(run, targets, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            plans = await runner.PlanAsync(job, users, cancellationToken).ConfigureAwait(false);
        }

        await orders.TryStorePlansAsync(order.Id, plans, cancellationToken).ConfigureAwait(false);
    }

    private async Task ApplyAsync(
        Order order, FleetJob job, JobUsers users, string firing, CancellationToken cancellationToken)
    {
        var plans = await orders.ReadPlansAsync(order.Id, cancellationToken).ConfigureAwait(false);
        // Somebody has seen how many there are, and agreed.
        var options = job.Job.CreateOptions(time);
        options.MaxRemovals = int.MaxValue;
        var reports = await runner.ApplyAsync(plans, users, options, firing, cancellationToken).ConfigureAwait(false);
        var error = SyncReport.FindError(reports);
        var run = reports.FirstOrDefault(
            static report => report.Count(ChangeOutcome.Applied) + report.Count(ChangeOutcome.Unknown) > 0)?.Run;
        await orders.TryMoveAsync(
            order.Id, OrderState.Applying, error is null ? OrderState.Done : OrderState.Failed, CancellationToken.None, error?.Message, run)
            .ConfigureAwait(false);
    }

    /// <summary>Those of the job's users whose state the run changed.</summary>
    private async Task<IReadOnlyList<PlexServer>> FindTargetsAsync(RunId run, JobUsers users, CancellationToken cancellationToken)
    {
        var parts = await store.FindRunsAsync(users.Source.MachineIdentifier, [run], cancellationToken).ConfigureAwait(false);
        var targets = users.All.Where(user => parts.Any(part => part.Target.Id == user.User.Id)).ToList();
        return targets.Count == parts.Count && parts.Count > 0 ? targets
            : throw new PlexException(PlexErrorKind.RunNotFound, $"The run {run} did not change only users of this job.")
            {
                Subject = $"{run}",
            };
    }

    private static partial class Log
    {
        [LoggerMessage(5014, LogLevel.Warning, "The order {Order} failed and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, long order, string reason);

        [LoggerMessage(5015, LogLevel.Error, "The order {Order} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception e, long order);
    }
}
