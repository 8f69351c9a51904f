namespace PlexSync;

/// <summary>
/// The time by a server's clock, as the <c>Date</c> of its answers tells it: the dates that the server stamps can only be compared with
/// that.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>
    /// No answer is under way for longer than this: a <c>Date</c> that is further back comes from a clock that was set back.
    /// </summary>
    private static readonly TimeSpan LongestWay = TimeSpan.FromMinutes(1);

    /// <summary>A <c>Date</c> with a year outside of these is not used, so that what is reckoned from it is a date too.</summary>
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
        // Seconds are whole, and answers may overtake each other: the answer with the latest time is the most exact.
        if (date is { } told && !(Now is { } now && now > told && now - told < LongestWay))
        {
            Volatile.Write(ref _last, new Reading(told, time.GetTimestamp()));
        }
    }

    private sealed record Reading(DateTimeOffset Date, long At);
}
