namespace PlexSync.FleetScale;

/// <summary>Counts times in milliseconds, to 1 ms up to 10 s and to 100 ms up to half an hour.</summary>
internal sealed class Histogram
{
    private const int Fine = 10_000;
    private const int Step = 100;

    private readonly SortedDictionary<int, long> _counts = [];
    private readonly Lock _counting = new();

    public void Add(TimeSpan time)
    {
        var milliseconds = (int)Math.Clamp(time.TotalMilliseconds, 0, 1_800_000);
        Add(milliseconds < Fine ? milliseconds : milliseconds / Step * Step, 1);
    }

    public void Clear()
    {
        lock (_counting)
        {
            _counts.Clear();
        }
    }

    /// <summary>The counts by milliseconds.</summary>
    public Dictionary<int, long> ToCounts()
    {
        lock (_counting)
        {
            return new(_counts);
        }
    }

    public void Add(IReadOnlyDictionary<int, long> counts)
    {
        foreach (var (milliseconds, count) in counts)
        {
            Add(milliseconds, count);
        }
    }

    public long Count => _counts.Values.Sum();

    /// <summary>The time, in milliseconds, that so many of all times do not exceed.</summary>
    public int At(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        foreach (var (milliseconds, count) in _counts)
        {
            wanted -= count;
            if (wanted <= 0)
            {
                return milliseconds;
            }
        }

        return 0;
    }

    private void Add(int milliseconds, long count)
    {
        lock (_counting)
        {
            _counts[milliseconds] = _counts.GetValueOrDefault(milliseconds) + count;
        }
    }
}
