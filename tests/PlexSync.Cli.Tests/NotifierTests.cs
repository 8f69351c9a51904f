using Microsoft.Extensions.Time.Testing;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Tests;

/// <summary>Who is told that a job fails, how often, and that the address stays a secret.</summary>
public sealed class NotifierTests : IDisposable
{
    private static readonly Failure Away = new("unreachable", "The server is away.", 4);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero));
    private readonly StringWriter _error = new();
    private readonly JobStatus _job = new("kid", default);

    [Fact]
    public async Task A_failure_and_a_recovery_are_told_once()
    {
        await using var hook = new Hook();
        await using var notifier = Create(hook);
        notifier.Consider(_job);

        Fail(Away);
        for (var again = 0; again < 3; again++)
        {
            notifier.Consider(_job);
        }

        var failed = await hook.HearAsync();
        _job.Recover(_time.GetUtcNow());
        notifier.Consider(_job);
        notifier.Consider(_job);
        var recovered = await hook.HearAsync();

        Assert.Equal(2, hook.Heard.Count);
        Assert.Equal("PlexSync: the job “kid” fails", failed.GetProperty("title").GetString());
        Assert.Equal("The server is away.", failed.GetProperty("message").GetString());
        Assert.Equal("PlexSync: the job “kid” fails\nThe server is away.", failed.GetProperty("content").GetString());
        Assert.Equal(failed.GetProperty("content").GetString(), failed.GetProperty("text").GetString());
        Assert.Equal(
            ("failed", "kid", "unreachable", "2026-11-22T10:00:00Z"),
            (failed.GetProperty("event").GetString(), failed.GetProperty("job").GetString(), failed.GetProperty("kind").GetString(),
                failed.GetProperty("time").GetString()));
        Assert.Equal(("recovered", "unreachable"), (recovered.GetProperty("event").GetString(), recovered.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_limit_that_refuses_is_told_as_such()
    {
        await using var hook = new Hook();
        await using var notifier = Create(hook);

        Fail(new Failure("tooManyRemovals", "Too much would be taken away.", 6));
        notifier.Consider(_job);

        Assert.Equal("refused", (await hook.HearAsync()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task What_comes_and_goes_is_told_once_an_hour_and_then_as_it_is()
    {
        await using var hook = new Hook();
        await using var notifier = Create(hook);
        for (var minute = 0; minute < 50; minute++)
        {
            Fail(Away);
            notifier.Consider(_job);
            _job.Recover(_time.GetUtcNow());
            notifier.Consider(_job);
            // The clock must not outrun what is on its way.
            await notifier.WhenSentAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Fail(Away);
        notifier.Consider(_job);
        await hook.HearAsync();
        await hook.HearAsync();
        Assert.Equal(2, hook.Heard.Count);
        _time.Advance(Hour / 6);
        notifier.Consider(_job);

        Assert.Equal("failed", (await hook.HearAsync()).GetProperty("event").GetString());
        Assert.Equal(3, hook.Heard.Count);
    }

    [Fact]
    public async Task Another_cause_or_another_job_has_an_hour_of_its_own()
    {
        await using var hook = new Hook();
        await using var notifier = Create(hook);
        var other = new JobStatus("us", default);
        other.Fail(Away, _time.GetUtcNow(), Hour);

        Fail(Away);
        notifier.Consider(_job);
        notifier.Consider(other);
        Fail(Away with { Kind = "invalidToken" });
        notifier.Consider(_job);
        await hook.HearAsync();
        await hook.HearAsync();
        await hook.HearAsync();

        Assert.Equal(
            ["kid unreachable", "us unreachable", "kid invalidToken"],
            hook.Heard.Select(static one => $"{one.GetProperty("job")} {one.GetProperty("kind")}"));
    }

    [Fact]
    public async Task A_hook_that_hangs_holds_up_nobody_and_is_warned_of_once_an_hour()
    {
        await using var hook = new Hook { Answer = null };
        await using var notifier = Create(hook);
        for (var kind = 0; kind < 3; kind++)
        {
            Fail(Away with { Kind = $"kind{kind}" });
            notifier.Consider(_job);
        }

        for (var kind = 0; kind < 3; kind++)
        {
            await hook.HearAsync();
            _time.Advance(TimeSpan.FromSeconds(11));
        }

        await notifier.WhenSentAsync();
        Assert.Equal(
            "Warning: The notification was not delivered: the address did not answer within 10 s. The jobs go on.\n", $"{_error}");
    }

    [Fact]
    public async Task A_hook_that_answers_500_is_warned_of_and_told_again_after_an_hour()
    {
        await using var hook = new Hook { Answer = 500 };
        await using var notifier = Create(hook);
        Fail(Away);
        notifier.Consider(_job);
        await hook.HearAsync();
        await notifier.WhenSentAsync();

        notifier.Consider(_job);
        Assert.Single(hook.Heard);
        hook.Answer = 200;
        _time.Advance(Hour);
        notifier.Consider(_job);

        Assert.Equal("failed", (await hook.HearAsync()).GetProperty("event").GetString());
        Assert.Equal("Warning: The notification was not delivered: the address answered 500. The jobs go on.\n", $"{_error}");
    }

    [Fact]
    public async Task A_hook_that_is_not_there_is_warned_of_without_its_address()
    {
        var hook = new Hook();
        await hook.DisposeAsync();
        await using var notifier = Create(hook);

        Fail(Away);
        notifier.Consider(_job);
        await notifier.WhenSentAsync();

        Assert.Equal("Warning: The notification was not delivered: the address could not be reached. The jobs go on.\n", $"{_error}");
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var hook = new Hook { Answer = 302 };
        await using var notifier = Create(hook);

        Fail(Away);
        notifier.Consider(_job);
        await hook.HearAsync();
        await notifier.WhenSentAsync();

        Assert.Contains("the address answered 302", $"{_error}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_tells_of_a_job_that_fails_and_works_again_and_its_hook_appears_nowhere()
    {
        await using var household = await WatchedHousehold.StartAsync();
        await using var hook = new Hook();
        household.Environment["PLEXSYNC_NOTIFY"] = $"{hook.Url}";
        household.Plex.Faults.On("/library/sections").Status(503);
        await using var watch = Watching.Start(household, "--to", "Kid", "--verbose");
        var failed = await hook.HearAsync();
        hook.Answer = 500;
        household.Plex.Faults.Clear();
        var recovered = await hook.HearAsync();
        await watch.SeeAsync("works again");
        await watch.SeeErrorAsync("the address answered 500");
        var result = await watch.StopAsync();

        Assert.Equal(("failed", "watch"), (failed.GetProperty("event").GetString(), failed.GetProperty("job").GetString()));
        Assert.Equal("In step again: Owner → Kid on “NAS”.", recovered.GetProperty("message").GetString());
        Assert.Equal(0, result.ExitCode);
        var files = Directory.EnumerateFiles(household.Folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText);
        Assert.All(
            files.Append(result.Out).Append(result.Error).Append($"{failed}"),
            static text => Assert.DoesNotContain(Hook.Secret, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ftp://example.org/5ecr3t")]
    [InlineData("5ecr3t")]
    [InlineData("http:///5ecr3t")]
    [InlineData("https://me:5ecr3t@example.org/")]
    [InlineData("https://example.org/5ecr3t https://example.org/")]
    public async Task What_is_no_address_of_a_hook_is_refused_without_showing_it(string text)
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_NOTIFY"] = text;
        var variable = await household.RunAsync("watch", "--to", "Kid");
        var file = household.WriteFile("hook", $"{text}\n");
        household.Environment["PLEXSYNC_NOTIFY"] = "https://example.org/";
        var option = await household.RunAsync("watch", "--to", "Kid", "--notify-file", file);

        Assert.Equal((2, 2), (variable.ExitCode, option.ExitCode));
        Assert.StartsWith("plexsync: PLEXSYNC_NOTIFY does not contain a valid address", variable.Error, StringComparison.Ordinal);
        Assert.StartsWith($"plexsync: {file} does not contain a valid address", option.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Hook.Secret, variable.Error + option.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_option_that_others_could_read_it_from()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("watch", "--to", "Kid", $"--notify=https://example.org/{Hook.Secret}");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Use PLEXSYNC_NOTIFY or --notify-file.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Hook.Secret, result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _error.Dispose();

    private void Fail(Failure failure) => _job.Fail(failure, _time.GetUtcNow(), TimeSpan.FromSeconds(10));

    private Notifier Create(Hook hook)
    {
        var environment = new Dictionary<string, string>();
        var around = new ConsoleEnvironment
        {
            In = TextReader.Null,
            Out = TextWriter.Null,
            Error = _error,
            Environment = environment,
            Time = _time,
        };
        return new Notifier(hook.Url, new CommandContext(around, Settings.WithoutFile([], new Dictionary<string, Given>(), environment)));
    }
}
