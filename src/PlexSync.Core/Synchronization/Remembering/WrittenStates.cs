using System.Collections.Concurrent;

namespace PlexSync;

/// <summary>
/// What runs wrote to users, by which a state that a run copied is recognised. It is kept for as long as the process runs, so that one that
/// stays up for months reads the record of each run once.
/// </summary>
internal sealed class WrittenStates
{
    private readonly ConcurrentDictionary<ServerUser, Written> _users = [];

    /// <summary>What the runs on a user wrote to each item, and rated, last.</summary>
    public async Task<Written> ReadAsync(ISyncStore store, PlexServer user, CancellationToken cancellationToken)
    {
        // Oldest first, one at a time: together, all runs there ever were may be more than a catalogue.
        var runs = (await store.ListRunsAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false))
            .Reverse().ToList();
        var written = _users.GetValueOrDefault(user.ServerUser) is { } known && known.IsBeginningOf(runs) ? known : new Written();
        if (written.Runs.Count == runs.Count)
        {
            return written;
        }

        // Others may be reading what is known.
        written = written.Copy();
        // What comes after an unfinished run is read again: that run can still change what it wrote.
        var isFinal = true;
        foreach (var run in runs.Skip(written.Runs.Count))
        {
            if (!run.IsFinished && isFinal)
            {
                isFinal = false;
                _users[user.ServerUser] = written.Copy();
            }

            if (await TargetHistory.TryReadRunAsync(store, run, cancellationToken).ConfigureAwait(false) is { } report)
            {
                written.Add(run, report);
            }
        }

        if (isFinal)
        {
            _users[user.ServerUser] = written;
        }

        return written;
    }

    /// <summary>What was written to one user.</summary>
    internal sealed class Written
    {
        private readonly List<RunId> _runs = [];
        private readonly Dictionary<RatingKey, WrittenState> _states = [];
        private readonly Dictionary<RatingKey, ChangeResult> _ratings = [];

        /// <summary>The runs it comes from, the oldest first.</summary>
        public IReadOnlyList<RunId> Runs => _runs;

        public bool IsEmpty => _states.Count + _ratings.Count == 0;

        public WrittenState? FindState(RatingKey item) => _states.TryGetValue(item, out var state) ? state : null;

        public ChangeResult? FindRating(RatingKey item) => _ratings.GetValueOrDefault(item);

        /// <summary>Whether there may be later runs, but no other ones.</summary>
        public bool IsBeginningOf(List<SyncRun> runs) =>
            _runs.Count <= runs.Count && _runs.SequenceEqual(runs.Take(_runs.Count).Select(static run => run.Id));

        public Written Copy()
        {
            var copy = new Written();
            copy._runs.AddRange(_runs);
            foreach (var (item, state) in _states)
            {
                copy._states.Add(item, state);
            }

            foreach (var (item, rating) in _ratings)
            {
                copy._ratings.Add(item, rating);
            }

            return copy;
        }

        public void Add(SyncRun run, SyncReport report)
        {
            _runs.Add(run.Id);
            foreach (var result in report.Results.Where(static result => result.StateAfterRun is not null).Select(WithoutWords))
            {
                var item = result.Change.Item.RatingKey;
                if (result.Change.IsRating)
                {
                    _ratings[item] = result;
                }
                else
                {
                    _states[item] = new WrittenState(result, report.Span);
                }
            }
        }

        /// <summary>What people call an item is most of its size, and of no use here.</summary>
        private static ChangeResult WithoutWords(ChangeResult result) => result with
        {
            Change = result.Change with
            {
                Item = new MediaItem
                {
                    RatingKey = result.Change.Item.RatingKey,
                    Type = result.Change.Item.Type,
                    Title = "",
                    Duration = result.Change.Item.Duration,
                    State = result.Change.Item.State,
                },
            },
        };
    }
}

/// <summary>What a run wrote to an item.</summary>
/// <param name="Result">The change, and what became of it.</param>
/// <param name="Span">When the run took place, by the local clock.</param>
internal readonly record struct WrittenState(ChangeResult Result, RunSpan? Span)
{
    /// <summary>Whether the state is as the run left it, and not one that the user has made since.</summary>
    /// <param name="state">The state.</param>
    /// <param name="lead">By how much the server's clock is ahead.</param>
    public bool IsAsLeft(WatchState state, TimeSpan? lead) => Result.IsAsLeft(state, Result.TimesIn(Span, lead))
        && (Result.Outcome is not ChangeOutcome.Unknown || Result.Change.IsReachedBy(state));
}
