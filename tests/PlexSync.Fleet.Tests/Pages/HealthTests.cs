using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Trace;
using PlexSync.Fleet.Health;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>What others ask a node to see whether it is well.</summary>
public sealed class HealthTests(PostgresServer postgres)
{
    [Theory]
    [InlineData("/health/live", false, HttpStatusCode.OK, "Healthy")]
    [InlineData("/health/ready", false, HttpStatusCode.OK, "Healthy")]
    [InlineData("/health/live", true, HttpStatusCode.OK, "Healthy")]
    [InlineData("/health/ready", true, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    public async Task Health_is_one_word(string path, bool isAway, HttpStatusCode status, string word)
    {
        await using var site = await FleetSite.StartAsync(postgres, isAway: isAway);
        using var client = site.Connect();

        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((status, word), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Visitors_who_ask_together_take_one_connection_to_the_database()
    {
        // It takes every connection, and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var database = new Database(
            $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=x;SSL Mode=Disable;GSS Encryption Mode=Disable",
            TimeProvider.System);
        var check = new DatabaseCheck(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => check.CheckHealthAsync(new HealthCheckContext())));

        Assert.All(answers, static answer => Assert.Equal(HealthStatus.Unhealthy, answer.Status));
        using var only = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.False(silent.Pending());
    }

    [Fact]
    public async Task Traces_are_made_only_where_they_are_sent_somewhere()
    {
        await using var quiet = await FleetSite.StartAsync(postgres);
        await using var traced = await FleetSite.StartAsync(postgres, telemetry: "http://127.0.0.1:1");

        Assert.Null(quiet.Services.GetService<TracerProvider>());
        Assert.NotNull(traced.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Metrics_are_told_to_who_has_the_secret()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect(FleetSite.Secret);
        await client.GetStringAsync(new Uri("/", UriKind.Relative));
        var text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Contains("http_server_request_duration_seconds_count", text, StringComparison.Ordinal);
        Assert.Contains("db_client", text, StringComparison.Ordinal);
        Assert.Contains("plexsync-fleet", text, StringComparison.Ordinal);
    }
}
