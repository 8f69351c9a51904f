using Microsoft.Extensions.Options;
using PlexSync.Hosting;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Hosted;

/// <summary>A host whose options are wrong does not start, and says in a sentence which key it is.</summary>
public sealed class HostOptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-hosted-");

    [Theory]
    [InlineData("Token", "", "PlexSync:Token is missing, the token of the server's owner: set the variable PlexSync__Token, or a secret.")]
    [InlineData("StateFolder", " ", "PlexSync:StateFolder is missing: a folder for the journal.")]
    [InlineData("Server", "nas:32400", "PlexSync:Server must be ")]
    [InlineData("Server", "http://nas:32400/?X-Plex-Token=secret", "PlexSync:Server must be ")]
    [InlineData("Jobs:kid:Server", "ftp://nas", "PlexSync:Jobs:kid:Server must be ")]
    [InlineData("Live:Poll", "00:00:01", "PlexSync:Live:Poll: Poll does not take '00:00:01'.")]
    [InlineData("Live:Every", "soon", "Failed to convert configuration value 'soon' at 'PlexSync:Live:Every' to type 'System.TimeSpan'.")]
    [InlineData("Live:Bursts", "1", "PlexSync:Live:Bursts means nothing; known there are Poll, Every, Burst, AllowLoops, RequiresStart.")]
    [InlineData("Client:PageSize", "5000", "PlexSync:Client:PageSize must be between 1 and 1000.")]
    [InlineData("Client:Tiemout", "1", "PlexSync:Client:Tiemout means nothing; ")]
    [InlineData("Tokens", "a", "PlexSync:Tokens means nothing; ")]
    [InlineData("Server:0", "NAS", "PlexSync:Server takes a single value.")]
    [InlineData("Jobs:kid:Form", "Kid", "PlexSync:Jobs:kid:Form means nothing; ")]
    [InlineData("Jobs:kid:Name", "Kid", "PlexSync:Jobs:kid:Name means nothing; ")]
    [InlineData("Jobs:kid:Libraries", "Movies", "PlexSync:Jobs:kid:Libraries takes no single value, ")]
    [InlineData("Jobs:kid:ToAll", "true", "PlexSync:Jobs:kid:To: The job 'kid' has To and ToAll")]
    [InlineData("Jobs:kid:ToAll", "yes", "Failed to convert configuration value 'yes' at 'PlexSync:Jobs:kid:ToAll' ")]
    [InlineData("Jobs:kid:Policy", "merge", "PlexSync:Jobs:kid:Policy: ")]
    [InlineData("Jobs:empty:From", "Kid", "PlexSync:Jobs:empty:To: The job 'empty' has none of To, ToAll and Users.")]
    public async Task Host_does_not_start_when_an_option_makes_no_sense(string key, string value, string sentence)
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        (string, string?)[] settings = [($"PlexSync:{key}", value)];
        await using var host = TestHost.Create(
            plex, _folder.FullName, settings: key is "Server:0" ? [.. settings, ("PlexSync:Server", null)] : settings);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.StartsWith(sentence, Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("secret=", error.Message, StringComparison.Ordinal);
        Assert.Empty(plex.Requests.All);
    }

    [Fact]
    public async Task Host_does_not_start_without_a_job()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName, settings: ("PlexSync:Jobs:kid:To:0", null));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Equal(
            "PlexSync:Jobs is missing: a job at least, such as PlexSync:Jobs:kid:To:0.", Assert.Single(error.Failures));
    }

    [Fact]
    public async Task Every_failure_is_told_at_once()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(
            plex, _folder.FullName, settings: [("PlexSync:Token", ""), ("PlexSync:Live:Burst", "0"), ("PlexSync:Jobs:kid:Since", "soon")]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Equal(3, error.Failures.Count());
    }

    [Theory]
    [InlineData("PlexSync:Jobs:kid:Quorum", "2", "Users")]
    [InlineData("PlexSync:Jobs:kid:Labels", "Together", "Labels")]
    public async Task Choice_that_makes_no_sense_is_told_by_its_key(string key, string value, string told)
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        await using var host = TestHost.Create(plex, _folder.FullName, settings: [(key, value)]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Contains($"PlexSync:Jobs:kid:{told}", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_are_known_are_all_there_are()
    {
        Assert.Equal(Settable<SyncJob>().Where(static name => name is not nameof(SyncJob.Name)), ConfigurationReader.JobKeys.Order());
        Assert.Equal(Settable<LiveOptions>(), ConfigurationReader.LiveKeys.Order());
        Assert.Equal(Settable<PlexClientOptions>(), ConfigurationReader.ClientKeys.Order());
        Assert.Equal(
            typeof(SyncJob).GetProperties()
                .Where(static property => property.CanWrite && property.PropertyType == typeof(IReadOnlyList<string>))
                .Select(static property => property.Name).Order(),
            ConfigurationReader.JobLists.Order());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Settable<T>() =>
        typeof(T).GetProperties().Where(static property => property.CanWrite).Select(static property => property.Name).Order();
}
