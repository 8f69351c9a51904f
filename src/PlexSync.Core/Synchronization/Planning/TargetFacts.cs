using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>What is known of a target besides its state: what it is playing, and what its server did not keep the last time.</summary>
internal sealed partial class TargetFacts
{
    private readonly PlexServer _target;
    private readonly PlayingNow? _playing;
    private readonly Dictionary<string, PlannedChange> _refused;

    private TargetFacts(PlexServer target, PlayingNow? playing, IEnumerable<PlannedChange> refused, Freshness freshness)
    {
        _target = target;
        Freshness = freshness;
        _playing = playing;
        _refused = refused.ToDictionary(static change => change.Key);
    }

    /// <summary>The server told what is being played.</summary>
    public bool IsPlayingKnown => _playing is not null;

    /// <summary>For the plan that is made from states read after these facts.</summary>
    public Freshness Freshness { get; }

    public static async Task<TargetFacts> ReadAsync(
        PlexServer target, PlayingNow? playing, IJournal? journal, bool retryUnkept, CancellationToken cancellationToken)
    {
        var refused = journal is null || retryUnkept
            ? []
            : await journal.GetRefusedAsync(target.MachineIdentifier, target.User.Id, cancellationToken).ConfigureAwait(false);
        return new TargetFacts(
            target,
            playing,
            refused.DistinctBy(static change => change.Key),
            await Freshness.StartAsync(journal, target, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Who is playing what on the target's server; null where nobody could be asked, which keeps nothing from being written.
    /// </summary>
    public static async Task<PlayingNow?> ReadPlayingAsync(ILogger logger, PlexServer target, CancellationToken cancellationToken)
    {
        try
        {
            var playing = await target.GetPlayingAsync(cancellationToken).ConfigureAwait(false);
            if (playing is null)
            {
                Log.PlayingUnknown(logger, target.User.Title, "only the owner may see it");
            }

            return playing;
        }
        catch (PlexException e)
        {
            Log.PlayingUnknown(logger, target.User.Title, e.Message);
            return null;
        }
    }

    /// <summary>The target is playing the item now, as far as is known.</summary>
    public bool IsPlaying(MediaItem item) => _playing?.IsPlaying(_target, item.RatingKey) is true;

    /// <summary>Why a change is left for another time; null if nothing speaks against it.</summary>
    public SkipReason? FindObjection(PlannedChange change) =>
        IsPlaying(change.Item) ? SkipReason.PlayedNow
        : _refused.TryGetValue(change.Key, out var refused) && change.IsReachedBy(refused.After)
            && refused.SourceViewedAt == change.SourceViewedAt
            ? SkipReason.DidNotStick
            : null;

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Warning, "It is not known what '{User}' is playing now: {Reason}")]
        public static partial void PlayingUnknown(ILogger logger, string user, string reason);
    }
}
