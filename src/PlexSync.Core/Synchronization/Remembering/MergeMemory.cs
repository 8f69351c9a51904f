namespace PlexSync;

/// <summary>What a merge adds to what is remembered of each two of its users.</summary>
internal sealed class MergeMemory : IRunMemory
{
    private readonly IBaselineStore _store;
    private readonly RunNames? _runs;
    private readonly List<Member> _users;
    private readonly List<Observation> _observations = [];

    /// <summary>Takes note of what everybody will have watched once everything that is planned is done.</summary>
    public MergeMemory(IBaselineStore store, RunNames? runs, List<Participant> sides)
    {
        _store = store;
        _runs = runs;
        _users = sides.ConvertAll(static side => new Member(side.Number, BaselineSide.Of(side.Server!)));
        foreach (var item in sides[0].Catalogue.Items.Where(item => !sides[0].Catalogue.IsDamaged(item)))
        {
            var (listed, watched, news) = (0UL, 0UL, 0UL);
            foreach (var side in sides.Where(side => item.IsListedBy(side.Number)))
            {
                var bit = 1UL << side.Number;
                listed |= bit;
                watched |= side.StateOf(item).IsWatched ? bit : 0;
                news |= side.IsLeftWatched(item) ? 0 : bit;
            }

            _observations.Add(new Observation(item.Key, watched == 0 ? 0 : Baseline.WorkOf(item), listed, watched, news));
        }
    }

    public bool IsFirst => false;

    public Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task RememberAsync(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        // A run that begins from here on has to wait before it forgets anything.
        using var changes = await _store.ChangeAsync(cancellationToken).ConfigureAwait(false);
        var hasChanged = _runs?.HaveChanged(reports) is true;
        var applied = _users.ConvertAll(user => PairMemory.AppliedBy(user.User, reports));
        for (var one = 0; one < _users.Count; one++)
        {
            for (var other = one + 1; other < _users.Count; other++)
            {
                var (mine, theirs) = (_users[one], _users[other]);
                var baseline = changes.Read(mine.User, theirs.User) ?? new Baseline(mine.User, theirs.User);
                foreach (var seen in _observations.Where(seen => Has(seen.Listed, mine.Number) && Has(seen.Listed, theirs.Number)))
                {
                    if (!hasChanged && IsWatched(seen, mine.Number, applied[one]) && IsWatched(seen, theirs.Number, applied[other]))
                    {
                        baseline.Add(mine.User, seen.Item, seen.Item, seen.Work);
                    }
                    else
                    {
                        baseline.Remove(mine.User, seen.Item, seen.Item);
                    }
                }

                changes.Write(baseline);
            }
        }
    }

    private static bool IsWatched(Observation seen, int user, HashSet<string> applied) =>
        Has(seen.Watched, user) && (!Has(seen.News, user) || applied.Contains(seen.Item.ToString()));

    private static bool Has(ulong bits, int number) => (bits & (1UL << number)) != 0;

    private sealed record Member(int Number, BaselineSide User);

    /// <summary>One item: who sees it, who will have watched it, and who had not before.</summary>
    private sealed record Observation(RatingKey Item, ulong Work, ulong Listed, ulong Watched, ulong News);
}
