using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using PlexSync.Fleet.Catalogue;

namespace PlexSync.Fleet.Tests.Catalogue;

public sealed class ConfiguredServersTests
{
    [Fact]
    public void Server_is_read_with_its_jobs()
    {
        var (server, secrets) = Assert.Single(Read(
            ("home:Token", "the-token"), ("home:Server", "http://nas:32400"), ("home:Every", "00:30:00"), ("home:Pins:Teen", "4321"),
            ("home:Pins:id:1003", "1234"), ("home:Jobs:kid:To:0", "Kid"), ("home:Jobs:kid:Types:0", "movie"),
            ("home:Jobs:sofa:Users:0", "A"), ("home:Jobs:sofa:Users:1", "B")));

        Assert.Equal(("home", "http://nas:32400", TimeSpan.FromMinutes(30), false, true), (
            server.Name, server.Server, server.Every, server.IsLive, server.IsConfigured));
        Assert.Equal(["kid", "sofa"], server.Jobs.Select(static job => job.Name));
        Assert.All(server.Jobs, static job => Assert.Equal("http://nas:32400", job.Job.Server));
        Assert.Equal("the-token", secrets.Token);
        Assert.Equal(("4321", "1234"), (secrets.Pins["Teen"], secrets.Pins["id:1003"]));
        Assert.DoesNotContain("the-token", $"{secrets}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("home:Tokn", "x", "home:Tokn means nothing")]
    [InlineData("home:Jobs:kid:Two:0", "Kid", "home:Jobs:kid:Two means nothing")]
    [InlineData("home:Jobs:kid:Server", "x", "home:Jobs:kid:Server means nothing")]
    [InlineData("home:Jobs:kid:TwoWay", "maybe", "home:Jobs:kid:TwoWay")]
    [InlineData("home:Jobs:kid:Policy", "nope", "home:Jobs:kid:Policy")]
    [InlineData("home:Jobs:other:Libraries:0", "Movies", "home:Jobs:other:To")]
    [InlineData("home:Every", "00:00:10", "home:Every must be at least a minute")]
    [InlineData("home:Every", "soon", "home:Every")]
    [InlineData("home:Live", "sometimes", "home:Live")]
    [InlineData("home:Token", " ", "home:Token is missing")]
    public void What_cannot_be_meant_is_refused_by_its_key(string key, string value, string failure)
    {
        var refused = Assert.Throws<OptionsValidationException>(
            () => Read(("home:Token", "the-token"), ("home:Jobs:kid:To:0", "Kid"), (key, value)));

        Assert.Contains(refused.Failures, told => told.Contains(failure, StringComparison.Ordinal));
        Assert.DoesNotContain("the-token", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<(FleetServer Server, ServerSecrets Secrets)> Read(params (string Key, string Value)[] settings) =>
        ConfiguredServers.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Reverse().DistinctBy(static one => one.Key).ToDictionary(
                static one => $"Fleet:Servers:{one.Key}", static one => (string?)one.Value))
            .Build().GetSection("Fleet:Servers"));
}
