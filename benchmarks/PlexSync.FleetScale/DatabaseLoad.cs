using System.Globalization;
using Npgsql;

namespace PlexSync.FleetScale;

/// <summary>What the database had done until a moment.</summary>
internal sealed record DatabaseLoad
{
    public long Transactions { get; init; }

    public long RowsWritten { get; init; }

    public long RowsRead { get; init; }

    public long WalBytes { get; init; }

    public long Size { get; init; }

    /// <summary>The processor time of the server and its children; null where it runs elsewhere.</summary>
    public double? ProcessorSeconds { get; init; }

    public static async Task<DatabaseLoad> ReadAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            """
            select xact_commit + xact_rollback, tup_inserted + tup_updated + tup_deleted, tup_fetched,
                (select wal_bytes::bigint from pg_stat_wal), pg_database_size(datname), pg_backend_pid()
            from pg_stat_database where datname = current_database()
            """);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return new DatabaseLoad
        {
            Transactions = row.GetInt64(0),
            RowsWritten = row.GetInt64(1),
            RowsRead = row.GetInt64(2),
            WalBytes = row.GetInt64(3),
            Size = row.GetInt64(4),
            ProcessorSeconds = ReadProcessorTime(row.GetInt32(5)),
        };
    }

    /// <summary>How many connections the nodes have.</summary>
    public static async Task<long> CountConnectionsAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            "select count(*) from pg_stat_activity where application_name = 'plexsync-fleet'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>How many jobs ended with an error the last time, and what one of them says.</summary>
    public static async Task<(long Count, string? Example)> CountErrorsAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select count(*), min(error) from plexsync.job_states where error is not null");
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1));
    }

    /// <summary>Lets what is counted by statement begin anew. False where that is not counted.</summary>
    public static async Task<bool> TryClearStatementsAsync(NpgsqlDataSource source)
    {
        try
        {
            await using var command = source.CreateCommand(
                "create extension if not exists pg_stat_statements; select pg_stat_statements_reset()");
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    /// <summary>The statements that took longest.</summary>
    public static async Task<IReadOnlyList<string>> ListStatementsAsync(NpgsqlDataSource source, long runs)
    {
        await using var command = source.CreateCommand(
            """
            select calls, total_exec_time, wal_bytes::bigint, left(regexp_replace(query, '\s+', ' ', 'g'), 110)
            from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
            order by total_exec_time desc limit 16
            """);
        await using var row = await command.ExecuteReaderAsync();
        var statements = new List<string>();
        while (await row.ReadAsync())
        {
            statements.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.GetDouble(1) / 1000,8:0.0} s {row.GetInt64(0) / (double)runs,7:0.00} a run "
                + $"{row.GetInt64(2) / (double)runs,7:0} WAL bytes a run  {row.GetString(3)}"));
        }

        return statements;
    }

    private static double? ReadProcessorTime(int backend)
    {
        try
        {
            var server = Read(backend).Parent;
            var all = Directory.EnumerateDirectories("/proc").Select(static folder => Path.GetFileName(folder))
                .Where(static name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
                .Select(static name => TryRead(int.Parse(name, CultureInfo.InvariantCulture)))
                .Where(process => process is { } one && one.Parent == server);
            return (Read(server).WithChildren + all.Sum(static process => process!.Value.Own)) / 100.0;
        }
        catch (IOException)
        {
            return null;
        }

        static (int Parent, long Own, long WithChildren)? TryRead(int process)
        {
            try
            {
                return Read(process);
            }
            catch (IOException)
            {
                return null;
            }
        }

        // What stands before the parenthesis may have blanks (proc(5)); the clock has 100 ticks a second.
        static (int Parent, long Own, long WithChildren) Read(int process)
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var times = fields[11..15].Select(static field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), times[0] + times[1], times.Sum());
        }
    }
}
