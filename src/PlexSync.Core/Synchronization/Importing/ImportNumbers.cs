using System.Globalization;

namespace PlexSync;

/// <summary>Numbers and dates of histories: what cannot be is not known.</summary>
internal static class ImportNumbers
{
    public const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    /// <summary>The number of a season or an episode, or a year.</summary>
    public static int? ToNumber(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    /// <summary>A time since 1970 in seconds, where Plex can have it.</summary>
    public static DateTimeOffset? ToDate(long? seconds) =>
        seconds is > 0 and <= uint.MaxValue ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    /// <summary>A time as text (ISO 8601, UTC where no offset is given), or in seconds since 1970.</summary>
    public static DateTimeOffset? ToDate(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? ToDate(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? ToDate(date.ToUnixTimeSeconds())
        : null;
}
