using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests.Deploy;

/// <summary>What <c>deploy/fleet/database.sh</c> backs up comes back whole, and where it cannot, nothing changes.</summary>
public sealed class DatabaseScriptTests(PostgresServer postgres) : IAsyncLifetime
{
    private const string Token = "token-of-the-owner-20";
    private const string Pin = "9471";

    private static readonly DateTimeOffset Seen = new(2026, 11, 20, 21, 0, 0, TimeSpan.Zero);
    private static readonly ServerReference Server = new(MachineIdentifier.Parse("machine-1"), "NAS", "1.43.0");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-test-");
    private TestDatabase _database = null!;

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    private string Dump => Path.Combine(_folder.FullName, "fleet.dump");

    private IDataProtectionProvider Keys => DataProtectionProvider.Create(_folder.CreateSubdirectory("keys"));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");
        _database = await TestDatabase.CreateAsync(postgres);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Everything_reads_back_the_same()
    {
        await FillAsync();
        var before = await ReadAllAsync(_database.ConnectionString);
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var restored = await postgres.CreateDatabaseAsync();

        var output = await RunAsync(restored, "restore", Dump);

        Assert.Contains("1 servers, 2 runs", output, StringComparison.Ordinal);
        Assert.Equal(before, await ReadAllAsync(restored));
        await using var database = new Database(restored, TimeProvider.System);
        await database.MigrateAsync(Stopping);
        var secrets = await new ServerCatalogue(database, Keys).ReadSecretsAsync("nas", Stopping);
        Assert.Equal((Token, Pin), (secrets.Token, secrets.Pins["Teen"]));
    }

    [Fact]
    public async Task What_users_agreed_on_is_not_taken_from_another_day()
    {
        await FillAsync();
        Assert.NotNull(await _database.OpenStore().ReadAgreementsAsync(UserOf(1), UserOf(7), Stopping));
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var restored = await postgres.CreateDatabaseAsync();
        await RunAsync(restored, "restore", Dump);

        await using var database = new Database(restored, TimeProvider.System);
        await using var leases = new Leases(database, "another", TimeProvider.System);
        var store = new PostgresStore(database, leases, TimeProvider.System, PlexClientOptions.DefaultTimeout);
        Assert.Null(await store.ReadAgreementsAsync(UserOf(1), UserOf(7), Stopping));
    }

    [Fact]
    public async Task Run_that_was_unfinished_is_taken_up_at_once()
    {
        var held = await FillAsync();
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var restored = await postgres.CreateDatabaseAsync();
        await RunAsync(restored, "restore", Dump);

        await using var database = new Database(restored, TimeProvider.System);
        await using var leases = new Leases(database, "another", TimeProvider.System);
        var store = new PostgresStore(database, leases, TimeProvider.System, PlexClientOptions.DefaultTimeout);
        var unfinished = Assert.Single(await store.ListRunsAsync(cancellationToken: Stopping), static run => !run.IsFinished);
        await using var lease = await store.ResumeAsync(unfinished, Stopping);

        Assert.Equal(held.Run, lease.Run);
        // A node of before, which does not know that it is over, must not pass for the one that holds it now.
        Assert.True(await NumberAsync(restored, "select min(number) from plexsync.leases") > 1_000_000_000);
    }

    [Fact]
    public async Task Nothing_waits_for_nodes_of_before()
    {
        await FillAsync();
        await ExecuteAsync(
            _database.ConnectionString,
            """
            create table if not exists plexsync.qrtz_triggers (trigger_name text, trigger_state text);
            create table if not exists plexsync.qrtz_fired_triggers (entry_id text);
            create table if not exists plexsync.qrtz_scheduler_state (instance_name text)
            """);
        await ExecuteAsync(
            _database.ConnectionString, "alter table plexsync.qrtz_triggers drop constraint if exists qrtz_triggers_pkey cascade");
        foreach (var state in (string[])["WAITING", "ACQUIRED", "BLOCKED", "PAUSED", "PAUSED_BLOCKED"])
        {
            await InsertAsync("qrtz_triggers", ("trigger_name", state), ("trigger_state", state));
        }

        await InsertAsync("qrtz_fired_triggers", ("entry_id", "dead1"));
        await InsertAsync("qrtz_scheduler_state", ("instance_name", "dead"));
        await ExecuteAsync(_database.ConnectionString, "insert into plexsync.nodes values ('dead', '0.1.0', now(), gen_random_uuid())");
        var orders = new Orders(_database.Open());
        var asked = await orders.AddAsync("nas", "kid", undoes: null, Stopping);
        var seen = await orders.AddAsync("nas", "kid", undoes: null, Stopping);
        await orders.TryStorePlansAsync(seen, [PlanFor(7)], Stopping);
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var restored = await postgres.CreateDatabaseAsync();
        await RunAsync(restored, "restore", Dump);

        Assert.Equal(
            [$"{asked}=Failed", $"{seen}=Failed"],
            await RowsAsync(restored, "select id || '=' || state from plexsync.orders order by id"));
        Assert.Equal(
            ["ACQUIRED=WAITING", "BLOCKED=WAITING", "PAUSED=PAUSED", "PAUSED_BLOCKED=PAUSED", "WAITING=WAITING"],
            await RowsAsync(restored, "select trigger_name || '=' || trigger_state from plexsync.qrtz_triggers order by 1"));
        Assert.Equal(0, await NumberAsync(
            restored,
            """
            select (select count(*) from plexsync.qrtz_fired_triggers) + (select count(*) from plexsync.qrtz_scheduler_state)
                + (select count(*) from plexsync.nodes) + (select count(*) from plexsync.leases)
            """));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Dump_is_its_owners_and_has_neither_token_nor_PIN()
    {
        await FillAsync();
        await RunAsync(_database.ConnectionString, "backup", Dump);

        Assert.All(
            (string[])[Dump, $"{Dump}.manifest"],
            static file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal(["fleet.dump", "fleet.dump.manifest"], _folder.EnumerateFiles().Select(static file => file.Name).Order());
        var (_, text, _) = await DatabaseScript.RunAsync(new ProcessStartInfo(postgres.PathOf("pg_restore"), ["-f", "-", Dump]));
        Assert.Contains("nas", text, StringComparison.Ordinal);
        Assert.Contains("Film 1", Unhex(text), StringComparison.Ordinal);
        var all = string.Join('\n', text, Unhex(text), Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Dump, Stopping)),
            await File.ReadAllTextAsync($"{Dump}.manifest", Stopping));
        Assert.DoesNotContain(Token, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Token)), all, StringComparison.Ordinal);
        Assert.DoesNotContain($"\"{Pin}\"", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("one byte")]
    [InlineData("no manifest")]
    public async Task Damaged_backup_is_refused(string damage)
    {
        await FillAsync();
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var bytes = await File.ReadAllBytesAsync(Dump, Stopping);
        switch (damage)
        {
            case "cut off":
                await File.WriteAllBytesAsync(Dump, bytes[..^100], Stopping);
                break;
            case "one byte":
                bytes[^50] ^= 1;
                await File.WriteAllBytesAsync(Dump, bytes, Stopping);
                break;
            default:
                File.Delete($"{Dump}.manifest");
                break;
        }

        var restored = await postgres.CreateDatabaseAsync();

        var sentence = await RefusedAsync(restored, "restore", Dump);

        Assert.EndsWith("nothing was changed", sentence, StringComparison.Ordinal);
        Assert.Equal(0, await NumberAsync(restored, "select count(*) from pg_namespace where nspname = 'plexsync'"));
        await RefusedAsync(restored, "check", Dump);
    }

    [Fact]
    public async Task Dump_that_fails_in_the_middle_of_restoring_changes_nothing()
    {
        await FillAsync();
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var other = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(other, "create schema plexsync; create table plexsync.kept (value text)");
        // Indexes come last: by then, all tables would be there with what was in them.
        await ExecuteAsync(other, "create function refuse() returns event_trigger language plpgsql as $$ begin raise 'not here'; end $$");
        await ExecuteAsync(other, "create event trigger refuse on ddl_command_end when tag in ('CREATE INDEX') execute function refuse()");

        var sentence = await RefusedAsync(other, "restore", "--replace", Dump);

        Assert.Contains("not here", sentence, StringComparison.Ordinal);
        Assert.EndsWith("nothing was changed", sentence, StringComparison.Ordinal);
        Assert.Equal(["kept"], await RowsAsync(other, "select tablename::text from pg_tables where schemaname = 'plexsync'"));
    }

    [Fact]
    public async Task Database_that_has_the_schema_is_refused_unless_it_is_to_be_replaced()
    {
        await FillAsync();
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var before = await ReadAllAsync(_database.ConnectionString);
        await using var other = await TestDatabase.CreateAsync(postgres);

        var sentence = await RefusedAsync(other.ConnectionString, "restore", Dump);
        var connected = await RefusedAsync(other.ConnectionString, "restore", "--replace", Dump);

        Assert.Contains("has a schema plexsync already", sentence, StringComparison.Ordinal);
        Assert.Contains("nodes are connected", connected, StringComparison.Ordinal);
        Assert.Equal(0, await NumberAsync(other.ConnectionString, "select count(*) from plexsync.servers"));
        await other.DisposeAsync();
        await RunAsync(other.ConnectionString, "restore", "--replace", Dump);
        Assert.Equal(before, await ReadAllAsync(other.ConnectionString));
    }

    [Fact]
    public async Task Backup_is_not_overwritten_and_none_is_made_of_nothing()
    {
        await RunAsync(_database.ConnectionString, "backup", Dump);
        var before = await File.ReadAllBytesAsync(Dump, Stopping);
        var empty = await postgres.CreateDatabaseAsync();

        Assert.Contains("not overwritten", await RefusedAsync(_database.ConnectionString, "backup", Dump), StringComparison.Ordinal);
        Assert.Contains("no schema", await RefusedAsync(empty, "backup", $"{Dump}.2"), StringComparison.Ordinal);
        Assert.Contains("did not answer", await RefusedAsync($"{empty}x", "backup", $"{Dump}.3"), StringComparison.Ordinal);

        Assert.Equal(before, await File.ReadAllBytesAsync(Dump, Stopping));
        Assert.Equal(2, _folder.GetFiles().Length);
        Assert.Contains("is whole", await RunAsync(empty, "check", Dump), StringComparison.Ordinal);
    }

    /// <summary>A server with a job, a run that has ended, agreements, and a run that was left in the middle.</summary>
    private async Task<IRunLease> FillAsync()
    {
        var catalogue = new ServerCatalogue(_database.Open(), Keys);
        var job = new SyncJob { Name = "kid", To = ["Kid"] };
        await catalogue.SaveAsync(
            new FleetServer { Name = "nas", Every = TimeSpan.FromMinutes(20), Jobs = [new FleetJob("nas", job, IsPaused: false)] },
            new ServerSecrets(Token, new Dictionary<string, string> { ["Teen"] = Pin }),
            Stopping);
        await catalogue.SetPausedAsync("nas", "kid", isPaused: true, Stopping);
        await catalogue.NoteEndedAsync("nas", "kid", "node1", written: 3, error: null, Stopping);
        var store = _database.OpenStore();
        var done = PlanFor(7);
        await using (var lease = (await store.BeginAsync([done], Stopping))[0])
        {
            await lease.AnnounceAsync(done.Changes[0], Seen, Stopping);
            await lease.RecordAsync(Applied(done.Changes[0]), Stopping);
            await lease.CompleteAsync(
                new SyncReport { Plan = done, Results = [Applied(done.Changes[0]), Applied(done.Changes[1])], Verified = 2 }, Stopping);
        }

        await store.ChangeAgreementsAsync(
            async change =>
            {
                var agreements = new Agreements(UserOf(1), UserOf(7));
                agreements.Add(new AgreedItem(RatingKey.Parse("1001"), RatingKey.Parse("1001"), 5));
                await change.WriteAsync(agreements, Stopping);
            },
            Stopping);
        var left = PlanFor(8);
        var held = (await store.BeginAsync([left], Stopping))[0];
        await held.AnnounceAsync(left.Changes[0], Seen, Stopping);
        await held.RecordAsync(Applied(left.Changes[0]), Stopping);
        await held.AnnounceAsync(left.Changes[1], Seen, Stopping);
        return held;
    }

    /// <summary>All that a node reads, as text.</summary>
    private async Task<string> ReadAllAsync(string connectionString)
    {
        await using var database = new Database(connectionString, TimeProvider.System);
        await using var leases = new Leases(database, "reader", TimeProvider.System);
        var store = new PostgresStore(database, leases, TimeProvider.System, PlexClientOptions.DefaultTimeout);
        var text = new StringBuilder();
        foreach (var server in await new ServerCatalogue(database, Keys).ListAsync(Stopping))
        {
            text.AppendLine(JsonSerializer.Serialize(server));
        }

        foreach (var run in await store.ListRunsAsync(cancellationToken: Stopping))
        {
            text.AppendLine(JsonSerializer.Serialize(run));
            text.AppendLine(JsonSerializer.Serialize(await store.ReadRunAsync(run, Stopping)));
        }

        foreach (var target in (long[])[7, 8])
        {
            var marks = await store.ListMarksAsync(UserOf(target), Stopping);
            text.AppendJoin('\n', marks.Select(static mark => $"{mark}").Order(StringComparer.Ordinal));
        }

        return text.ToString();
    }

    private async Task InsertAsync(string table, params (string Column, string Value)[] values)
    {
        // The scheduler's own tables have more columns, which mean nothing here.
        foreach (var column in await RowsAsync(
            _database.ConnectionString,
            $"""
            select column_name::text from information_schema.columns
            where table_schema = 'plexsync' and table_name = '{table}' and is_nullable = 'NO' and column_default is null
            """))
        {
            if (!values.Any(value => value.Column == column))
            {
                await ExecuteAsync(_database.ConnectionString, $"alter table plexsync.{table} drop column {column} cascade");
            }
        }

        await ExecuteAsync(
            _database.ConnectionString,
            $"insert into plexsync.{table} ({string.Join(", ", values.Select(static value => value.Column))}) "
            + $"values ({string.Join(", ", values.Select(static value => $"'{value.Value}'"))})");
    }

    private async Task<string> RunAsync(string connectionString, params string[] arguments)
    {
        var (exitCode, output, error) = await DatabaseScript.RunAsync(postgres, connectionString, arguments);
        Assert.True(exitCode == 0, error);
        Assert.DoesNotContain("warning", error, StringComparison.OrdinalIgnoreCase);
        return output;
    }

    /// <summary>The one sentence with which it ended.</summary>
    private async Task<string> RefusedAsync(string connectionString, params string[] arguments)
    {
        var (exitCode, output, error) = await DatabaseScript.RunAsync(postgres, connectionString, arguments);
        Assert.Equal((1, ""), (exitCode, output));
        var sentence = Assert.Single(error.TrimEnd().Split('\n'));
        Assert.StartsWith("database.sh: ", sentence, StringComparison.Ordinal);
        return sentence;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stopping);
    }

    private static async Task<long> NumberAsync(string connectionString, string sql) => long.Parse(
        Assert.Single(await RowsAsync(connectionString, $"select ({sql})::text")), CultureInfo.InvariantCulture);

    private static async Task<List<string>> RowsAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Stopping);
        var rows = new List<string>();
        while (await reader.ReadAsync(Stopping))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    /// <summary>Every run of hexadecimal digits as what it stands for: so does a dump show bytes.</summary>
    private static string Unhex(string text) => string.Join('\n', text.Split('\t', '\n')
        .Where(static field => field.StartsWith(@"\\x", StringComparison.Ordinal))
        .Select(static field => Encoding.UTF8.GetString(Convert.FromHexString(field.AsSpan(3)))));

    private static ServerUser UserOf(long user) => new(Server.MachineIdentifier, new UserId(user));

    private static ChangeResult Applied(PlannedChange change) => new()
    {
        Change = change,
        Outcome = ChangeOutcome.Applied,
        StateAfterRun = change.After with { LastViewedAt = Seen.AddSeconds(1) },
    };

    private static SyncPlan PlanFor(long target) => new()
    {
        CreatedAt = Seen,
        Server = Server,
        Source = new UserReference(new UserId(1), "Owner"),
        Target = new UserReference(new UserId(target), $"Target {target}"),
        Identity = IdentityProof.Proved,
        Policy = "copy",
        Libraries = [new LibraryComparison { Library = new Library { Key = LibraryKey.Parse("1"), Title = "Films", Type = "movie" } }],
        Changes = [.. Enumerable.Range(1, 2).Select(static number => new PlannedChange
        {
            Item = new MediaItem
            {
                RatingKey = RatingKey.Parse(number.ToString(CultureInfo.InvariantCulture)),
                Type = MediaType.Movie,
                Title = $"Film {number}",
                Duration = TimeSpan.FromHours(2),
            },
            Library = LibraryKey.Parse("1"),
            Action = ChangeAction.Watched,
            After = new WatchState { ViewCount = 1 },
            Reason = ChangeReason.SourceWatched,
            SourceViewedAt = Seen,
        })],
    };
}
