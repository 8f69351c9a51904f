using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Catalogue;

/// <summary>The servers of the fleet, their jobs and their secrets, as the database has them.</summary>
internal sealed class ServerCatalogue(Database database, IDataProtectionProvider protection)
{
    /// <summary>The most characters of a name of a server or a job.</summary>
    private const int LongestName = 100;

    private const string StateColumns =
        "began_at, ended_at, succeeded_at, node, written, coalesce(failures, 0), error_kind, error";

    private readonly IDataProtector _protector = protection.CreateProtector("PlexSync.Fleet.Secrets.v1");

    /// <summary>All servers, by name.</summary>
    public Task<IReadOnlyList<FleetServer>> ListAsync(CancellationToken cancellationToken) => ReadAsync(server: null, cancellationToken);

    /// <summary>One server; null if there is none of that name.</summary>
    public async Task<FleetServer?> FindAsync(string server, CancellationToken cancellationToken) =>
        await ReadAsync(server, cancellationToken).ConfigureAwait(false) is [var found] ? found : null;

    /// <summary>One job; null if there is none.</summary>
    public async Task<(FleetServer Server, FleetJob Job)?> FindAsync(string server, string job, CancellationToken cancellationToken) =>
        await FindAsync(server, cancellationToken).ConfigureAwait(false) is { } found
        && found.Jobs.FirstOrDefault(one => string.Equals(one.Name, job, StringComparison.OrdinalIgnoreCase)) is { } named
            ? (found, named)
            : null;

    /// <summary>The token and the PINs of a server.</summary>
    /// <exception cref="PlexException">There is no such server, or its secrets were encrypted with keys that this node lacks.</exception>
    public async Task<ServerSecrets> ReadSecretsAsync(string server, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync(
            "select token, pins from servers where name = $1",
            [server],
            static row => (Token: row.GetFieldValue<byte[]>(0), Pins: row.GetFieldValue<byte[]>(1)),
            cancellationToken).ConfigureAwait(false);
        if (rows is not [var secrets])
        {
            throw new PlexException(PlexErrorKind.ServerNotFound, $"The fleet has no server '{server}'.") { Subject = server };
        }

        try
        {
            return new ServerSecrets(
                Encoding.UTF8.GetString(_protector.Unprotect(secrets.Token)),
                JsonSerializer.Deserialize(_protector.Unprotect(secrets.Pins), FleetJson.Default.DictionaryStringString)!);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new PlexException(
                PlexErrorKind.InvalidFile,
                $"The secrets of '{server}' cannot be decrypted: the folder of keys of this node (Fleet:KeyFolder) is not the one "
                + "that they were encrypted with.",
                e)
            {
                Subject = server,
            };
        }
    }

    /// <summary>Adds a server or replaces it; jobs that are there keep being paused, and their states.</summary>
    /// <exception cref="PlexException">A name or a job makes no sense.</exception>
    public async Task SaveAsync(FleetServer server, ServerSecrets secrets, CancellationToken cancellationToken)
    {
        RequireName(server.Name);
        foreach (var job in server.Jobs)
        {
            RequireName(job.Name);
            job.Job.Validate();
        }

        if (server.Jobs.GroupBy(static job => job.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static jobs => jobs.Count() > 1)
            is { } twins)
        {
            throw Taken("job", twins.Key);
        }

        var definition = JsonSerializer.Serialize(server with { Jobs = [] }, FleetJson.Default.FleetServer);
        var token = _protector.Protect(Encoding.UTF8.GetBytes(secrets.Token));
        var pins = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(new(secrets.Pins), FleetJson.Default.DictionaryStringString));
        try
        {
            await database.RunAsync(
                (connection, stopping) => SaveAsync(connection, server, definition, token, pins, stopping), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            throw Taken("server", server.Name);
        }
    }

    /// <summary>Removes a server with its jobs; what was recorded of runs stays. False if there is none.</summary>
    public async Task<bool> RemoveAsync(string server, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from servers where name = $1", [server], cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Pauses or resumes a job, or all of a server. False if there is none.</summary>
    public async Task<bool> SetPausedAsync(string server, string? job, bool isPaused, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "update jobs set paused = $3 where server = $1 and ($2::text is null or name = $2)",
            [server, job, isPaused],
            cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Notes which Plex server a server of the fleet is.</summary>
    public Task NoteMachineAsync(string server, MachineIdentifier machine, CancellationToken cancellationToken) => database.ExecuteAsync(
        "update servers set machine = $2 where name = $1", [server, $"{machine}"], cancellationToken);

    /// <summary>Notes that a run of a job has begun.</summary>
    public Task NoteBeganAsync(string server, string job, string node, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        insert into job_states (server, job, began_at, node) select server, name, now(), $3 from jobs where server = $1 and name = $2
        on conflict (server, job) do update set began_at = now(), node = excluded.node
        """,
        [server, job, node],
        cancellationToken);

    /// <summary>Notes how a run of a job has ended.</summary>
    /// <param name="server">The server.</param>
    /// <param name="job">The job.</param>
    /// <param name="node">The node that ran it.</param>
    /// <param name="written">How many changes were written.</param>
    /// <param name="error">What went wrong; null if nothing did.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public Task NoteEndedAsync(
        string server, string job, string node, int written, PlexException? error, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            insert into job_states as state (server, job, ended_at, succeeded_at, node, written, failures, error_kind, error)
            select server, name, now(), case when $5::text is null then now() end, $3, $4, case when $5::text is null then 0 else 1 end,
                $5, $6
            from jobs where server = $1 and name = $2
            on conflict (server, job) do update set ended_at = excluded.ended_at, node = excluded.node, written = excluded.written,
                succeeded_at = coalesce(excluded.succeeded_at, state.succeeded_at),
                failures = case when excluded.failures = 0 then 0 else state.failures + 1 end,
                error_kind = excluded.error_kind, error = excluded.error
            """,
            [server, job, node, written, error?.Kind.ToString(), error?.Message],
            cancellationToken);

    /// <summary>The names that come from the configuration and are not among these.</summary>
    public Task<List<string>> ListForgottenAsync(IEnumerable<string> configured, CancellationToken cancellationToken) =>
        database.QueryAsync(
            "select name from servers where origin = 'configuration' and name <> all ($1)",
            [configured.ToArray()],
            static row => row.GetString(0),
            cancellationToken);

    /// <summary>Whether two say the same, but for what people have paused and how it is doing.</summary>
    public static bool IsSame(FleetServer one, FleetServer other) => Describe(one) == Describe(other);

    private static string Describe(FleetServer server) => string.Join(
        '\n',
        server.Jobs.OrderBy(static job => job.Name, StringComparer.Ordinal)
            .Select(static job => JsonSerializer.Serialize(job.Job, FleetJson.Default.SyncJob))
            .Prepend(JsonSerializer.Serialize(server with { Jobs = [] }, FleetJson.Default.FleetServer)));

    private static async Task<bool> SaveAsync(
        NpgsqlConnection connection, FleetServer server, string definition, byte[] token, byte[] pins, CancellationToken stopping)
    {
        using var transaction = await connection.BeginTransactionAsync(stopping).ConfigureAwait(false);
        await Database.ExecuteAsync(
            connection,
            """
            insert into servers (name, definition, token, pins, origin, live) values ($1, $2, $3, $4, $5, $6)
            on conflict (name) do update set definition = excluded.definition, token = excluded.token, pins = excluded.pins,
                origin = excluded.origin, live = excluded.live, changed_at = now(),
                machine = case when servers.definition = excluded.definition then servers.machine end
            """,
            stopping,
            server.Name, definition, token, pins, server.IsConfigured ? "configuration" : "hand", server.IsLive).ConfigureAwait(false);
        // A server may be replaced because plex.tv answers differently now.
        await Database.ExecuteAsync(connection, "delete from answers where server = $1", stopping, server.Name).ConfigureAwait(false);
        await Database.ExecuteAsync(
            connection,
            "delete from jobs where server = $1 and name <> all ($2)",
            stopping,
            server.Name, server.Jobs.Select(static job => job.Name).ToArray()).ConfigureAwait(false);
        foreach (var job in server.Jobs)
        {
            await Database.ExecuteAsync(
                connection,
                """
                insert into jobs (server, name, definition) values ($1, $2, $3)
                on conflict (server, name) do update set definition = excluded.definition
                """,
                stopping,
                server.Name, job.Name, JsonSerializer.Serialize(job.Job, FleetJson.Default.SyncJob)).ConfigureAwait(false);
        }

        await transaction.CommitAsync(stopping).ConfigureAwait(false);
        return true;
    }

    private static PlexException Taken(string what, string name) =>
        new(PlexErrorKind.InvalidOption, $"There is another {what} '{name}', which differs in capitals alone.")
        {
            Subject = name,
            Option = "Name",
        };

    private async Task<IReadOnlyList<FleetServer>> ReadAsync(string? server, CancellationToken cancellationToken)
    {
        var jobs = await database.QueryAsync(
            $"""
            select jobs.server, jobs.definition, jobs.paused, {StateColumns}
            from jobs left join job_states state on state.server = jobs.server and state.job = jobs.name
            where $1::text is null or jobs.server = $1
            order by jobs.name
            """,
            [server],
            ReadJob,
            cancellationToken).ConfigureAwait(false);
        var byServer = jobs.ToLookup(static job => job.Server, StringComparer.Ordinal);
        return await database.QueryAsync(
            "select definition, machine from servers where $1::text is null or name = $1 order by name",
            [server],
            row =>
            {
                var found = JsonSerializer.Deserialize(row.GetString(0), FleetJson.Default.FleetServer)!;
                return found with
                {
                    Machine = row.IsDBNull(1) ? null : MachineIdentifier.Parse(row.GetString(1)),
                    Jobs = [.. byServer[found.Name]],
                };
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static FleetJob ReadJob(NpgsqlDataReader row) =>
        new(row.GetString(0), JsonSerializer.Deserialize(row.GetString(1), FleetJson.Default.SyncJob)!, row.GetBoolean(2))
        {
            State = new JobState
            {
                BeganAt = DateAt(row, 3),
                EndedAt = DateAt(row, 4),
                SucceededAt = DateAt(row, 5),
                Node = row.IsDBNull(6) ? null : row.GetString(6),
                Written = row.IsDBNull(7) ? null : row.GetInt32(7),
                Failures = row.GetInt32(8),
                ErrorKind = row.IsDBNull(9) ? null : row.GetString(9),
                Error = row.IsDBNull(10) ? null : row.GetString(10),
            },
        };

    private static DateTimeOffset? DateAt(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    /// <summary>Names stand in addresses of pages, and group the triggers of the scheduler.</summary>
    private static void RequireName(string name)
    {
        if (name.Length is 0 or > LongestName || !char.IsLetterOrDigit(name[0])
            || !name.All(static letter => char.IsLetterOrDigit(letter) || letter is '.' or '-' or '_')
            || name.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            throw new PlexException(
                PlexErrorKind.InvalidOption,
                $"'{name}' cannot be the name of a server or a job: take letters, digits, points, dashes and underscores, and begin with a "
                + "letter or a digit.")
            {
                Subject = name,
                Option = "Name",
            };
        }
    }
}
