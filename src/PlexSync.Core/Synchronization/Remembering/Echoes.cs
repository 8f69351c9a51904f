namespace PlexSync;

/// <summary>
/// What earlier runs wrote to one user. Every write stamps "now", so that what came from another user would look newer than it is: as long
/// as it stands as it was written, by its date too, it counts with the date it came from.
/// </summary>
internal sealed class Echoes
{
    private readonly Dictionary<string, (ChangeResult Result, WriteTimes Times)> _states = [];
    private readonly Dictionary<string, ChangeResult> _ratings = [];

    public static async Task<Echoes> ReadAsync(IJournal journal, PlexServer user, CancellationToken cancellationToken)
    {
        var echoes = new Echoes();
        var runs = await journal.ListAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false);
        foreach (var run in runs.Reverse())
        {
            var report = await journal.ReadAsync(run, cancellationToken).ConfigureAwait(false);
            foreach (var result in report.Results.Where(static result => result.StateAfterRun is not null))
            {
                var key = result.Change.Item.RatingKey.ToString();
                if (result.Change.IsRating)
                {
                    echoes._ratings[key] = result;
                }
                else
                {
                    echoes._states[key] = (result, report.TimesOf(result, user.Clock.Lead));
                }
            }
        }

        return echoes;
    }

    /// <summary>The state with the dates that it came with.</summary>
    public WatchState Date(RatingKey key, WatchState state)
    {
        if (_states.TryGetValue(key.ToString(), out var written) && written.Result.IsAsLeft(state, written.Times)
            && (written.Result.Outcome is not ChangeOutcome.Unknown || written.Result.Change.IsReachedBy(state)))
        {
            state = state with { LastViewedAt = written.Result.Change.SourceViewedAt };
        }

        if (_ratings.TryGetValue(key.ToString(), out var rated) && state.UserRating == rated.StateAfterRun!.Value.UserRating)
        {
            state = state with { LastRatedAt = rated.Change.SourceViewedAt };
        }

        return state;
    }
}
