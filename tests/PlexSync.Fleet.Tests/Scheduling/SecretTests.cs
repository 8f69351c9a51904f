using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Npgsql;
using PlexSync.Fleet.Tests.Nodes;

namespace PlexSync.Fleet.Tests.Scheduling;

/// <summary>Tokens and PINs are nowhere in the clear: not in the database, not in what nodes write.</summary>
public sealed class SecretTests(PostgresServer postgres)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Folder_of_keys_is_its_owners()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var node = await RunningNode.StartAsync(database);

        Assert.NotEmpty(Directory.GetFiles(node.KeyFolder));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(node.KeyFolder));
    }

    [Fact]
    public async Task Tokens_and_pins_are_neither_in_the_database_nor_in_logs()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);
        await using var world = await FleetWorld.StartAsync(servers: 1, users: 2, watched: 2);
        var keys = Directory.CreateTempSubdirectory("plexsync-keys-");
        world.Users[0].Pin = "7391";
        using var node = await FleetProcess.StartAsync(
            "one",
            database.ConnectionString,
            keys.FullName,
            [
                .. world.Settings(), "--Fleet:Servers:s0:Pins:Kid 1=7391", "--Fleet:Servers:s0:Jobs:j9:To:0=Nobody",
                "--Logging:LogLevel:Default=Trace",
            ]);
        await Eventually.IsTrueAsync(() => world.CountArrived() == world.Whole, Longest, () => $"{node}");
        await Eventually.IsTrueAsync(
            () => node.Lines.Any(static line => line.Contains("Nobody", StringComparison.Ordinal)), Longest, () => $"{node}");
        Assert.Equal(0, await node.StopAsync());

        var dump = await DumpAsync(database.ConnectionString);
        Assert.Contains("j9", dump, StringComparison.Ordinal);
        // What plex.tv answered has tokens in it.
        Assert.True((await database.Open().QueryAsync(
            "select answer from answers", [], static row => row.GetFieldValue<byte[]>(0).Length, TestContext.Current.CancellationToken))
            .Count >= 5);
        string[] secrets =
        [
            world.World.Owner.AccountToken, .. world.World.Users.Select(user => world.World.Server.TokenOf(user)), FleetProcess.Secret,
        ];
        foreach (var text in (string[])[dump, string.Join('\n', node.Lines)])
        {
            foreach (var secret in secrets)
            {
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), text, StringComparison.OrdinalIgnoreCase);
            }

            // A PIN is four digits, which a hash or a date may hold as well: only beside what would name it.
            Assert.DoesNotContain("pin=7391", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"7391\"", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString("\"7391\""u8), text, StringComparison.OrdinalIgnoreCase);
        }

        keys.Delete(recursive: true);
    }

    /// <summary>All that the database has, as text; what is binary is in hexadecimal digits.</summary>
    private async Task<string> DumpAsync(string connectionString)
    {
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        using var dump = Process.Start(new ProcessStartInfo(
            postgres.PathOf("pg_dump"), ["-h", to.Host!, "-p", $"{to.Port}", "-U", to.Username!, to.Database!])
        {
            RedirectStandardOutput = true,
        })!;
        return await dump.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
