using System.Text.Json;

namespace PlexSync;

/// <summary>Reads Tautulli's history from a file: what its <c>get_history</c> answered, at once or in several pages.</summary>
/// <example><code>
/// await using var file = File.OpenRead("history.json");
/// ImportedStates states = await TautulliHistory.ReadAsync(file, $"id:{kid.User.Id}");
/// SyncPlan plan = await synchronizer.PlanImportAsync(states, kid);
/// </code></example>
public static class TautulliHistory
{
    /// <summary>Reads the rows of one user, and makes one state of each item.</summary>
    /// <param name="history">
    /// One answer, several one after the other, or an array of them; read as it comes, and not closed. Rows that come again are dropped.
    /// </param>
    /// <param name="user">
    /// Whose rows: <c>id:</c> and the id of plex.tv, which Tautulli has as <c>user_id</c>; or a name or an id as Tautulli shows it. What
    /// was played without an account is the user <c>Local</c>, <c>id:0</c>.
    /// </param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What the user has seen. Rows of live television and of music, and damaged ones, are left out and counted.</returns>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.InvalidFile"/> when it is something else, or cut; <see cref="PlexErrorKind.HistoryUserNotFound"/> or
    /// <see cref="PlexErrorKind.HistoryUserAmbiguous"/>, with those who are there.
    /// </exception>
    public static async Task<ImportedStates> ReadAsync(Stream history, string user, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        var name = (history as FileStream)?.Name ?? "the history";
        var fold = new TautulliFold(user.Trim());
        var answer = new TautulliAnswer(fold);
        try
        {
            await answer.ReadAsync(history, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw PlanFile.Unusable(name, e);
        }

        return answer.IsTautullis && answer.Failure is null ? fold.ToStates() : throw PlanFile.Unusable(name);
    }
}
