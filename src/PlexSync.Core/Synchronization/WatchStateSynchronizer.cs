using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PlexSync;

/// <summary>Brings the watch state of one user to others on the same server: first a plan, then its execution.</summary>
/// <remarks>Stateless and thread-safe.</remarks>
public sealed partial class WatchStateSynchronizer
{
    private readonly ILogger<WatchStateSynchronizer> _logger;

    /// <summary>A synchronizer.</summary>
    /// <param name="logger">Receives decisions and what could not be done; none if null.</param>
    public WatchStateSynchronizer(ILogger<WatchStateSynchronizer>? logger = null) => _logger = logger ?? NullLogger<WatchStateSynchronizer>.Instance;

    /// <summary>Reads both users and plans what to write to the target; writes nothing.</summary>
    /// <inheritdoc cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncPlan> PlanAsync(
        PlexServer source,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        (await PlanAsync(source, [target], options, progress, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Reads the source once and every target, and plans what to write to each; writes nothing.</summary>
    /// <param name="source">The server as the user whose state is copied.</param>
    /// <param name="targets">The same server as other users.</param>
    /// <param name="options">What to synchronise, and how.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plans in the order of the targets: every difference with what is done about it and why. A library that could not be read whole is
    /// left out and named with its error.
    /// </returns>
    /// <exception cref="PlexException">
    /// A target equals the source or another target, a library is not known, nothing is shared with a target, or the server refused or failed.
    /// </exception>
    public Task<IReadOnlyList<SyncPlan>> PlanAsync(
        PlexServer source,
        IReadOnlyList<PlexServer> targets,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(targets);
        var users = new HashSet<UserId> { source.User.Id };
        foreach (var target in targets)
        {
            ArgumentNullException.ThrowIfNull(target, nameof(targets));
            if (target.MachineIdentifier != source.MachineIdentifier)
            {
                throw new ArgumentException("Source and targets must be on the same server.", nameof(targets));
            }

            if (!users.Add(target.User.Id))
            {
                throw new PlexException(PlexErrorKind.SameUser, $"'{target.User.Title}' cannot be both source and target, or target twice.")
                {
                    Subject = target.User.Title,
                };
            }
        }

        return new Planner(_logger, source, targets, options ?? new SyncOptions(), progress).PlanAsync(cancellationToken);
    }

    /// <summary>Writes exactly what the plan says.</summary>
    /// <inheritdoc cref="ApplyAsync(IReadOnlyList{SyncPlan}, PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncReport> ApplyAsync(
        SyncPlan plan,
        PlexServer source,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return (await ApplyAsync([plan], source, [target], options, progress, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Writes exactly what the plans say, one target after the other.</summary>
    /// <param name="plans">The plans, one per target and in their order.</param>
    /// <param name="source">The source the plans were made for; for restores, any user of the server, since nothing is asked of them.</param>
    /// <param name="targets">The targets the plans were made for.</param>
    /// <param name="options">The limit on removals.</param>
    /// <param name="progress">Told as changes are written.</param>
    /// <param name="cancellationToken">Stops before the next write; those under way are waited for, a few seconds at most.</param>
    /// <returns>
    /// One report per plan with the outcome of every change. A change that fails does not stop the others; a target whose token is no longer
    /// accepted, or a server that no longer answers, ends that target's run and is the report's error.
    /// </returns>
    /// <exception cref="PlexException">
    /// A plan was made for another server or user, or takes away more than <see cref="SyncOptions.MaxRemovals"/>: nothing was sent.
    /// </exception>
    /// <exception cref="SyncCanceledException">The run was cancelled; it carries the reports so far.</exception>
    public async Task<IReadOnlyList<SyncReport>> ApplyAsync(
        IReadOnlyList<SyncPlan> plans,
        PlexServer source,
        IReadOnlyList<PlexServer> targets,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(targets);
        if (plans.Count != targets.Count)
        {
            throw new ArgumentException("There must be one plan per target.", nameof(plans));
        }

        if (targets.DistinctBy(static target => target.User.Id).Count() != targets.Count)
        {
            throw new ArgumentException("A target is named twice.", nameof(targets));
        }

        options ??= new SyncOptions();
        for (var i = 0; i < plans.Count; i++)
        {
            Require(plans[i], source, targets[i], options);
        }

        var reports = new List<SyncReport>(plans.Count);
        for (var i = 0; i < plans.Count; i++)
        {
            using var run = new PlanRun(_logger, plans[i], targets[i], progress);
            reports.Add(await run.ExecuteAsync(cancellationToken).ConfigureAwait(false));
            if (cancellationToken.IsCancellationRequested && (reports.Count < plans.Count || !run.IsComplete))
            {
                throw new SyncCanceledException(reports, cancellationToken);
            }
        }

        return reports;
    }

    private static void Require(SyncPlan plan, PlexServer source, PlexServer target, SyncOptions options)
    {
        if (plan.Server.MachineIdentifier != source.MachineIdentifier || plan.Server.MachineIdentifier != target.MachineIdentifier
            || (plan.Source.Id != source.User.Id && !Restoration.IsPlannedIn(plan)) || plan.Target.Id != target.User.Id)
        {
            throw new PlexException(
                PlexErrorKind.PlanMismatch,
                $"The plan is for '{plan.Source.Title}' and '{plan.Target.Title}' on '{plan.Server.Name}', not for '{source.User.Title}' and '{target.User.Title}' on '{target.Name}'.")
            {
                Subject = plan.Target.Title,
            };
        }

        if (plan.Changes.DistinctBy(static change => change.Item.RatingKey).Count() != plan.Changes.Count)
        {
            throw new ArgumentException("An item is in the plan twice.", nameof(plan));
        }

        if (plan.Removals > options.MaxRemovals)
        {
            throw new PlexException(
                PlexErrorKind.TooManyRemovals,
                $"The plan takes {plan.Removals} things away from '{plan.Target.Title}'; {options.MaxRemovals} are allowed.")
            {
                Subject = plan.Target.Title,
            };
        }
    }
}
