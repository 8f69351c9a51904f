using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>The settings of a server, which it shows to its owner alone.</summary>
internal static partial class OwnerPreferences
{
    /// <summary>The part of the length above which Plex ignores a position, unless the server says otherwise: 90 %.</summary>
    public const double DefaultPlayedThreshold = 0.9;

    private const string Preferences = "/:/prefs";

    /// <summary>
    /// A server can let whole networks in without authentication, as the owner (plex-facts §2.3). There every token reads and writes the
    /// owner's state; so the server must refuse this one what only the owner may see.
    /// </summary>
    public static async Task ProveWithheldAsync(UserConnection connection, CancellationToken cancellationToken)
    {
        var (server, user, _) = connection;
        try
        {
            await connection.GetContainerAsync(connection.Read(Preferences), cancellationToken).ConfigureAwait(false);
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden)
        {
            return;
        }
        catch (PlexException e)
        {
            // Only the server's own refusal proves anything.
            throw new PlexException(
                PlexErrorKind.IdentityNotProved,
                $"Whether '{server.Name}' tells '{user.Title}' from its owner could not be found out: {e.Message}",
                e)
            {
                Status = e.Status,
                Method = e.Method,
                Path = e.Path,
                Subject = user.Title,
                UserId = user.Id,
            };
        }

        throw new PlexException(
            PlexErrorKind.IdentityNotProved,
            $"'{server.Name}' gives '{user.Title}' the owner's rights: it does not tell users apart, "
            + "perhaps because it lets this network in without authentication.")
        {
            Subject = user.Title,
            UserId = user.Id,
        };
    }

    /// <summary>Null if the server does not tell; only some positions are skipped because of that.</summary>
    public static async Task<double?> ReadPlayedThresholdAsync(
        UserConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        var (server, user, _) = connection;
        try
        {
            var container = await connection.GetContainerAsync(connection.Read(Preferences), cancellationToken).ConfigureAwait(false);
            var value = container.Setting?.FirstOrDefault(static setting => setting.Id == "LibraryVideoPlayedThreshold")?.Value;
            return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && percent is >= 50 and <= 100
                ? percent / 100
                : DefaultPlayedThreshold;
        }
        catch (PlexException e) when (e.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden))
        {
            Log.ThresholdUnknown(logger, server.Name, e.Message);
            return null;
        }
        catch (PlexException e)
        {
            throw new PlexException(
                PlexErrorKind.IdentityNotProved,
                $"plex.tv says that '{user.Title}' owns '{server.Name}', but the server refuses them the owner's rights.", e)
            {
                Status = e.Status,
                Path = e.Path,
                Subject = user.Title,
                UserId = user.Id,
            };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            1104,
            LogLevel.Warning,
            "'{Server}' does not tell from where on it ignores positions; those from half of an item on are left out: {Reason}")]
        public static partial void ThresholdUnknown(ILogger logger, string server, string reason);
    }
}
