using PlexSync.Cli.Output;
namespace PlexSync.Cli.Tests;

public sealed class CancellationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_while_writing_reports_what_was_written(bool json)
    {
        await using var household = await Household.StartAsync();
        using var stop = new CancellationTokenSource();
        household.CancelAtWrite(2, stop);

        var result = await household.RunAsync(
            ["sync", "--to", "Kid", "--to", "Friend", "--concurrency", "1", .. json ? new[] { "--json" } : []], stop.Token);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("Stopped. The report shows what was written.", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, household.Server.Writes.Count);
        if (json)
        {
            var targets = result.Json.GetProperty("targets");
            Assert.Equal(2, targets.GetArrayLength());
            Assert.Equal(2, targets[0].GetProperty("applied").GetInt32());
            Assert.Equal(0, targets[1].GetProperty("applied").GetInt32());
            Assert.Equal("cancelled", result.Json.GetProperty("error").GetProperty("kind").GetString());
        }
        else
        {
            Assert.Contains("Kid: 2 items updated, 6 not tried.", result.Lines);
            Assert.Equal(2, result.Lines.Count(static line => line.StartsWith("[WATCHED]", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task What_follows_upon_a_question_without_an_answer_begins_a_new_line()
    {
        using var stop = new CancellationTokenSource();
        using var error = new StringWriter();
        var messages = new Messages(
            new ConsoleEnvironment
            {
                In = TextReader.Null,
                Out = TextWriter.Null,
                Error = error,
                Environment = new Dictionary<string, string>(),
                Terminal = new Terminal { IsInput = true, IsError = true, ReadSecretAsync = PressCtrlCAsync },
            },
            Texts.Of("en"),
            isQuiet: false,
            isVerbose: false,
            hasColor: false);

        Assert.Null(await messages.AskLineAsync("Ended?", TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => messages.AskSecretAsync("PIN: ", stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => messages.AskLineAsync("Stopped?", stop.Token));

        Assert.Equal("Ended? \nPIN: \nStopped? \n", $"{error}");

        async Task<string?> PressCtrlCAsync(CancellationToken cancellationToken)
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    [Fact]
    public async Task Cancelled_while_reading_writes_nothing()
    {
        await using var household = await Household.StartAsync();
        using var stop = new CancellationTokenSource();
        household.Plex.Faults.On(request =>
        {
            if (request.Path.EndsWith("/all", StringComparison.Ordinal))
            {
                stop.Cancel();
            }

            return false;
        });

        var result = await household.RunAsync(["sync", "--to", "Kid"], stop.Token);

        Assert.Equal(130, result.ExitCode);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task A_run_after_a_cancelled_one_completes_the_work()
    {
        await using var household = await Household.StartAsync();
        using var stop = new CancellationTokenSource();
        household.Plex.Faults.On(request =>
        {
            if (request.IsWrite)
            {
                stop.Cancel();
            }

            return false;
        });
        await household.RunAsync(["sync", "--to", "Kid"], stop.Token);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.All(new[] { 2, 3, 5, 13, 14, 15 }, key => Assert.Equal(1, household.Of(household.Kid, key).ViewCount));
    }
}
