using PlexSync;

namespace MovieNights;

/// <summary>The code under test: what one of a household watched with the others is watched for them, too.</summary>
internal sealed class MovieNight(PlexClient plex, WatchStateSynchronizer synchronizer)
{
    /// <returns>The titles that are watched now and were not before.</returns>
    public async Task<IReadOnlyList<string>> ShareAsync(Uri server, string token, string guest, CancellationToken cancellationToken)
    {
        var account = await plex.SignInAsync(token, cancellationToken: cancellationToken);
        var owner = await plex.ConnectAsync(server, account, cancellationToken);
        var target = await new HomeUserSwitcher(plex, account).SwitchAsync(owner, guest, cancellationToken: cancellationToken);

        var options = new SyncOptions { Policy = new WatchedOnlyPolicy() };
        var plan = await synchronizer.PlanAsync(owner, target, options, cancellationToken: cancellationToken);
        var report = await synchronizer.ApplyAsync(plan, owner, target, options, cancellationToken: cancellationToken);
        return [.. report.Results.Where(result => result.Outcome is ChangeOutcome.Applied).Select(result => result.Change.Item.Title)];
    }
}
