using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Messages that several parts of a run log.</summary>
internal static partial class ApplyingLog
{
    [LoggerMessage(3100, LogLevel.Warning, "'{Item}' ({Key}) was not written for '{User}': {Reason}")]
    public static partial void NotWritten(ILogger logger, string item, RatingKey key, string user, string reason);

    [LoggerMessage(3114, LogLevel.Warning, "What was read could not be stored, so that the next quick run reads everything: {Reason}")]
    public static partial void ReadingNotKept(ILogger logger, string reason);

    [LoggerMessage(3111, LogLevel.Warning, "What became of writes for '{User}' could not be read: {Reason}")]
    public static partial void NotSettled(ILogger logger, string user, string reason);
}
