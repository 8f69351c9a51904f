namespace PlexSync;

/// <summary>What the last run of a job knew, and whether anything has come to light since that it did not.</summary>
/// <param name="live">The clock.</param>
internal sealed class JobNews(LiveWork live)
{
    /// <summary>What could not be done is tried again so often.</summary>
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Where a list of views is odd, only reading everything tells what was played: as often as this at most, while it stays odd.
    /// </summary>
    private static readonly TimeSpan BetweenOdd = TimeSpan.FromMinutes(30);

    /// <summary>After a run that wrote more than that, a look lists all of it, until another run has followed.</summary>
    private const int MostListed = 5 * RunReading.MostSettled;

    private readonly Dictionary<(ServerUser User, LibraryKey Library), string> _evidence = [];
    private IReadOnlyList<Library> _libraries = [];
    private LastReading? _known;
    private IReadOnlyList<OpenItem> _open = [];
    private TimeSpan _begunAt;
    private TimeSpan? _oddAt;
    private bool _isOddWaiting;
    private int _tries;

    /// <summary>Whether another run would make each look shorter.</summary>
    public bool IsLong => _known?.Users.Any(static user => user.Libraries.Any(static library => library.Newest.Count > MostListed)) is true;

    /// <summary>A run has begun.</summary>
    public void Begin() => _begunAt = live.Now;

    /// <summary>A run has ended.</summary>
    /// <param name="known">What it knew; null if that could not be told.</param>
    /// <param name="open">What it has left for another one.</param>
    /// <param name="libraries">The libraries it has read on the server of the source.</param>
    public void End(LastReading? known, IEnumerable<OpenItem> open, IReadOnlyList<Library> libraries)
    {
        lock (_evidence)
        {
            IReadOnlyList<OpenItem> left = [.. open];
            _tries = left.Except(_open).Any() ? 0 : _tries;
            (_known, _open, _libraries) = (known, left, libraries);
        }
    }

    /// <summary>The libraries in which views of the user matter; none before the first run has ended.</summary>
    public IEnumerable<Library> LibrariesOf(PlexServer user) =>
        _libraries.Where(library => _known is null || KnownOf(user, library.Key) is not null);

    /// <summary>What the last run knew of a library of a user.</summary>
    public ReadLibrary? KnownOf(PlexServer user, LibraryKey library) =>
        _known?.Users.FirstOrDefault(known => known.User == user.ServerUser)?.Libraries.FirstOrDefault(known => known.Library == library);

    /// <summary>Whether a list of what was viewed last shows anything that the last run did not know.</summary>
    /// <param name="newest">The list.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="library">Of which library.</param>
    /// <param name="isPlaying">What is being played: it is no news before it has ended.</param>
    /// <param name="wasPlayed">Whether something has been played by the user.</param>
    public bool Consider(NewestItems newest, PlexServer user, LibraryKey library, Predicate<RatingKey> isPlaying, bool wasPlayed)
    {
        var known = KnownOf(user, library);
        var changed = (known is null ? newest.Items : KnownViews.FindChanged(newest, known))
            .Where(item => !isPlaying(item.Item)).ToList();
        // What is missing was unwatched: that waits for a run that reads everything.
        var evidence = newest.Oddity is null && changed.Count + newest.Damaged.Count == 0 ? ""
            : $"{newest.Oddity} {string.Join(' ', changed)} {string.Join(' ', newest.Damaged)}";
        lock (_evidence)
        {
            // What has already led to a run, and is still there after it, leads to no other one.
            var isNew = evidence != _evidence.GetValueOrDefault((user.ServerUser, library), "");
            _evidence[(user.ServerUser, library)] = evidence;
            if (newest.Oddity is null || evidence.Length == 0)
            {
                return isNew && evidence.Length > 0;
            }

            return MayRead(isNew || wasPlayed);
        }
    }

    /// <summary>Whether to read everything, since the server does not list what was viewed last.</summary>
    public bool ConsiderUnlisted(bool wasPlayed)
    {
        lock (_evidence)
        {
            return MayRead(wasPlayed);
        }
    }

    /// <summary>Whether an item that was left for later can be tried again.</summary>
    /// <param name="hints">What may have changed.</param>
    /// <param name="isPoll">Whether it is time to look at everything.</param>
    /// <param name="isPlayed">What somebody plays or has paused: its end will be told.</param>
    public bool ConsiderOpen(IReadOnlyList<Hint> hints, bool isPoll, Predicate<RatingKey> isPlayed)
    {
        lock (_evidence)
        {
            // The first time soon: a server may list a playback for a moment longer than it lasts.
            bool MayTry(RatingKey item) => _tries == 0 || (live.Now - _begunAt >= BetweenTries && !isPlayed(item));
            var isWanted = hints.Any(hint => _open.Any(item => item.Item == hint.Item)) || (isPoll && _open.Any(item => MayTry(item.Item)));
            _tries += isWanted ? 1 : 0;
            return isWanted;
        }
    }

    /// <summary>Whether to read everything, now or for the reason of an earlier time, which was too soon after the last one.</summary>
    private bool MayRead(bool isWanted)
    {
        _isOddWaiting |= isWanted;
        var mayRead = _isOddWaiting && !(live.Now - _oddAt < BetweenOdd);
        (_oddAt, _isOddWaiting) = mayRead ? (live.Now, false) : (_oddAt, _isOddWaiting);
        return mayRead;
    }
}
