using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace PlexSync.Fleet.Storage;

/// <summary>
/// Answers of plex.tv, for all nodes, encrypted as tokens are: many of them have some. They only spare questions, so a database that is
/// away, or keys that are lost, cost an answer and no more.
/// </summary>
internal sealed class StoredAnswers(Database database, IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("PlexSync.Fleet.Answers.v1");

    /// <summary>The answer to a question that was asked for a server; null if there is none, or it is too old.</summary>
    public async Task<KeptAnswer?> FindAsync(string server, byte[] question, CancellationToken cancellationToken)
    {
        var found = await TryAsync(
            "select answer from answers where server = $1 and question = $2 and ends_at > clock_timestamp()",
            [server, question],
            cancellationToken).ConfigureAwait(false);
        try
        {
            return found is byte[] answer
                ? FleetJson.TryRead(ProtectorOf(server, question).Unprotect(answer), FleetJson.Default.KeptAnswer) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Keeps an answer for a while.</summary>
    public Task KeepAsync(string server, byte[] question, KeptAnswer answer, TimeSpan duration, CancellationToken cancellationToken) =>
        TryAsync(
            """
            insert into answers values ($1, $2, $3, clock_timestamp() + $4)
            on conflict (server, question) do update set answer = excluded.answer, ends_at = excluded.ends_at
            """,
            [
                server,
                question,
                ProtectorOf(server, question).Protect(JsonSerializer.SerializeToUtf8Bytes(answer, FleetJson.Default.KeptAnswer)),
                duration,
            ],
            cancellationToken);

    /// <summary>Forgets what was asked for a server.</summary>
    public Task ForgetAsync(string server, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from answers where server = $1", [server], cancellationToken);

    /// <summary>No row of one question or server can stand in for that of another.</summary>
    private IDataProtector ProtectorOf(string server, byte[] question) => _protector.CreateProtector(server, Convert.ToHexString(question));

    /// <summary>Sends a statement once: whoever waits for plex.tv has no time for a database that restarts.</summary>
    private async Task<object?> TryAsync(string sql, object?[] values, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                using var command = Database.Prepare(connection, sql, values);
                return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Database.IsFailure(e))
        {
            return null;
        }
    }
}

/// <summary>What plex.tv answered.</summary>
internal sealed record KeptAnswer(HttpStatusCode Status, DateTimeOffset? Date, string ContentType, byte[] Body);
