namespace PlexSync;

/// <summary>How many items live runs may write in a minute.</summary>
/// <param name="most">So many for each target.</param>
internal sealed class BurstLimit(int most)
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly List<(TimeSpan At, ServerUser Target, int Changes)> _written = [];

    /// <summary>Counts the plans, unless they are too much for one of their targets.</summary>
    public bool TryAdd(IReadOnlyList<SyncPlan> plans, TimeSpan now)
    {
        lock (_written)
        {
            _written.RemoveAll(written => now - written.At >= Period);
            var isTooMuch = plans.Any(plan => plan.Changes.Count > 0 && plan.Changes.Count
                + _written.Where(written => written.Target == plan.TargetUser).Sum(static written => written.Changes) > most);
            if (!isTooMuch)
            {
                _written.AddRange(plans.Where(static plan => plan.Changes.Count > 0)
                    .Select(plan => (now, plan.TargetUser, plan.Changes.Count)));
            }

            return !isTooMuch;
        }
    }
}
