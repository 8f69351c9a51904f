using System.Runtime.CompilerServices;

namespace PlexSync;

/// <summary>A plan that was just made, with what only this process knows of it.</summary>
internal sealed record MadePlan(SyncPlan Plan, PlanContext Context);

/// <summary>What was known when a plan was made and is needed when it is applied.</summary>
/// <param name="participants">The other users, for what has to be read again.</param>
/// <param name="history">What earlier runs had done to the target when it was read.</param>
/// <param name="agreements">What is stored once this plan, and those made together with it, are done.</param>
internal sealed class PlanContext(
    IReadOnlyList<PlexServer> participants, TargetHistory history, IReadOnlyList<RunAgreements> agreements)
{
    private int _isUsed;

    public IReadOnlyList<PlexServer> Participants => participants;

    public IReadOnlyList<RunAgreements> Agreements => agreements;

    /// <summary>What the next run with <see cref="SyncOptions.Quick"/> is to know; null where that cannot be told.</summary>
    public RunReading? Reading { get; set; }

    /// <summary>
    /// Whether the states that the plan was made from can be relied on: the first time, unless another run has written since. A plan
    /// executed twice would otherwise mark everything watched a second time.
    /// </summary>
    public async Task<bool> TryRelyOnStatesAsync(RunId? own, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isUsed, 1) == 0 && await history.IsKnownToBeCurrentAsync(own, cancellationToken).ConfigureAwait(false);
}

/// <summary>
/// What a synchronizer remembers of the plans it has made, for as long as a plan, or a copy of it made by <c>with</c>, is in use.
/// </summary>
internal sealed class PlanContexts
{
    private readonly ConditionalWeakTable<object, PlanContext> _contexts = [];

    /// <summary>Remembers the context, and returns the plan by which it is found again.</summary>
    public SyncPlan Add(MadePlan made)
    {
        var plan = made.Plan with { Origin = new object() };
        _contexts.Add(plan.Origin, made.Context);
        return plan;
    }

    /// <summary>Null for a plan that another synchronizer made, or that comes from a file.</summary>
    public PlanContext? Find(SyncPlan plan) => plan.Origin is { } origin && _contexts.TryGetValue(origin, out var context) ? context : null;
}
