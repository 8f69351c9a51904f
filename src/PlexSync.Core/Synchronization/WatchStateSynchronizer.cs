using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PlexSync;

/// <summary>Brings the watch state of one user to others, both ways or of several together: first a plan, then its execution.</summary>
/// <remarks>
/// Thread-safe. With a store, every run can be taken back, and one that was killed is settled before the next one writes. Apply a plan with
/// the synchronizer that made it: it remembers what it has read and what the users agree on, while another one reads every item again and
/// remembers no agreements.
/// </remarks>
/// <example>
/// <code>
/// var keeps = new WatchStateSynchronizer(new FileStore(folder));
/// SyncPlan plan = await keeps.PlanAsync(source: server, target: kid);
/// SyncReport report = await keeps.ApplyAsync(plan, source: server, target: kid);
/// Console.WriteLine($"{report.Verified} changes were read back and are there.");
/// </code>
/// </example>
public sealed partial class WatchStateSynchronizer
{
    private readonly ISyncStore? _store;
    private readonly ILogger<WatchStateSynchronizer> _logger;
    private readonly PlanContexts _contexts = new();
    private readonly WrittenStates _written = new();

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
    /// Reads both users and plans what to write to the target. For two directions, take the overload with several targets.
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

    /// <summary>Reads the source once and every target, and plans what to write to each.</summary>
    /// <param name="source">The server as the user whose state is copied.</param>
    /// <param name="targets">The same server as other users, or other servers.</param>
    /// <param name="options">What to synchronise, and how.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <remarks>
    /// Writes nothing, except to complete what a killed run left half-way through an item (<see cref="SettleAsync"/>); with
    /// <see cref="SyncOptions.DryRun"/> not even that.
    /// </remarks>
    /// <returns>
    /// The plans in the order of the targets and, in two directions, last the one for the source: every difference with what is done about
    /// it and why. A library that could not be read whole is left out and named with its error.
    /// </returns>
    /// <exception cref="PlexException">
    /// The options do not go together (<see cref="PlexErrorKind.OptionsConflict"/>: mirror in two directions, rating keys across servers,
    /// un-watching in two directions with several targets), or there are no types; a target equals the source or another target, a library
    /// or show is not known, nothing is shared with a target, another run is writing to a target
    /// (<see cref="PlexErrorKind.RunInProgress"/>), or the server refused or failed.
    /// </exception>
    /// <example>
    /// <code>
    /// IReadOnlyList&lt;SyncPlan&gt; plans = await synchronizer.PlanAsync(server, [kid, teen], new SyncOptions { Libraries = ["Movies"] });
    /// await synchronizer.ApplyAsync(plans, [kid, teen]);
    /// </code>
    /// </example>
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
        options.RequireSense(targets.Count, targets.All(target => target.MachineIdentifier == source.MachineIdentifier));
        return PhaseScope.RunAsync(
            "plan",
            source.Time,
            () => PlanAsync(
                options.Direction is SyncDirection.TwoWay ? [.. targets, source] : targets,
                options,
                progress,
                planner => planner.PlanAsync(source, targets, cancellationToken),
                cancellationToken),
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
    /// As for <see cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>; or
    /// the order of the users would matter under the policy (<see cref="PlexErrorKind.PolicyNotFound"/>).
    /// </exception>
    /// <exception cref="ArgumentException">Fewer than two users, or users of several servers.</exception>
    /// <example>
    /// <code>
    /// PlexServer[] users = [server, kid, teen];
    /// IReadOnlyList&lt;SyncPlan&gt; plans = await synchronizer.PlanMergeAsync(users);
    /// await synchronizer.ApplyAsync(plans, users);
    /// </code>
    /// </example>
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

        options.RequireMerge();
        return PhaseScope.RunAsync(
            "plan",
            users[0].Time,
            () => PlanAsync(users, options, progress, planner => planner.MergeAsync(users, cancellationToken), cancellationToken),
            SyncDiagnostics.Planned);
    }

    /// <summary>
    /// Plans a job: as
    /// <see cref="PlanAsync(PlexServer, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>, or as
    /// <see cref="PlanMergeAsync"/> if it names <see cref="SyncJob.Users"/>. Writes nothing.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="users">Its users, as <see cref="JobConnector"/> connects them.</param>
    /// <param name="options">Those of the job (<see cref="SyncJob.CreateOptions"/>) if null.</param>
    /// <param name="progress">Told as libraries are read.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The plans, for one
    /// <see cref="ApplyAsync(IReadOnlyList{SyncPlan}, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    /// with <see cref="JobUsers.All"/>.
    /// </returns>
    /// <exception cref="PlexException">As for the one or the other.</exception>
    /// <example>
    /// <code>
    /// var connector = new JobConnector(plex, readToken: _ => Task.FromResult(token));
    /// var job = new SyncJob { Name = "couple", Users = ["Anna", "Paul"] };
    /// JobUsers users = await connector.ConnectAsync(job);
    /// IReadOnlyList&lt;SyncPlan&gt; plans = await synchronizer.PlanAsync(job, users);
    /// await synchronizer.ApplyAsync(plans, users.All);
    /// </code>
    /// </example>
    public Task<IReadOnlyList<SyncPlan>> PlanAsync(
        SyncJob job,
        JobUsers users,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(users);
        options ??= job.CreateOptions(users.Source.Time);
        return job.IsMerge
            ? PlanMergeAsync(users.All, options, progress, cancellationToken)
            : PlanAsync(users.Source, users.Targets, options, progress, cancellationToken);
    }

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
    /// <example>
    /// <code>
    /// foreach (ItemExplanation item in await synchronizer.ExplainAsync(server, kid, "Movie 4"))
    /// {
    ///     Console.WriteLine($"{item.Verdict}, found by {item.Match}");
    /// }
    /// </code>
    /// </example>
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
        options.RequireSense(targets: 1, source.MachineIdentifier == target.MachineIdentifier);
        return PhaseScope.RunAsync(
            "explain", source.Time, () =>
                new Planner(_logger, options, _store, _written, progress).ExplainAsync(source, target, title, cancellationToken));
    }

    /// <summary>Writes exactly what the plan says.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="source">The source that the plan was made for.</param>
    /// <param name="target">The target that the plan was made for.</param>
    /// <param name="options">The limit on removals.</param>
    /// <param name="progress">Told as changes are written.</param>
    /// <param name="cancellationToken">Stops before the next write; those under way are waited for, a few seconds at most.</param>
    /// <returns>What became of every change.</returns>
    /// <inheritdoc cref="ApplyAsync(IReadOnlyList{SyncPlan}, IReadOnlyList{PlexServer}, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncReport> ApplyAsync(
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
        plan.RequireSense();
        plan.Require(target);
        plan.RequireSource(source, target);
        return (await ApplySensibleAsync([plan], [target, source], options, progress, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Writes exactly what the plan says, as for an undo or a restore. The source need not be connected, since nothing is written to it;
    /// but a plan of a sync that was read from a file takes nothing away then, since the states that removals rest on cannot be read again
    /// (<see cref="SkipReason.SourceNotRead"/>).
    /// </summary>
    /// <inheritdoc cref="ApplyAsync(SyncPlan, PlexServer, PlexServer, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/>
    public async Task<SyncReport> ApplyAsync(
        SyncPlan plan,
        PlexServer target,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(target);
        plan.RequireSense();
        plan.Require(target);
        return (await ApplySensibleAsync([plan], [target], options, progress, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Writes exactly what the plans say, one target after the other, as one run of the store.</summary>
    /// <param name="plans">The plans, at most one for each target.</param>
    /// <param name="users">
    /// Everybody who is connected, in any order: the server, or several, as each user. The target of each plan is found among them. So is
    /// the source of a plan that another synchronizer made or that was read from a file; without it such a plan takes nothing away
    /// (<see cref="SkipReason.SourceNotRead"/>).
    /// </param>
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
    /// A plan was made for another server or user, takes away more than <see cref="SyncOptions.MaxRemovals"/>, or contradicts itself,
    /// as one that comes from elsewhere may; another run holds a target; or the store cannot be written: nothing was sent.
    /// </exception>
    /// <exception cref="ArgumentException">Two plans are for one target, or <see cref="SyncOptions.DryRun"/> is set.</exception>
    /// <exception cref="SyncCanceledException">The run was cancelled; it carries the reports so far.</exception>
    public async Task<IReadOnlyList<SyncReport>> ApplyAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> users,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(users);
        foreach (var plan in plans)
        {
            ArgumentNullException.ThrowIfNull(plan, nameof(plans));
            plan.RequireSense();
        }

        return await ApplySensibleAsync(plans, users, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<SyncReport>> ApplySensibleAsync(
        IReadOnlyList<SyncPlan> plans,
        IReadOnlyList<PlexServer> users,
        SyncOptions? options,
        IProgress<SyncProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (options is { DryRun: true })
        {
            throw new ArgumentException("A dry run ends with the plan.", nameof(options));
        }

        RequireOwnTokens([.. users, .. plans.SelectMany(plan => _contexts.Find(plan)?.Participants ?? [])]);
        var targets = plans.Select(plan => plan.FindTarget(users)).ToList();
        if (targets.Distinct().Count() != targets.Count)
        {
            throw new ArgumentException("Two plans are for one target.", nameof(plans));
        }

        return targets.Count == 0 ? [] : await PhaseScope.RunAsync("run", targets[0].Time, RunAsync).ConfigureAwait(false);

        async Task<IReadOnlyList<SyncReport>> RunAsync()
        {
            foreach (var plan in plans)
            {
                plan.RequireWithinLimit(options ?? new SyncOptions());
            }

            foreach (var target in targets)
            {
                await SettleAsync(target, progress, cancellationToken).ConfigureAwait(false);
            }

            // The proof of identity is that of this connection, whatever a file says.
            var current = plans
                .Select((plan, at) => plan.Identity == targets[at].Identity ? plan : plan with { Identity = targets[at].Identity })
                .ToList();
            return await new RunExecutor(_logger, _store, _contexts, users)
                .ExecuteAsync(current, targets, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Settles what killed runs left, so that a plan sees the states it will find, and remembers what was known when it was made.
    /// </summary>
    private async Task<IReadOnlyList<SyncPlan>> PlanAsync(
        IReadOnlyList<PlexServer> targets,
        SyncOptions options,
        IProgress<SyncProgress>? progress,
        Func<Planner, Task<IReadOnlyList<MadePlan>>> plan,
        CancellationToken cancellationToken)
    {
        foreach (var target in options.DryRun ? [] : targets)
        {
            await SettleAsync(target, progress, cancellationToken).ConfigureAwait(false);
        }

        return [.. (await plan(new Planner(_logger, options, _store, _written, progress)).ConfigureAwait(false)).Select(_contexts.Add)];
    }

    /// <summary>The plan of one user, whose source is none.</summary>
    private async Task<SyncPlan> PlanOneAsync(
        PlexServer target,
        SyncOptions options,
        IProgress<SyncProgress>? progress,
        Func<Planner, Task<MadePlan>> plan,
        CancellationToken cancellationToken) =>
        (await PlanAsync([target], options, progress, async planner => [await plan(planner).ConfigureAwait(false)], cancellationToken)
            .ConfigureAwait(false))[0];

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
}
