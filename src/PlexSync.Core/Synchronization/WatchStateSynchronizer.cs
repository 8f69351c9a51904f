using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PlexSync;

/// <summary>Brings the watch state of one user to others, both ways or of several together: first a plan, then its execution.</summary>
/// <remarks>
/// Thread-safe. With a store, every run can be taken back, and one that was killed is settled before the next one writes. Apply a plan with
/// the synchronizer that made it: it remembers what it has read and what the users agree on, while another one reads every item again and
/// remembers no agreements.
/// </remarks>
public sealed partial class WatchStateSynchronizer
{
    private readonly ISyncStore? _store;
    private readonly ILogger<WatchStateSynchronizer> _logger;
    private readonly PlanContexts _contexts = new();

    /// <summary>A synchronizer.</summary>
    /// <param name="store">
    /// Keeps what outlives a run, as <see cref="FileStore"/> does; nothing is kept if null, and nothing can be undone.
    /// </param>
    /// <param name="logger">Receives decisions and what could not be done; none if null.</param>
    public WatchStateSynchronizer(ISyncStore? store = null, ILogger<WatchStateSynchronizer>? logger = null)
    {
        _store = store;
        _logger = logger ?? NullLogger<WatchStateSynchronizer>.Instance;
    }

    /// <summary>
    /// Reads both users and plans what to write to the target; writes nothing. For two directions, take the overload with several targets.
    /// </summary>
    /// <inheritdoc cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncPlan> PlanAsync(
        PlexServer source,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        options?.Direction is SyncDirection.TwoWay
            ? throw new ArgumentException("Two directions make two plans: take the overload with several targets.", nameof(options))
            : (await PlanAsync(source, [target], options, progress, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Reads the source once and every target, and plans what to write to each; writes nothing.</summary>
    /// <param name="source">The server as the user whose state is copied.</param>
    /// <param name="targets">The same server as other users, or other servers.</param>
    /// <param name="options">What to synchronise, and how.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plans in the order of the targets and, in two directions, last the one for the source: every difference with what is done about
    /// it and why. A library that could not be read whole is left out and named with its error.
    /// </returns>
    /// <exception cref="PlexException">
    /// A target equals the source or another target, a library or show is not known, nothing is shared with a target, or the server refused
    /// or failed.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The options do not go together: mirror in two directions, rating keys across servers, no types.
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
        options ??= new SyncOptions();
        RequireDistinct([source, .. targets], nameof(targets));
        RequireSense(options, source, targets);
        return PhaseScope.RunAsync(
            "plan",
            source.Time,
            () => KeepAsync(new Planner(_logger, options, _store, progress).PlanAsync(source, targets, cancellationToken)),
            SyncDiagnostics.Planned);
    }

    /// <summary>
    /// Reads several users of one server, each once, and plans what brings them to a common state: watched if any of them has watched, else
    /// the largest position or, under <see cref="ConflictPolicies.Newest"/>, the one of the user who viewed the item last. Writes nothing.
    /// </summary>
    /// <param name="users">The server as each of the users, two at least; their order makes no difference.</param>
    /// <param name="options">
    /// What to merge; the policy is <see cref="ConflictPolicies.Furthest"/> if null, and one of <see cref="ConflictPolicies.Merging"/>.
    /// Items are matched by rating key.
    /// </param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// One plan for each user, in their order, for one
    /// <see cref="ApplyAsync(IReadOnlyList{SyncPlan}, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>.
    /// </returns>
    /// <exception cref="PlexException">
    /// As for <see cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// Fewer than two users, users of several servers, or a policy under which the order would matter.
    /// </exception>
    public Task<IReadOnlyList<SyncPlan>> PlanMergeAsync(
        IReadOnlyList<PlexServer> users, SyncOptions? options =
            null, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(users);
        options ??= new SyncOptions();
        RequireDistinct(users, nameof(users));
        if (users.Count < 2 || users.Any(user => user.MachineIdentifier != users[0].MachineIdentifier))
        {
            throw new ArgumentException("It takes at least two users of one server.", nameof(users));
        }

        if (options.Policy is { } policy && !ConflictPolicies.Merging.Contains(policy))
        {
            throw new ArgumentException($"Users cannot be merged under '{policy.Name}'.", nameof(options));
        }

        RequireSense(options, users[0], users);
        return PhaseScope.RunAsync(
            "plan",
            users[0].Time,
            () => KeepAsync(new Planner(_logger, options, _store, progress).MergeAsync(users, cancellationToken)),
            SyncDiagnostics.Planned);
    }

    /// <summary>Remembers what was known when the plans were made, for when they are applied.</summary>
    private async Task<IReadOnlyList<SyncPlan>> KeepAsync(Task<IReadOnlyList<MadePlan>> planning) =>
        [.. (await planning.ConfigureAwait(false)).Select(_contexts.Add)];

    /// <summary>
    /// Why the items of a title would be synchronised, or would not: plans as a sync would, writes nothing, and tells of these items.
    /// </summary>
    /// <param name="source">The server as the user whose state is copied.</param>
    /// <param name="target">The server, or another one, as the user it is copied to.</param>
    /// <param name="title">A part of a title or of a show's; capitals do not matter.</param>
    /// <param name="options">What would be synchronised, and how.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>One explanation for each work that goes by that title; empty if there is none.</returns>
    /// <exception cref="PlexException">
    /// As for <see cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>.
    /// </exception>
    public Task<IReadOnlyList<ItemExplanation>> ExplainAsync(
        PlexServer source,
        PlexServer target,
        string title,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        options ??= new SyncOptions();
        RequireDistinct([source, target], nameof(target));
        RequireSense(options, source, [target]);
        return PhaseScope.RunAsync(
            "explain", source.Time, () =>
                new Planner(_logger, options, _store, progress).ExplainAsync(source, target, title, cancellationToken));
    }

    /// <summary>Writes exactly what the plan says.</summary>
    /// <inheritdoc cref="ApplyAsync(IReadOnlyList{SyncPlan}, PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public Task<SyncReport> ApplyAsync(
        SyncPlan plan,
        PlexServer source,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return ApplyOneAsync();

        async Task<SyncReport> ApplyOneAsync() =>
            (await ApplyAsync([plan], source, [target], options, progress, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Writes exactly what the plan says. The source need not be connected, since nothing is written to it; but from a plan read from a
    /// file, nothing is taken away then, since the states that removals rest on cannot be read again
    /// (<see cref="SkipReason.SourceNotRead"/>).
    /// </summary>
    /// <inheritdoc cref="ApplyAsync(IReadOnlyList{SyncPlan}, PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncReport> ApplyAsync(
        SyncPlan plan,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        (await ApplyAsync([plan], [target], options, progress, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Writes exactly what the plans say, one target after the other, as one run of the store.</summary>
    /// <param name="plans">The plans, one per target and in their order.</param>
    /// <param name="source">The source the plans were made for.</param>
    /// <param name="targets">The targets the plans were made for.</param>
    /// <param name="options">The limit on removals.</param>
    /// <param name="progress">Told as changes are written.</param>
    /// <param name="cancellationToken">Stops before the next write; those under way are waited for, a few seconds at most.</param>
    /// <returns>
    /// One report per plan with the outcome of every change. A change that fails does not stop the others; a target whose token is no
    /// longer accepted, or a server that no longer answers, ends that target's run and is the report's error.
    /// </returns>
    /// <remarks>
    /// A plan that was just made is relied on; one that is older, that was read from a file, or since which the target was written to, is
    /// compared with the state its items have now: what already is as planned is <see cref="SkipReason.AlreadyDone"/>, what is neither as
    /// it was nor as planned is <see cref="SkipReason.ChangedSincePlanned"/>. Runs on these targets that were killed are settled first.
    /// What a removal rests on is read again right before it is sent: the removal is left out where that has changed, or cannot be read.
    /// </remarks>
    /// <exception cref="PlexException">
    /// A plan was made for another server or user, or takes away more than <see cref="SyncOptions.MaxRemovals"/>; another run holds a
    /// target; or the store cannot be written: nothing was sent.
    /// </exception>
    /// <exception cref="SyncCanceledException">The run was cancelled; it carries the reports so far.</exception>
    public Task<IReadOnlyList<SyncReport>> ApplyAsync(
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
        for (var i = 0; i < Math.Min(plans.Count, targets.Count); i++)
        {
            RequireSource(plans[i], source, targets[i]);
        }

        return ApplyAllAsync(plans, targets, [source], options, progress, cancellationToken);
    }

    /// <inheritdoc cref="ApplyAsync(SyncPlan, PlexServer, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public Task<IReadOnlyList<SyncReport>> ApplyAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> targets,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default) => ApplyAllAsync(plans, targets, sources: [], options, progress, cancellationToken);

    private async Task<IReadOnlyList<SyncReport>> ApplyAllAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> targets,
        IReadOnlyList<PlexServer> sources,
        SyncOptions? options,
        IProgress<SyncProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(targets);
        if (plans.Count != targets.Count)
        {
            throw new ArgumentException("There must be one plan per target.", nameof(plans));
        }

        if (targets.Select(static target => target.ServerUser).Distinct().Count() != targets.Count)
        {
            throw new ArgumentException("A target is named twice.", nameof(targets));
        }

        RequireOwnTokens([.. targets, .. sources, .. plans.SelectMany(ParticipantsOf)]);
        return await PhaseScope.RunAsync(
            "run",
            targets.Count == 0 ? TimeProvider.System : targets[0].Time,
            () => RunAsync(plans, targets, sources, options ?? new SyncOptions(), progress, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<SyncReport>> RunAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> targets,
        IReadOnlyList<PlexServer> sources,
        SyncOptions options,
        IProgress<SyncProgress>? progress,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < plans.Count; i++)
        {
            Require(plans[i], targets[i]);
            plans[i].RequireWithinLimit(options);
        }

        // The proof of identity is that of this connection, whatever a file says.
        plans = plans.Select((plan, at) => plan.Identity == targets[at].Identity ? plan : plan with { Identity = targets[at].Identity })
            .ToList();
        foreach (var target in targets)
        {
            await SettleAsync(target, progress, cancellationToken).ConfigureAwait(false);
        }

        var leases = await BeginAsync(plans, cancellationToken).ConfigureAwait(false);
        var run = leases.Select(static lease => lease?.Run).FirstOrDefault(static run => run is not null);
        var reports = new List<SyncReport>(plans.Count);
        var begun = 0;
        try
        {
            await ForgetAsync(plans, targets, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < plans.Count; i++)
            {
                var isFresh = _contexts.Find(plans[i]) is { } context
                    && await context.TryRelyOnStatesAsync(run, cancellationToken).ConfigureAwait(false);
                begun++;
                var proof = new RemovalProof(_logger, _store, [.. ParticipantsOf(plans[i]), .. sources, .. targets], run);
                using var execution = PlanExecutor.Begin(_logger, plans[i], targets[i], leases[i], isFresh, proof, progress);
                reports.Add(await execution.ExecuteAsync(cancellationToken).ConfigureAwait(false));
                if (cancellationToken.IsCancellationRequested && (reports.Count < plans.Count || !execution.IsComplete))
                {
                    // Items that the run did not come to are still agreed on, and still to be unwatched.
                    var known = await RememberAsync([.. reports, .. plans.Skip(reports.Count).Select(Untried)]).ConfigureAwait(false);
                    throw new SyncCanceledException(known.Take(reports.Count).ToList(), cancellationToken);
                }
            }

            return await RememberAsync(reports).ConfigureAwait(false);
        }
        finally
        {
            // A run that ended in the middle stays open, to be settled; one that was not started leaves no trace.
            var endings = leases.Select((lease, at) => EndAsync(lease, at < begun ? null : Untried(plans[at])));
            await Task.WhenAll(endings).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<PlexServer> ParticipantsOf(SyncPlan plan) => _contexts.Find(plan)?.Participants ?? [];

    /// <summary>
    /// Strikes what a run may un-watch, for good or on the way, from every agreement of that user before it is written. If the run is
    /// killed, it would otherwise look as if the user had un-watched it.
    /// </summary>
    private async Task ForgetAsync(IReadOnlyList<SyncPlan> plans, IReadOnlyList<PlexServer> targets, CancellationToken cancellationToken)
    {
        for (var at = 0; at < plans.Count; at++)
        {
            var isKnown = _contexts.Find(plans[at]) is { Agreements.Count: > 0 };
            var keys = plans[at].Changes.Where(change => !isKnown || change.Unwatches).Select(static change => change.Item.RatingKey)
                .ToHashSet();
            if (keys.Count > 0 && _store is not null)
            {
                await RunAgreements.ForgetAsync(_store, targets[at].ServerUser, keys, cancellationToken).ConfigureAwait(false);
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
        catch (PlexException e)
        {
            // Everything is written, so that the reports are returned even if the agreements could not be stored.
            return reports.ConvertAll(report => report with { Error = report.Error ?? e });
        }
    }

    private IEnumerable<RunAgreements> AgreementsOf(IEnumerable<SyncPlan> plans) =>
        plans.SelectMany(plan => _contexts.Find(plan)?.Agreements ?? []).Distinct();

    private static SyncReport Untried(SyncPlan plan) => new()
    {
        Plan = plan,
        Results = plan.Changes.Select(static change => new ChangeResult { Change = change, Outcome = ChangeOutcome.Planned }).ToList(),
    };

    /// <summary>Releases a target; if the run did not come to it, the run is completed, so that nothing is left to settle.</summary>
    private static async Task EndAsync(IRunLease? lease, SyncReport? untried)
    {
        if (lease is null)
        {
            return;
        }

        await using (lease.ConfigureAwait(false))
        {
            if (untried is not null)
            {
                await lease.CompleteAsync(untried, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Stores every plan, and takes every target, before the first write. Null for plans that change nothing, and without a store.
    /// </summary>
    private async Task<IRunLease?[]> BeginAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var leases = new IRunLease?[plans.Count];
        var changing = Enumerable.Range(0, plans.Count).Where(at => plans[at].Changes.Count > 0).ToList();
        if (_store is null || changing.Count == 0)
        {
            return leases;
        }

        try
        {
            var begun = await _store.BeginAsync(changing.ConvertAll(at => plans[at]), cancellationToken).ConfigureAwait(false);
            for (var at = 0; at < begun.Count; at++)
            {
                leases[changing[at]] = begun[at];
            }

            return leases;
        }
        catch (Exception e) when (e is not (PlexException or OperationCanceledException))
        {
            throw PlanExecutor.JournalFailure(e);
        }
    }

    /// <summary>Of a plan in the other direction, the source is the one that is written to.</summary>
    private static void RequireSource(SyncPlan plan, PlexServer source, PlexServer target)
    {
        var (server, user) = plan.Target.Id == source.User.Id && plan.Server.MachineIdentifier == source.MachineIdentifier
            ? (plan.Server, plan.Target)
            : (plan.SourceServer ?? plan.Server, plan.Source);
        if (server.MachineIdentifier != source.MachineIdentifier || user.Id != source.User.Id)
        {
            throw plan.Mismatch(server.MachineIdentifier == source.MachineIdentifier ? target : source);
        }
    }

    private static void RequireDistinct(IReadOnlyList<PlexServer> users, string name)
    {
        var known = new HashSet<ServerUser>();
        foreach (var user in users)
        {
            ArgumentNullException.ThrowIfNull(user, name);
            if (!known.Add(user.ServerUser))
            {
                throw new PlexException(PlexErrorKind.SameUser, $"'{user.User.Title}' cannot be both source and target, or named twice.")
                {
                    Subject = user.User.Title,
                };
            }
        }

        RequireOwnTokens(users);
        if (users.Count > CatalogueItem.MostSides)
        {
            throw new ArgumentException($"At most {CatalogueItem.MostSides} users fit into one run.", name);
        }
    }

    /// <summary>Two users with one token are one to the server: one of them would get what was meant for the other.</summary>
    private static void RequireOwnTokens(IReadOnlyList<PlexServer> users)
    {
        foreach (var user in users)
        {
            if (users.FirstOrDefault(user.SharesTokenWith) is { } other)
            {
                throw new PlexException(
                    PlexErrorKind.IdentityNotProved, $"plex.tv gave the same token for '{user.User.Title}' and for '{other.User.Title}'.")
                {
                    Subject = user.User.Title,
                };
            }
        }
    }

    private static void RequireSense(SyncOptions options, PlexServer source, IReadOnlyList<PlexServer> targets)
    {
        if (options.Direction is SyncDirection.TwoWay && options.Policy == ConflictPolicies.Mirror)
        {
            throw new ArgumentException("Two users cannot mirror each other.", nameof(options));
        }

        if (options is { Direction: SyncDirection.TwoWay, Unwatched: true } && targets.Count > 1)
        {
            throw new ArgumentException(
                "What one of several users unwatched, and another watched, cannot be told apart: name one target.", nameof(options));
        }

        if (options.Match is MatchMode.Key && targets.Any(target => target.MachineIdentifier != source.MachineIdentifier))
        {
            throw new ArgumentException("Rating keys mean nothing on another server: match by identifiers.", nameof(options));
        }

        if (options.Types.Count == 0 || options.Types.Any(static type => !type.IsLeaf))
        {
            throw new ArgumentException("The types are movies, episodes and tracks, one at least.", nameof(options));
        }
    }

    private static void Require(SyncPlan plan, PlexServer target)
    {
        plan.RequireServer(target);
        if (plan.Target.Id != target.User.Id)
        {
            throw plan.Mismatch(target);
        }

        var keys = new HashSet<string>(plan.Changes.Count, StringComparer.Ordinal);
        if (!plan.Changes.All(change => keys.Add(change.Key)))
        {
            throw new ArgumentException("An item is in the plan twice.", nameof(plan));
        }
    }
}
