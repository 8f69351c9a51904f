using Microsoft.Extensions.Options;
using Npgsql;
using Polly;

namespace PlexSync.Fleet;

/// <summary>Why a node does not start, for the person who starts it.</summary>
internal static class StartFailure
{
    /// <summary>A sentence for each thing to mend; null for a failure that nobody expects, whose stack is needed.</summary>
    public static IReadOnlyList<string>? Describe(Exception failure) => failure switch
    {
        OptionsValidationException e => [.. e.Failures],
        PlexException e => [e.Message],
        PostgresException e => [$"{Database} refuses: {e.MessageText}."],
        NpgsqlException or TimeoutException or ExecutionRejectedException => [$"{Database} cannot be used: {failure.Message}."],
        // A file of the configuration, whose inner failure has the line.
        InvalidDataException => [$"{failure.Message} {failure.GetBaseException().Message}"],
        // A file that cannot be read, or an address that is taken: the message names it.
        IOException or UnauthorizedAccessException => [failure.Message],
        _ => null,
    };

    private const string Database = $"The database ({FleetOptions.Section}:{nameof(FleetOptions.Database)})";
}
