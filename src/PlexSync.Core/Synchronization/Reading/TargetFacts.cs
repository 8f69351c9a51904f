using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>What speaks against writing to a target now: what it is playing, and what its server did not keep the last time.</summary>
internal sealed partial class TargetFacts(PlexServer target, PlayingNow? playing, TargetHistory history)
{
    /// <summary>Whether the server told what is being played.</summary>
    public bool IsPlayingKnown => playing is not null;

    /// <summary>
    /// Who is playing what on the target's server; null if that could not be found out, in which case nothing is left out because of it.
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

    /// <summary>Whether the target is playing the item now, as far as is known.</summary>
    public bool IsPlaying(MediaItem item) => playing?.IsPlaying(target.User.Id, target.IsOwner, item.RatingKey) is true;

    /// <summary>The same, but where it is paused the position stays as it is.</summary>
    public bool IsMoving(MediaItem item) => playing?.IsMoving(target.User.Id, target.IsOwner, item.RatingKey) is true;

    /// <summary>Why a change is left for another time; null if nothing speaks against it.</summary>
    public SkipReason? FindObjection(PlannedChange change) =>
        IsPlaying(change.Item) ? SkipReason.PlayedNow
        : history.WasNotKept(change) ? SkipReason.DidNotStick
        : null;

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Warning, "It is not known what '{User}' is playing now: {Reason}")]
        public static partial void PlayingUnknown(ILogger logger, string user, string reason);
    }
}
