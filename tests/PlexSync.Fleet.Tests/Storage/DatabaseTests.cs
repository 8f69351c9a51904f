namespace PlexSync.Fleet.Tests.Storage;

public sealed class DatabaseTests(PostgresServer postgres)
{
    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_of_a_server_with_a_zero_is_stored_without_it()
    {
        await using var database = await TestDatabase.CreateAsync(postgres);

        var text = await database.Open().QueryAsync("select $1", ["before\0after"], static row => row.GetString(0), Stopping);

        Assert.Equal("before\uFFFDafter", Assert.Single(text));
    }
}
