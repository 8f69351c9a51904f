namespace PlexSync;

/// <summary>
/// What earlier runs wrote to one user. Every write stamps "now", so that what came from another user would look newer than it is: as long as
/// it stands as it was written, it counts with the date it came from.
/// </summary>
internal sealed class Echoes
{
    private readonly Dictionary<string, ChangeResult> _states = [];
    private readonly Dictionary<string, ChangeResult> _ratings = [];

    public static async Task<Echoes> ReadAsync(IJournal journal, PlexServer user, CancellationToken cancellationToken)
    {
        var echoes = new Echoes();
        var runs = await journal.ListAsync(user.MachineIdentifier, user.User.Id, cancellationToken).ConfigureAwait(false);
        foreach (var run in runs.Reverse())
        {
            foreach (var result in (await journal.ReadAsync(run, cancellationToken).ConfigureAwait(false)).Results)
            {
                if (result.Left is not null)
                {
                    (result.Change.IsRating ? echoes._ratings : echoes._states)[result.Change.Item.RatingKey.ToString()] = result;
                }
            }
        }

        return echoes;
    }

    /// <summary>The state with the dates that it came with.</summary>
    public WatchState Date(RatingKey key, WatchState state)
    {
        if (_states.TryGetValue(key.ToString(), out var written) && state.IsStill(written.Left!.Value))
        {
            state = state with { LastViewedAt = written.Change.SourceViewedAt };
        }

        if (_ratings.TryGetValue(key.ToString(), out var rated) && state.UserRating == rated.Left!.Value.UserRating)
        {
            state = state with { LastRatedAt = rated.Change.SourceViewedAt };
        }

        return state;
    }
}
