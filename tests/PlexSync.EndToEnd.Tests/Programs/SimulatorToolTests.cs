namespace PlexSync.EndToEnd.Tests.Programs;

/// <summary>The simulator as a program of its own.</summary>
public sealed class SimulatorToolTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task It_says_where_it_is_obeys_and_ends_with_0_at_ctrl_c()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Ctrl+C cannot be sent there.");
        using var tool = Start("--world", "small");
        var said = (await tool.ReadUntilAsync("ready")).Where(static line => !line.StartsWith('#')).SkipLast(1)
            .Select(static line => line.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
        using var client = new HttpClient { DefaultRequestHeaders = { { "X-Plex-Token", said["serverToken.Owner"] } } };

        var libraries = await client.GetStringAsync($"{said["serverUrl"]}/library/sections", TestContext.Current.CancellationToken);
        await tool.WriteLineAsync("watched Kid 2");
        await tool.WriteLineAsync("state Kid");
        var state = (await tool.ReadUntilAsync("inProgress"))[^1];

        Assert.Contains("TV Shows", libraries, StringComparison.Ordinal);
        Assert.Equal(("4321", "watched=2 inProgress=0"), (said["pin.Teen"], state));
        Assert.Equal(0, await tool.InterruptAsync());
    }

    [Theory]
    [InlineData("--world", "nowhere")]
    [InlineData("--port", "seventy")]
    [InlineData("--port", "70000")]
    [InlineData("--items", "100")]
    [InlineData("--latency", "-1")]
    [InlineData("--nope")]
    [InlineData("small")]
    public async Task Arguments_without_sense_are_one_sentence_and_exit_2(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Help_and_version_are_answered()
    {
        var help = await RunAsync("--help");
        var version = await RunAsync("--version");

        Assert.Equal((0, 0), (help.ExitCode, version.ExitCode));
        Assert.StartsWith("Usage: plexsync-simulator [--world <NAME>]", help.Out, StringComparison.Ordinal);
        Assert.Matches(@"^plexsync-simulator \d+\.\d+\.\d+[-.\w]*\r?\n$", version.Out);
    }

    [Fact]
    public async Task It_ends_with_its_input()
    {
        var (exitCode, output, error) = await RunAsync("-w", "twoservers");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("token2.Nina=", output, StringComparison.Ordinal);
    }

    private static ManagedProgram Start(params string[] arguments) =>
        ManagedProgram.Start("src/PlexSync.Simulator", "plexsync-simulator", Nothing, arguments);

    private static Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) =>
        ManagedProgram.RunAsync("src/PlexSync.Simulator", "plexsync-simulator", Nothing, arguments);
}
