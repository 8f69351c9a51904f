namespace PlexSync;

/// <summary>Counts the changes of a run as they are done, and reports how far it has come.</summary>
internal sealed class RunProgress(SyncPlan plan, PlexServer target, IProgress<SyncProgress>? progress)
{
    private readonly HashSet<ChangeExecution> _open = [];
    private int _total;

    /// <summary>
    /// Counts the changes that are to be made; those that a killed run had made, or that are left to the next plan, are not among them.
    /// </summary>
    public void Begin(IEnumerable<ChangeExecution> entries)
    {
        _open.UnionWith(entries.Where(static entry => entry.IsPending));
        _total = _open.Count;
        if (_total > 0)
        {
            Report(SyncPhase.Writing, 0, _total);
        }
    }

    /// <summary>Counts a change once it needs nothing more; one that is taken up again was counted already.</summary>
    public void Count(ChangeExecution entry)
    {
        if (entry.IsPending)
        {
            return;
        }

        int done;
        lock (_open)
        {
            if (!_open.Remove(entry))
            {
                return;
            }

            done = _total - _open.Count;
        }

        Report(SyncPhase.Writing, done, _total);
    }

    public void Report(SyncPhase phase, int done, int total) =>
        progress?.Report(new SyncProgress(phase, plan.Target, null, done, total) { Server = target.MachineIdentifier });
}
