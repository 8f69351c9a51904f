using System.Text.Json;
using System.Text.Json.Nodes;
using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Real;

/// <summary>The open points of docs/plex-facts.md §13, asked of the simulator, and of a real server where one is named.</summary>
/// <remarks>
/// <c>PLEXSYNC_REAL_SERVER</c> is its address; films there are marked. <c>PLEXSYNC_REAL_TOKEN</c> only if somebody has signed in to it.
/// <c>PLEXSYNC_REAL_ANSWERS</c> names a file for the answers. <c>tests/real-pms.sh</c> prepares such a server.
/// </remarks>
public sealed class RealServerTests
{
    [Fact]
    public async Task A_real_server_answers()
    {
        var address = Environment.GetEnvironmentVariable("PLEXSYNC_REAL_SERVER");
        Assert.SkipUnless(Uri.TryCreate(address, UriKind.Absolute, out var server), "PLEXSYNC_REAL_SERVER names no real server.");
        using var questions = new OpenQuestions(
            server, Environment.GetEnvironmentVariable("PLEXSYNC_REAL_TOKEN"), () => Task.Delay(TimeSpan.FromSeconds(2)));
        try
        {
            await questions.AskAllAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            Write(questions.Answers);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_simulator_answers_as_its_switches_say(bool otherwise)
    {
        var clock = new LeapingTime();
        var world = Worlds.Large(movies: 40, shows: 0, clock: clock);
        world.Server.Switches.ScrobbleKeepsPosition = otherwise;
        world.Server.Switches.StoresPositionsNearEnd = otherwise;
        world.Server.Switches.RepeatedPositionsMoveDate = otherwise;
        await using var plex = await PlexSimulator.StartAsync(world);
        using var questions = new OpenQuestions(plex.ServerUrl, world.Server.TokenOf(world.Owner), () =>
        {
            clock.Leap(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        });
        await questions.AskAllAsync(TestContext.Current.CancellationToken);

        var answers = questions.Answers;
        var yesOrNo = otherwise ? "yes" : "no";
        Assert.Equal(yesOrNo, answers["Does scrobble keep the position?"]);
        Assert.StartsWith(yesOrNo, answers["Is a lone position at or above the threshold kept?"]);
        Assert.Equal(yesOrNo, answers["Does the same position again move lastViewedAt?"]);
        Assert.Equal("no", answers["Is a position of 60 seconds kept?"]);
        Assert.Equal("yes", answers["Is a position of 61 seconds kept?"]);
        Assert.Equal("200, 1 views", answers["Does PUT work?"]);
        Assert.Equal("404", answers["What is answered to a position on an item that is not there?"]);
    }

    private static void Write(Dictionary<string, string> answers)
    {
        var document = new JsonObject();
        foreach (var (question, answer) in answers)
        {
            document[question] = JsonValue.Create(answer);
        }

        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true })) document.WriteTo(writer);
        var file = Environment.GetEnvironmentVariable("PLEXSYNC_REAL_ANSWERS");
        if (!string.IsNullOrEmpty(file)) File.WriteAllBytes(file, text.ToArray());
        TestContext.Current.TestOutputHelper?.WriteLine(System.Text.Encoding.UTF8.GetString(text.ToArray()));
    }
}
