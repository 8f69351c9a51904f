namespace PlexSync;

/// <summary>What has failed in a row in one job: says so, and how long to wait before it is tried again.</summary>
/// <param name="job">The job.</param>
/// <param name="live">Told of it.</param>
internal sealed class LiveFailures(LiveJob job, LiveWork live)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>What somebody has to mend is not tried again that often.</summary>
    private static readonly TimeSpan MendingWait = TimeSpan.FromMinutes(5);

    /// <summary>A command by hand is over in so many waits, mostly.</summary>
    private const int MostHeld = 3;

    /// <summary>Connecting anew costs requests to plex.tv, so it is not done each time.</summary>
    private const int BetweenConnecting = 3;

    private int _count;
    private int _refused;
    private int _held;
    private bool _isWhole;
    private TimeSpan _nextLookAt;

    /// <summary>Whether the last failure was one of looking, which is not tried again by a run.</summary>
    public bool IsLook { get; private set; }

    public PlexException ToPlex(Exception e) => e as PlexException
        ?? new PlexException(PlexErrorKind.Unknown, $"The job '{job.Name}' failed: {e.Message}", e);

    /// <summary>Whether another connection may help: tokens are replaced, and servers move to other addresses.</summary>
    public bool MustConnect(PlexException error) => IsRefusal(error)
        ? _refused % BetweenConnecting == 0
        : error.Kind is PlexErrorKind.Unreachable or PlexErrorKind.Timeout or PlexErrorKind.NotPlex
            && _count % BetweenConnecting == BetweenConnecting - 1;

    /// <summary>A run has failed, or connecting has.</summary>
    /// <param name="error">How.</param>
    /// <param name="isWhole">Whether everything was to be read.</param>
    /// <returns>How long to wait.</returns>
    public TimeSpan Add(PlexException error, bool isWhole)
    {
        if (error.Kind is PlexErrorKind.RunInProgress && _held++ < MostHeld)
        {
            return ShortestWait;
        }

        _isWhole |= isWhole;
        IsLook = false;
        Count(error);
        var wait = WaitAfter(error, IsRefusal(error) ? _refused : _count, live.Options.Every);
        live.Tell(new LiveJobFailed(job, error, wait));
        return wait;
    }

    /// <summary>A look has failed. It is told less and less often, however often it is looked for the sake of other jobs.</summary>
    public void AddLook(PlexException error, TimeSpan retryIn)
    {
        if (live.Now >= _nextLookAt || _count == 0)
        {
            IsLook |= _count == 0;
            Count(error);
            _nextLookAt = live.Now + WaitAfter(error, _count, live.Options.Every);
            live.Tell(new LiveJobFailed(job, error, retryIn));
        }
    }

    /// <summary>A run has succeeded. Where one that reads everything has failed, only another one ends that.</summary>
    public void End(bool isWhole)
    {
        _held = 0;
        if (isWhole || !_isWhole)
        {
            Recover();
        }
    }

    /// <summary>A look has succeeded.</summary>
    public void EndLook()
    {
        if (IsLook)
        {
            Recover();
        }
    }

    /// <summary>How long to wait before something is tried again.</summary>
    /// <param name="error">What failed.</param>
    /// <param name="failures">How often in a row.</param>
    /// <param name="every">The longest wait.</param>
    public static TimeSpan WaitAfter(PlexException error, int failures, TimeSpan every)
    {
        var (shortest, longest) = error switch
        {
            // A PIN that is wrong is wrong again, and plex.tv counts.
            { Kind: PlexErrorKind.PinRejected } => (every, every),
            // The token may just have been replaced.
            { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired } when failures == 1 => (TimeSpan.FromSeconds(1), every),
            { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired } => (MendingWait / 2, every),
            { Kind: PlexErrorKind.JournalFailed } => (ShortestWait, LongestWait),
            { Kind: PlexErrorKind.TooManyRemovals } or { Category: PlexErrorCategory.Usage or PlexErrorCategory.Account } =>
                (MendingWait, every),
            _ => (ShortestWait, LongestWait),
        };
        var doubled = shortest.Ticks * Math.Pow(2, Math.Min(failures - 1, 20));
        var asked = Math.Min((error.RetryAfter ?? TimeSpan.Zero).Ticks, every.Ticks);
        return TimeSpan.FromTicks((long)Math.Max(Math.Min(doubled, longest.Ticks), asked));
    }

    private static bool IsRefusal(PlexException error) => error.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.TokenExpired
        or PlexErrorKind.IdentityNotProved or PlexErrorKind.WrongServer;

    private void Count(PlexException error)
    {
        _count++;
        _refused = IsRefusal(error) ? _refused + 1 : 0;
    }

    private void Recover()
    {
        if (_count > 0)
        {
            live.Tell(new LiveJobRecovered(job, _count));
        }

        (_count, _refused, _isWhole, IsLook) = (0, 0, false, false);
    }
}
