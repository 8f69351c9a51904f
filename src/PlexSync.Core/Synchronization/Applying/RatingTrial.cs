namespace PlexSync;

/// <summary>
/// Writes the ratings, the first of them as a trial: if the server does not show it to this user afterwards, it has only the owner's
/// ratings (plex-facts §6.5), and no others are written over those.
/// </summary>
internal sealed class RatingTrial(PlexServer target, ChangeWriter writer, Verifier verifier, WritePace pace, RunProgress progress)
{
    public async Task WriteAsync(ChangeExecution[] entries, CancellationToken cancellationToken)
    {
        var ratings = Array.FindAll(entries, static entry => entry is { IsRating: true, IsPending: true });
        foreach (var trial in ratings)
        {
            await writer.WriteRatingsAsync([trial], cancellationToken).ConfigureAwait(false);
            if (trial.Outcome is ChangeOutcome.Applied && !pace.IsStopped
                && await verifier.IsShownAsync(trial, cancellationToken).ConfigureAwait(false) is { } isShown)
            {
                if (!isShown && !target.IsOwner)
                {
                    LeaveOut(ratings);
                }

                break;
            }
        }

        await writer.WriteRatingsAsync(ratings, cancellationToken).ConfigureAwait(false);
    }

    private void LeaveOut(ChangeExecution[] ratings)
    {
        foreach (var entry in ratings.Where(static entry => entry.IsPending))
        {
            entry.Skip(SkipReason.OwnersRating);
            progress.Count(entry);
        }
    }
}
