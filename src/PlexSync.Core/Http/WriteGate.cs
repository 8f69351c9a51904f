namespace PlexSync;

/// <summary>
/// Lets the writes to one server pass in the order in which they ask, and finds out how many at once make it faster.
/// </summary>
/// <remarks>
/// <para>
/// At first, four are under way at once. A server that can do more answers one more as fast as before; one that does them in sequence, as
/// SQLite does, takes longer in proportion. So the answers are looked at in groups of 12 for each write that may be under way, and the
/// typical time of a group is its mean without the slowest twelfth, which is what a single halt of the server delays. After each group,
/// one more write may be under way, up to the bound, as long as the typical time is longer than with two thirds as many by less than half
/// of the proportion. If two groups in a row say otherwise, the limit goes back to those two thirds (or to four), and rests there for 512
/// answers before more is tried again; every new trial doubles that rest, up to 8,192. A group says nothing if, on average, less than three
/// quarters of the limit were at the server.
/// </para>
/// <para>
/// When the server fails (5xx, 429, no answer in time), the limit is halved at once, and the same rest begins; failures of writes that were
/// sent before count no more. From less than four, it grows back to four without a rest.
/// </para>
/// </remarks>
/// <param name="bound">The most writes at once.</param>
/// <param name="time">Tells how long a group took.</param>
internal sealed class WriteGate(int bound, TimeProvider time) : IRequestGate
{
    private const int First = 4;
    private const int GroupSize = 12;
    private const int FirstRest = 512;
    private const int LongestRest = 8192;

    /// <summary>The part of the limit that has to be under way on average for a group to count.</summary>
    private const double FullLoad = 0.75;

    private readonly int _first = Math.Min(First, bound);

    /// <summary>Locked for everything; holds who waits, the cancelled ones included.</summary>
    private readonly Queue<(TaskCompletionSource Turn, CancellationTokenRegistration Cancelling)> _waiting = new();

    /// <summary>The times of the answers of the present group.</summary>
    private readonly List<TimeSpan> _group = [];

    /// <summary>The typical time of the last group at each limit.</summary>
    private readonly TimeSpan[] _typical = new TimeSpan[bound + 1];

    private int _limit = Math.Min(First, bound);
    private int _underWay;
    private long _groupBegan = time.GetTimestamp();
    private long _lowered = time.GetTimestamp();
    private bool _isDoubtful;
    private bool _isResting;
    private int _restLeft;
    private int _rest = FirstRest;

    /// <summary>How many writes may be under way now.</summary>
    public int Limit
    {
        get
        {
            lock (_waiting)
            {
                return _limit;
            }
        }
    }

    public Task EnterAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        lock (_waiting)
        {
            if (_underWay < _limit)
            {
                _underWay++;
                return Task.CompletedTask;
            }

            // The next write must not run inside of the one that makes room for it.
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var cancelling = cancellationToken.UnsafeRegister(
                static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
            _waiting.Enqueue((turn, cancelling));
            return turn.Task;
        }
    }

    public void Note(TimeSpan elapsed, Exception? failure)
    {
        lock (_waiting)
        {
            if (failure is null)
            {
                _group.Add(elapsed);
                _restLeft--;
                if (_group.Count >= GroupSize * _limit)
                {
                    EndGroup();
                }
            }
            else if (failure is PlexException
            {
                Kind: PlexErrorKind.ServerError or PlexErrorKind.Unavailable or PlexErrorKind.RateLimited or PlexErrorKind.Timeout
            } && time.GetElapsedTime(_lowered) >= elapsed)
            {
                Lower(Math.Max(1, _limit / 2));
            }
        }
    }

    public void Leave()
    {
        lock (_waiting)
        {
            _underWay--;
            while (_underWay < _limit && _waiting.TryDequeue(out var next))
            {
                next.Cancelling.Unregister();
                // One that was cancelled leaves its turn to the next.
                _underWay += next.Turn.TrySetResult() ? 1 : 0;
            }
        }
    }

    private void BeginGroup()
    {
        _group.Clear();
        _groupBegan = time.GetTimestamp();
    }

    private void EndGroup()
    {
        var full = time.GetElapsedTime(_groupBegan) * (_limit * FullLoad);
        var worked = Sum(_group);
        _group.Sort();
        var kept = _group.Count - _limit;
        var typical = Sum(_group.Take(kept)) / kept;
        BeginGroup();
        if (worked < full)
        {
            return;
        }

        _typical[_limit] = typical;
        var fewer = Math.Max(_first, _limit * 2 / 3);
        // Half of the proportion: (1 + limit / fewer) / 2.
        if (_limit > fewer && typical * (2 * fewer) > _typical[fewer] * (fewer + _limit))
        {
            if (_isDoubtful)
            {
                Lower(fewer);
            }
            else
            {
                _isDoubtful = true;
            }

            return;
        }

        _isDoubtful = false;
        if (_limit < bound && (_limit < _first || _restLeft <= 0))
        {
            Raise();
        }
    }

    private static TimeSpan Sum(IEnumerable<TimeSpan> times) => times.Aggregate(TimeSpan.Zero, static (sum, elapsed) => sum + elapsed);

    private void Raise()
    {
        if (_limit++ >= _first && _isResting)
        {
            _isResting = false;
            _rest = Math.Min(2 * _rest, LongestRest);
        }
    }

    private void Lower(int limit)
    {
        _limit = limit;
        _isDoubtful = false;
        _isResting = true;
        _restLeft = _rest;
        _lowered = time.GetTimestamp();
        BeginGroup();
    }
}
