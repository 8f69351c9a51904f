namespace PlexSync.Fleet.Tests;

/// <summary>A start that fails says why, in a sentence.</summary>
public sealed class StartTests(PostgresServer postgres) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-start-");

    [Theory]
    [InlineData("Fleet:Evry=00:10:00", "Fleet:Evry means nothing")]
    [InlineData("Fleet:Every=soon", "'soon' at 'Fleet:Every'")]
    [InlineData("Fleet:Every=00:00:10", "Fleet:Every must be at least a minute")]
    [InlineData("Fleet:KeepRunsFor=00:30:00", "Fleet:KeepRunsFor must be at least a day")]
    [InlineData("Fleet:RunsPerNode=many", "'many' at 'Fleet:RunsPerNode'")]
    [InlineData("Fleet:Hosts=fleet.example", "Fleet:Hosts takes no single value")]
    [InlineData("Fleet:Proxy:Adresses:0=10.0.0.1", "Fleet:Proxy:Adresses means nothing")]
    [InlineData("Fleet:Client:Timeot=00:00:30", "Fleet:Client:Timeot means nothing")]
    [InlineData("Fleet:Client:Timeout=long", "'long' at 'Fleet:Client:Timeout'")]
    [InlineData("Fleet:Secret=short", "Fleet:Secret must have at least 16 characters")]
    [InlineData("Fleet:Database=Hostt=db", "Fleet:Database cannot be understood: Couldn't set hostt")]
    [InlineData("Fleet:Servers:smiths:Tokn=x", "Fleet:Servers:smiths:Tokn means nothing")]
    public async Task Setting_that_cannot_be_meant_is_named(string setting, string sentence) =>
        Assert.Contains(await FailAsync($"--{setting}"), told => told.Contains(sentence, StringComparison.Ordinal));

    [Fact]
    public async Task File_with_the_secret_that_is_not_there_is_named() =>
        Assert.StartsWith(
            "Fleet:SecretFile cannot be read: ",
            Assert.Single(await FailAsync("--Fleet:Secret=", "--Fleet:SecretFile=/nowhere/secret")),
            StringComparison.Ordinal);

    [Fact]
    public async Task Database_that_is_not_there_is_named()
    {
        var database = (await postgres.CreateDatabaseAsync()).Replace("Database=fleet", "Database=nowhere", StringComparison.Ordinal);

        var sentence = Assert.Single(await FailAsync($"--Fleet:Database={database}"));

        Assert.Matches("^The database \\(Fleet:Database\\) refuses: database \"nowhere[0-9]+\" does not exist\\.$", sentence);
    }

    [Fact]
    public async Task Folder_of_keys_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        Assert.Contains(file, Assert.Single(await FailAsync($"--Fleet:KeyFolder={file}")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<IReadOnlyList<string>> FailAsync(params string[] settings)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var node = FleetHost.Build(
            [
                "--urls=http://127.0.0.1:0", $"--Fleet:Database={await postgres.CreateDatabaseAsync()}",
                $"--Fleet:Secret={RunningNode.Secret}", $"--Fleet:KeyFolder={Path.Combine(_folder.FullName, "keys")}", .. settings,
            ]);
            await node.StartAsync(TestContext.Current.CancellationToken);
        });
        return StartFailure.Describe(failure) ?? throw failure;
    }
}
