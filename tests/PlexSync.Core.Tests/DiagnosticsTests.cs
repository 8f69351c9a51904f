using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using PlexSync.Tests;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests;

/// <summary><c>docs/diagnostics.md</c> lists what the code tells, and what it tells of requests is what they were.</summary>
public sealed partial class DiagnosticsTests
{
    private static readonly string Document = Repository.Read("docs/diagnostics.md");

    [Fact]
    public void Every_event_is_documented_with_its_id_and_level() => Assert.Equal(
        EventsInCode().Matches(Sources()).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").Order(StringComparer.Ordinal),
        EventsInTable().Matches(Document).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}"));

    [Fact]
    public void Every_activity_is_documented() => Assert.Equal(
        PhasesInCode().Matches(Sources()).Select(match => $"plexsync.{match.Groups[1].Value}").Distinct().Order(StringComparer.Ordinal),
        ActivitiesInTable().Matches(Section("Traces")).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_instrument_is_documented_with_its_type_and_unit()
    {
        // Instruments are there once something was sent, and once something was planned.
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        RuntimeHelpers.RunClassConstructor(typeof(SyncDiagnostics).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(PhaseScope).TypeHandle);
        using var telemetry = new Telemetry();

        Assert.Equal(
            telemetry.Instruments
                .Select(instrument =>
                    $"{instrument.Name} {instrument.GetType().Name.Split('`')[0].ToLowerInvariant()} {instrument.Unit}")
                .Order(StringComparer.Ordinal),
            InstrumentsInTable().Matches(Section("Metrics"))
                .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value} {match.Groups[3].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Meter_has_the_version_of_the_library()
    {
        using var fake = new PlexFake();
        await fake.ConnectAsync();
        using var telemetry = new Telemetry();

        Assert.All(
            telemetry.Instruments,
            instrument => Assert.Equal(typeof(PlexClient).Assembly.GetName().Version!.ToString(3), instrument.Meter.Version));
        Assert.NotEmpty(telemetry.Instruments);
    }

    [Fact]
    public async Task Requests_and_retries_are_counted_with_what_came_of_them()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        var before = fake.Client.Requests;
        var answers = new Queue<HttpStatusCode>([HttpStatusCode.ServiceUnavailable, HttpStatusCode.InternalServerError, HttpStatusCode.OK]);
        fake.Server("/library/sections").Respond(_ => new HttpResponseMessage(answers.Dequeue())
        {
            Content = new StringContent("""{"MediaContainer":{"size":0}}""", System.Text.Encoding.UTF8, "application/json"),
        });
        fake.Server("/:/scrobble").Respond(HttpStatusCode.OK);
        using var telemetry = new Telemetry();

        await server.GetLibrariesAsync();
        await server.MarkWatchedAsync(RatingKey.Parse("42"));

        Assert.Equal(
            new Dictionary<string,
            long>
            { ["unavailable 503 read"] = 1, ["serverError 500 read"] = 1, ["200 read"] = 1, ["200 write"] = 1 },
            telemetry.Count("plexsync.requests"));
        Assert.Equal(new Dictionary<string, long> { ["unavailable"] = 1, ["serverError"] = 1 }, telemetry.Count("plexsync.retries"));
        Assert.Equal(
            fake.Client.Requests.Reads - before.Reads + fake.Client.Requests.Writes, telemetry.Of("plexsync.request.duration").Count());
    }

    [Fact]
    public async Task Request_without_an_answer_has_an_error_and_no_status()
    {
        using var fake = new PlexFake(options => (options.Timeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(20), 0));
        fake.Account("/api/v2/user").Respond(async () =>
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return new HttpResponseMessage();
        });
        using var telemetry = new Telemetry();

        await Assert.ThrowsAsync<PlexException>(() => fake.Client.SignInAsync(PlexFake.OwnerToken));

        Assert.Equal(new Dictionary<string, long> { ["timeout read"] = 1 }, telemetry.Count("plexsync.requests"));
    }

    [Fact]
    public async Task Request_that_is_cancelled_is_counted_as_cancelled()
    {
        using var fake = new PlexFake();
        using var cancellation = new CancellationTokenSource();
        fake.Account("/api/v2/user").Respond(async () =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return new HttpResponseMessage();
        });
        using var telemetry = new Telemetry();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fake.Client.SignInAsync(PlexFake.OwnerToken, cancellation.Token));

        Assert.Equal(new Dictionary<string, long> { ["cancelled read"] = 1 }, telemetry.Count("plexsync.requests"));
    }

    [Fact]
    public async Task No_tag_repeats_what_a_server_says_not_even_as_the_key_of_a_library()
    {
        using var fake = new PlexFake();
        var server = await fake.ConnectAsync();
        const string Echo = "owner-server-token00";
        fake.Server("/library/sections")
            .RespondJson($$$"""{"MediaContainer":{"size":1,"Directory":[{"key":"{{{Echo}}}","type":"movie","title":"{{{Echo}}}"}]}}""");
        fake.Server($"/library/sections/{Echo}/all").Respond(HttpStatusCode.BadRequest, "application/json", $$"""{"error":"{{Echo}}"}""");
        using var telemetry = new Telemetry();

        await Assert.ThrowsAsync<PlexException>(() => new WatchStateSynchronizer().SaveSnapshotAsync(server, Stream.Null));

        Assert.Equal("rejected", Assert.Single(telemetry.Named("plexsync.read")).GetTagItem("error.type"));
        Assert.DoesNotContain(telemetry.Tags, tag => $"{tag.Value}".Contains(Echo, StringComparison.Ordinal));
    }

    private static string Sources() => string.Join('\n', new[] { "src/PlexSync.Core", "src/PlexSync.Hosting" }
        .SelectMany(static project => Repository.FindCode(project).Select(path => Repository.Read($"{project}/{path}"))));

    private static string Section(string title) =>
        Document.Split("\n## ").Single(section => section.StartsWith(title, StringComparison.Ordinal));

    [GeneratedRegex(@"\[LoggerMessage\(\s*(\d+),\s*LogLevel\.(\w+)")]
    private static partial Regex EventsInCode();

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex EventsInTable();

    [GeneratedRegex(@"PhaseScope\.(?:Begin|RunAsync)\(\s*""(\w+)""")]
    private static partial Regex PhasesInCode();

    [GeneratedRegex(@"^\| `(plexsync\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex ActivitiesInTable();

    [GeneratedRegex(@"^\| `(plexsync\.[\w.]+)` \| (\w+) \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentsInTable();
}
