using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace PlexSync.Fleet.Storage;

/// <summary>
/// Answers of plex.tv, for all nodes, encrypted, since many contain tokens. They only spare questions: a database that is away or slow, or
/// keys that are lost, cost a question and no more.
/// </summary>
internal sealed class StoredAnswers(Database database, IDataProtectionProvider protection)
{
    /// <summary>How long the database may take, while a request to plex.tv waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

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

    /// <summary>Keeps an answer for a while, if that is possible at once. It is not cancelled: the answer is there already.</summary>
    public Task KeepAsync(string server, byte[] question, KeptAnswer answer, TimeSpan duration) =>
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
            CancellationToken.None);

    /// <summary>Forgets what was asked for a server.</summary>
    public Task ForgetAsync(string server, CancellationToken cancellationToken) =>
        database.ExecuteAsync("delete from answers where server = $1", [server], cancellationToken);

    /// <summary>No row of one question or server can stand in for that of another.</summary>
    private IDataProtector ProtectorOf(string server, byte[] question) => _protector.CreateProtector(server, Convert.ToHexString(question));

    /// <summary>Sends a statement once; null if it is not answered soon.</summary>
    private async Task<object?> TryAsync(string sql, object?[] values, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(Patience);
        try
        {
            var connection = await database.Source.OpenConnectionAsync(soon.Token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                using var command = Database.Prepare(connection, sql, values);
                return await command.ExecuteScalarAsync(soon.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Database.IsFailure(e)
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <summary>What plex.tv answered.</summary>
internal sealed record KeptAnswer(HttpStatusCode Status, DateTimeOffset? Date, string ContentType, byte[] Body);
