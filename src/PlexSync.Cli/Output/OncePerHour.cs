namespace PlexSync.Cli.Output;

/// <summary>Keeps what may be said from being said again within the hour.</summary>
/// <param name="time">The clock.</param>
internal sealed class OncePerHour(TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Dictionary<string, long> _saidAt = [];

    /// <summary>Whether it was not said in the last hour; it then counts as said.</summary>
    public bool Allows(string cause)
    {
        lock (_saidAt)
        {
            var now = time.GetTimestamp();
            foreach (var old in _saidAt.Where(said => time.GetElapsedTime(said.Value, now) >= Hour).ToList())
            {
                _saidAt.Remove(old.Key);
            }

            return _saidAt.TryAdd(cause, now);
        }
    }
}
