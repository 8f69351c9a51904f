namespace PlexSync;

/// <summary>
/// What a server's clock says, as far as the <c>Date</c> of its answers tells: what it stamps can only be compared with that.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>An answer that took longer is none; a clock that seems to be back by more was set back.</summary>
    private static readonly TimeSpan LongestWay = TimeSpan.FromMinutes(1);

    /// <summary>No clock shows a year outside of these, and what is reckoned from a date must be one too.</summary>
    private const int FirstYear = 1970;
    private const int EndYear = 9000;

    private Reading? _last;

    /// <summary>The <c>Date</c> of the last answer, and the time that has passed since; null while no answer had one.</summary>
    public DateTimeOffset? Now => Volatile.Read(ref _last) is { } last ? last.Date + time.GetElapsedTime(last.At) : null;

    /// <summary>By how much the server is ahead of the local clock; null while it is not known.</summary>
    public TimeSpan? Lead => Now - time.GetUtcNow();

    /// <summary>The <c>Date</c> of an answer; null where there is none that a clock can have shown.</summary>
    public static DateTimeOffset? DateOf(HttpResponseMessage response) =>
        response.Headers.Date is { Year: >= FirstYear and < EndYear } date ? date : null;

    public void Note(DateTimeOffset? date)
    {
        // Seconds are whole, and answers may overtake each other: what says the latest time is nearest to it.
        if (date is { } told && !(Now is { } now && now > told && now - told < LongestWay))
        {
            Volatile.Write(ref _last, new Reading(told, time.GetTimestamp()));
        }
    }

    private sealed record Reading(DateTimeOffset Date, long At);
}
