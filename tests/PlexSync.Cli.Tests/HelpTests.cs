using PlexSync.Cli.Output;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Helpful { get; } =
    [
        "--help", "-h", "", "sync --help", "users --help", "libraries --help", "servers --help", "login --help", "logout --help",
        "merge --help", "explain --help", "plan --help", "restore --help", "import --help", "undo --help", "doctor --help", "help sync",
        "help",
    ];

    public static TheoryData<string> Commands { get; } = [.. CommandCatalog.Instance.Commands.Select(static definition => definition.Name)];

    [Theory]
    [MemberData(nameof(Helpful))]
    public async Task Help_fits_80_columns_in_both_languages_and_touches_nothing(string line)
    {
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var folder = Path.Combine(Path.GetTempPath(), $"plexsync-none-{Guid.NewGuid():N}");
        foreach (var language in new[] { "en", "fr" })
        {
            var (exitCode, stdout, stderr) = await RunAsync(args, new() { ["HOME"] = folder, ["LANG"] = language });

            Assert.Equal((0, ""), (exitCode, stderr));
            Assert.Contains("plexsync", stdout, StringComparison.Ordinal);
            Assert.All(stdout.Split('\n'), static line => Assert.InRange(line.Length, 0, 80));
            Assert.False(Directory.Exists(folder));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_of_a_command_is_whole_in_both_languages(string command)
    {
        var definition = CommandCatalog.Instance.Commands.Single(definition => definition.Name == command);
        foreach (var (language, examples) in new[] { ("en", "Examples"), ("fr", "Exemples") })
        {
            var (exitCode, stdout, stderr) = await RunAsync([command, "--help"], new() { ["LANG"] = language });
            var lines = stdout.Split('\n');

            Assert.Equal((0, ""), (exitCode, stderr));
            Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
            Assert.Contains(lines, line => line.StartsWith($"  plexsync {command} ", StringComparison.Ordinal));
            Assert.All(
                definition.Settings.Concat(CommandCatalog.Instance.Common).Select(static setting => setting.Option)
                    .Concat(["--help", "--version"]),
                option => Assert.Single(lines, line => line.StartsWith("  -", StringComparison.Ordinal)
                    && line.Split(' ').First(static word => word.StartsWith("--", StringComparison.Ordinal)) == option));
            // Each example is told what it does.
            var shown = lines.SkipWhile(line => line != examples).Skip(1).TakeWhile(static line => line.Length > 0).ToList();
            Assert.True(shown.Count(static line => line.StartsWith("  # ", StringComparison.Ordinal)) >= 2, stdout);
            Assert.StartsWith("  # ", shown[0], StringComparison.Ordinal);
            Assert.Contains(shown, line => line.Contains($"plexsync {command}", StringComparison.Ordinal));
            Assert.Contains("plexsync --help", lines[^2], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(59)]
    [InlineData(72)]
    [InlineData(200)]
    public async Task Help_fits_the_terminal_and_no_line_grows_over_80_columns(int width)
    {
        foreach (var args in Helpful.Select(static row => row.Data.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            using var stdout = new StringWriter();
            using var stderr = new StringWriter();
            foreach (var language in new[] { "en", "fr" })
            {
                await App.RunAsync(
                    args, TextReader.Null, stdout, stderr, new Dictionary<string, string> { ["LANG"] = language, ["NO_COLOR"] = "1" },
                    new Terminal { IsOutput = true, Width = width }, TestContext.Current.CancellationToken);
            }

            // What has no space cannot be broken.
            Assert.All(
                stdout.ToString().Split('\n'),
                line => Assert.True(line.Length <= Math.Min(width, 80) || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public async Task Sentences_are_broken_between_words_on_a_terminal_and_whole_elsewhere(int width)
    {
        async Task<string> ComplainAsync(Terminal terminal)
        {
            using var stderr = new StringWriter();
            await App.RunAsync(
                ["sync", "--to", "Kid", "--since", "tomorrow"], TextReader.Null, TextWriter.Null, stderr, new Dictionary<string, string>(),
                terminal, TestContext.Current.CancellationToken);
            return Paint.Strip(stderr.ToString()).TrimEnd('\n');
        }

        var whole = await ComplainAsync(new Terminal { Width = width });
        var broken = await ComplainAsync(new Terminal { IsError = true, Width = width });

        Assert.DoesNotContain('\n', whole);
        Assert.Equal(whole, broken.Replace('\n', ' '));
        Assert.All(broken.Split('\n'), line => Assert.InRange(line.Length, 1, width));
    }

    [Theory]
    [InlineData("  one two three", 11, "  one two\n  three")]
    [InlineData("\e[31mone two\e[0m", 7, "\e[31mone two\e[0m")]
    [InlineData("\e[31mone two\e[0m", 6, "\e[31mone\ntwo\e[0m")]
    [InlineData("see /a/long/path here", 5, "see\n/a/long/path\nhere")]
    public void Lines_flow_with_their_indent_and_without_counting_colours(string line, int cells, string flown) =>
        Assert.Equal(flown, Cells.Flow(line, cells));

    [Fact]
    public async Task An_example_that_is_broken_can_be_copied_all_the_same()
    {
        using var stdout = new StringWriter();
        await App.RunAsync(
            ["sync", "--help"], TextReader.Null, stdout, TextWriter.Null, new Dictionary<string, string> { ["NO_COLOR"] = "1" },
            new Terminal { IsOutput = true, Width = 50 }, TestContext.Current.CancellationToken);

        Assert.Contains(
            "  plexsync sync --to Nina --to-server Den \\\n      --to-token-file den.token\n", stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_tells_of_every_command_exit_code_and_file()
    {
        var (_, stdout, _) = await RunAsync(["--help"], []);

        Assert.All(
            CommandCatalog.Instance.Commands,
            definition => Assert.Contains($"\n  {definition.Name} ", stdout, StringComparison.Ordinal));
        Assert.All(new[] { 0, 1, 2, 3, 4, 5, 6, 130 }, code => Assert.Contains($"\n  {code} ", stdout, StringComparison.Ordinal));
        Assert.Contains("config.json", stdout, StringComparison.Ordinal);
        Assert.Contains("$PLEXSYNC_HOME", stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("__complete", stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_reads_no_configuration()
    {
        var home = Directory.CreateTempSubdirectory("plexsync-test-").FullName;
        Directory.CreateDirectory(Path.Combine(home, ".config", "plexsync"));
        await File.WriteAllTextAsync(
            Path.Combine(home, ".config", "plexsync", "config.json"), "broken", TestContext.Current.CancellationToken);

        Assert.Equal(0, (await RunAsync(["sync", "--help"], new() { ["HOME"] = home })).ExitCode);
        Assert.Equal(2, (await RunAsync(["sync"], new() { ["HOME"] = home })).ExitCode);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        var (exitCode, stdout, _) = await RunAsync(["--version"], []);

        Assert.Equal(0, exitCode);
        Assert.Matches("^plexsync [0-9]+\\.[0-9]+\\.[0-9]+\n$", stdout);
    }

    [Theory]
    [InlineData("Unknown command “snyc”. Did you mean “sync”?", "snyc")]
    [InlineData("Unknown command “frobnicate”. See “plexsync --help”.", "frobnicate")]
    [InlineData("Unknown option --dryrun. Did you mean --dry-run?", "sync", "--dryrun")]
    [InlineData("Unknown option --tp. Did you mean --to?", "sync", "--from", "--tp", "Kid")]
    [InlineData("“plexsync users” has no option --to. See “plexsync users --help”.", "users", "--to", "Kid")]
    [InlineData("Unknown option -x. See “plexsync sync --help”.", "sync", "-x")]
    [InlineData("--from needs a value.", "sync", "--from", "--to", "Kid")]
    [InlineData("--to needs a value.", "sync", "--to")]
    [InlineData("--from can be used only once.", "sync", "--from", "A", "--from", "B")]
    [InlineData("Unexpected “Kid” after “sync”", "sync", "Kid")]
    [InlineData("Unexpected “@args” after “sync”", "sync", "@args")]
    [InlineData("Put --dry-run after a command. Commands that accept it: sync,", "--dry-run", "sync", "--to", "Kid")]
    [InlineData("--page-size is “1001”; it must be a whole number from 1 to 1000.", "sync", "--page-size", "1001")]
    [InlineData("--concurrency is “nine”; it must be auto or a whole number from 1 to 16.", "sync", "--concurrency=nine")]
    [InlineData("--timeout is “-1”", "sync", "--timeout=-1")]
    [InlineData("--lang is “de”; it must be en or fr.", "sync", "--lang", "de")]
    [InlineData("--dry-run is “maybe”; it must be true or false.", "sync", "--dry-run=maybe")]
    [InlineData("--account-url is not a valid address", "sync", "--account-url", "ftp://plex.tv")]
    [InlineData("No target user: use --to, PLEXSYNC_TO or “to” in config.json. “plexsync users” lists all users.", "sync")]
    [InlineData(
        "--policy is “mine”; it must be one of: copy, fill, furthest, newest, mirror.", "sync", "--to", "Kid", "--policy", "mine")]
    public async Task Wrong_words_are_answered_with_one_sentence(string sentence, params string[] args)
    {
        var (exitCode, stdout, stderr) = await RunAsync(args, []);

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"plexsync: {sentence}", stderr, StringComparison.Ordinal);
        Assert.Equal(1, stderr.Count(static letter => letter == '\n'));
        Assert.Equal("", stdout);
    }

    [Fact]
    public async Task A_token_as_an_argument_is_refused_and_not_repeated()
    {
        var (exitCode, stdout, stderr) = await RunAsync(["sync", "--token=abcSECRETdef"], []);

        Assert.Equal(2, exitCode);
        Assert.Contains("--token-file", stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", stdout + stderr, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Out, string Error)> RunAsync(string[] args, Dictionary<string, string> environment)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        var exitCode = await App.RunAsync(args, TextReader.Null, stdout, stderr, environment, TestContext.Current.CancellationToken);
        return (exitCode, stdout.ToString(), stderr.ToString());
    }
}
