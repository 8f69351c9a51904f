using System.Diagnostics;
using System.Text.Json;
using PlexSync.Cli.Completion;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Tests;

/// <summary>What shells are told when somebody presses Tab, and what they make of it.</summary>
public sealed class CompletionTests : IDisposable
{
    private static readonly string[] HostileNames =
    [
        "Home Videos", "$(touch pwned)", "`touch pwned`", "Kid's", "a\"b\\c", "!bang", "~root", "x=y:z", "a&b;c|d>e<f", "*?[a]{b,c}",
        "#hash", "Élodie", "wow! it's", "’quoted’", "tail\\",
    ];

    private readonly string _home = Directory.CreateTempSubdirectory("plexsync-test-").FullName;

    public static TheoryData<string> Commands { get; } = [.. CommandCatalog.Instance.Commands.Select(static definition => definition.Name)];

    public static TheoryData<string> ShellNames { get; } = [.. Shells.All];

    private string State => Path.Combine(_home, "state");

    private string NamesFile => Path.Combine(State, "names.json");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Every_command_is_completed_with_what_it_is_for()
    {
        var lines = await CompleteAsync("zsh", "");

        Assert.Equal(CommandCatalog.Instance.Commands.Select(static definition => definition.Name), lines.Select(Word));
        Assert.Contains("undo\tUndo a run", lines);
        Assert.Equal(["runs", "restore"], (await CompleteAsync("zsh", "R")).Select(Word));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_option_of_a_command_is_completed_with_what_it_is_for(string command)
    {
        var lines = await CompleteAsync("zsh", command, "--");

        var settings = CommandCatalog.Instance.Find(command)!.Settings.Concat(CommandCatalog.Instance.Common);
        Assert.Equal(settings.Select(static setting => setting.Option).Concat(["--help", "--version"]), lines.Select(Word));
        Assert.All(lines, static line => Assert.InRange(line.Split('\t')[1].Length, 1, 100));
    }

    [Fact]
    public async Task Options_that_were_given_are_not_offered_again_but_for_lists()
    {
        var lines = (await CompleteAsync("zsh", "sync", "--policy", "copy", "--dry-run", "--from=Kid", "--to", "Kid", "--")).Select(Word)
            .ToList();

        Assert.DoesNotContain("--policy", lines);
        Assert.DoesNotContain("--dry-run", lines);
        Assert.DoesNotContain("--from", lines);
        Assert.Contains("--to", lines);
    }

    [Theory]
    [InlineData("sync --policy |", "copy fill furthest newest mirror")]
    [InlineData("merge --policy |", "furthest newest")]
    [InlineData("sync --match=|", "auto key guid")]
    [InlineData("sync --type |", "movie episode track")]
    [InlineData("sync --type movie --type |", "episode track")]
    [InlineData("sync --type !|", "!movie !episode !track")]
    [InlineData("sync --only |", "watched progress")]
    [InlineData("users --lang |", "en fr")]
    [InlineData("sync --dry-run=|", "true false")]
    [InlineData("completion |", "bash zsh fish powershell")]
    [InlineData("help me|", "merge")]
    [InlineData("--server NAS me|", "merge")]
    [InlineData("sync --since |", "")]
    [InlineData("sync --nonsense=|", "")]
    [InlineData("nonsense |", "")]
    [InlineData("explain |", "")]
    [InlineData("sync -- |", "")]
    public async Task Values_are_those_that_the_option_takes(string line, string expected)
    {
        var words = line.TrimEnd('|').Split(' ');

        Assert.Equal(expected, string.Join(' ', (await CompleteAsync("zsh", words)).Select(Word)));
    }

    [Theory]
    [InlineData("sync --token-file |")]
    [InlineData("sync --pin-file=x|")]
    [InlineData("plan -o |")]
    [InlineData("apply |")]
    [InlineData("restore --exact k|")]
    public async Task Files_are_left_to_the_shell(string line) =>
        Assert.Equal(["\tfiles"], await CompleteAsync("zsh", line.TrimEnd('|').Split(' ')));

    [Fact]
    public async Task Every_value_that_is_a_file_a_user_a_server_or_a_run_is_completed()
    {
        Remember(users: ["Kid"], servers: ["NAS"]);
        Record("2026-11-22T10-00-00Z-ab12");
        foreach (var command in CommandCatalog.Instance.Commands)
        {
            foreach (var setting in
                command.Settings.Concat(CommandCatalog.Instance.Common)
                    .Where(static setting => setting.ValueName is "FILE" or "USER" or "URL|NAME" or "RUN"))
            {
                Assert.True((await CompleteAsync("zsh", command.Name, setting.Option, "")).Length > 0, setting.Option);
            }
        }
    }

    [Fact]
    public async Task Runs_are_completed_newest_first_each_once()
    {
        Record("2026-11-20T10-00-00Z-ab12", "2026-11-22T10-00-00Z-ab12", "2026-11-21T10-00-00Z-ab12", "unrelated");
        Record("2026-11-22T10-00-00Z-ab12");

        string[] expected = ["2026-11-22T10-00-00Z-ab12", "2026-11-21T10-00-00Z-ab12", "2026-11-20T10-00-00Z-ab12"];
        Assert.Equal(expected, await CompleteAsync("zsh", "undo", ""));
        Assert.Equal(expected, await CompleteAsync("zsh", "runs", "--resume", "2026"));
    }

    [Fact]
    public async Task Names_are_found_whatever_their_case_and_excluded_with_an_exclamation_mark()
    {
        Remember(users: ["Kid", "Élodie", "-x", "KIT"], libraries: ["Movies", "Home Videos", "!odd"], servers: ["NAS"]);

        Assert.Equal(["Kid", "KIT"], await CompleteAsync("zsh", "sync", "--to", "ki"));
        Assert.Equal(["Élodie"], await CompleteAsync("zsh", "sync", "--to=él"));
        Assert.Equal(["KIT"], await CompleteAsync("zsh", "sync", "--to", "Kid", "--to", "k"));
        Assert.Equal(["Kid", "Élodie", "KIT"], await CompleteAsync("zsh", "sync", "--to", ""));
        Assert.Equal(["Movies", "Home Videos"], await CompleteAsync("zsh", "sync", "--library", ""));
        Assert.Equal(["!Home Videos"], await CompleteAsync("zsh", "sync", "--library", "!Movies", "--library", "!"));
        Assert.Equal(["NAS"], await CompleteAsync("zsh", "sync", "--to-server", ""));
    }

    [Fact]
    public async Task A_listing_and_a_sync_remember_the_names_they_come_across()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Environment["PLEXSYNC_HOME"], "names.json");

        await household.RunAsync("sync", "--to", "Kid", "--dry-run");

        Assert.Equal(household.World.Users.Select(static user => user.Title).Order(), Names("users").Order());
        Assert.Equal(["NAS"], Names("servers"));
        Assert.Contains("Movies", Names("libraries"));
        Assert.DoesNotContain(
            household.World.Owner.AccountToken,
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Contains("Kid\n", (await household.RunAsync("__complete", "zsh", "sync", "--to", "k")).Out, StringComparison.Ordinal);

        File.Delete(file);
        foreach (var command in new[] { "users", "libraries", "servers" })
        {
            await household.RunAsync(command);
            Assert.NotEmpty(Names(command));
        }

        string[] Names(string kind) =>
            [.. JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty(kind).EnumerateArray().Select(
                static name => name.GetString()!)];
    }

    [Fact]
    public async Task A_mistyped_name_is_completed_the_next_time()
    {
        await using var household = await Household.StartAsync();

        Assert.Equal(2, (await household.RunAsync("sync", "--to", "Kdi")).ExitCode);

        Assert.Equal("Kid\n", (await household.RunAsync("__complete", "zsh", "sync", "--to", "Ki")).Out);
    }

    [Fact]
    public async Task Remembering_names_costs_no_request_and_no_run_its_success()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        var first = household.Plex.Requests.Count;
        var file = Path.Combine(household.Environment["PLEXSYNC_HOME"], "names.json");
        File.Delete(file);
        Directory.CreateDirectory(file);

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--dry-run")).ExitCode);

        Assert.Equal(first * 2, household.Plex.Requests.Count);
        Assert.Equal([file], Directory.GetFileSystemEntries(household.Environment["PLEXSYNC_HOME"], "names.json*"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"users":"Kid"}""")]
    [InlineData("""{"users":[1],"libraries":[],"servers":[]}""")]
    [InlineData("""{"users":["\ud800"],"libraries":[],"servers":[]}""")]
    [InlineData("garbage")]
    [InlineData("huge")]
    [InlineData("folder")]
    public async Task Names_that_cannot_be_read_are_none_and_are_written_anew(string content)
    {
        Directory.CreateDirectory(content == "folder" ? NamesFile : State);
        if (content != "folder")
        {
            await File.WriteAllTextAsync(
                NamesFile, content == "huge" ? new string(' ', 10_000_000) : content, TestContext.Current.CancellationToken);
        }

        Assert.Empty(await CompleteAsync("zsh", "sync", "--to", ""));
        new NameCache(NamesFile).Replace(NameCache.Users, ["Kid"]);
        string[] expected = content == "folder" ? [] : ["Kid"];
        Assert.Equal(expected, await CompleteAsync("zsh", "sync", "--to", ""));
    }

    [Fact]
    public void Names_that_no_terminal_shows_as_they_are_are_not_kept()
    {
        Remember(users: ["Kid\u001b[31m", "a\tb", "a\nb", "‮txt", "", " Kid", new string('x', 1000), "Kid"]);

        Assert.Equal(["Kid"], new NameCache(NamesFile).Of(NameCache.Users));
    }

    [Fact]
    public async Task Whatever_is_wrong_nothing_is_said()
    {
        Directory.CreateDirectory(Path.Combine(_home, ".config", "plexsync"));
        await File.WriteAllTextAsync(
            Path.Combine(_home, ".config", "plexsync", "config.json"), "broken", TestContext.Current.CancellationToken);
        foreach (var args in new string[][]
        {
            ["__complete"], ["__complete", "zsh"], ["__complete", "ksh", "sync", "--to", ""], ["__complete", "bash", "x"],
            ["__complete", "powershell", "undo", "x"],
        })
        {
            Assert.Equal((0, ""), await RunAsync(args) is var (exitCode, _, error) ? (exitCode, error) : default);
        }

        Assert.Equal((0, "", ""), await RunAsync(["__complete", "zsh", "undo", ""]));
        Assert.Equal(0, (await RunAsync(["completion", "bash"])).ExitCode);
    }

    [Fact]
    public async Task Descriptions_are_in_the_language_of_the_user()
    {
        Assert.Contains("undo\tAnnuler une exécution", await CompleteAsync("fish", ["u"], language: "fr_FR.UTF-8"));

        Directory.CreateDirectory(Path.Combine(_home, ".config", "plexsync"));
        await File.WriteAllTextAsync(
            Path.Combine(_home, ".config", "plexsync", "config.json"), """{ "lang": "fr" }""", TestContext.Current.CancellationToken);
        Assert.Contains("--to\tUtilisateur cible", await CompleteAsync("zsh", "sync", "--t"));
    }

    [Theory]
    [MemberData(nameof(ShellNames))]
    public async Task Every_shell_has_its_script(string shell)
    {
        var (exitCode, output, error) = await RunAsync(["completion", shell]);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains($"__complete {shell}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("eval", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no completion for “ksh”. Choose one of: bash, zsh, fish, powershell.", "ksh")]
    [InlineData("Missing argument after “plexsync completion”: bash|zsh|fish|powershell. See “plexsync completion --help”.")]
    public async Task A_shell_that_is_not_known_is_answered_with_those_that_are(string sentence, params string[] shell)
    {
        Assert.Equal((2, "", $"plexsync: {sentence}\n"), await RunAsync(["completion", .. shell]));
    }

    [Fact]
    public async Task PowerShell_gets_words_that_it_takes_for_nothing_else()
    {
        Remember(users: HostileNames);

        string[] expected =
        [
            "'Home Videos'", "'$(touch pwned)'", "'`touch pwned`'", "'Kid''s'", "'a\"b\\c'", "'!bang'", "'~root'", "x=y:z", "'a&b;c|d>e<f'",
            "'*?[a]{b,c}'", "'#hash'",
            "Élodie", "'wow! it''s'", "'’’quoted’’'", "'tail\\'",
        ];
        Assert.Equal(expected, await CompleteAsync("powershell", "sync", "--to", "."));
        Assert.Equal(["'--to=Home Videos'"], await CompleteAsync("powershell", "sync", "--to=ho."));
    }

    [Fact]
    public async Task Fish_and_zsh_get_names_as_they_are()
    {
        Remember(users: HostileNames);

        Assert.Equal(HostileNames, await CompleteAsync("zsh", "sync", "--to", ""));
        Assert.Equal(HostileNames.Select(static name => $"--to={name}"), await CompleteAsync("fish", "sync", "--to="));
        Assert.Equal(["Home Videos"], await CompleteAsync("zsh", "sync", "--to", "\"Home V"));
        Assert.Equal(["Home Videos"], await CompleteAsync("zsh", "sync", "--to=Home\\ V"));
        Assert.Equal(["Kid's"], await CompleteAsync("fish", "sync", "--to", "'Kid\\'"));
    }

    /// <summary>The words as bash breaks them, at = and : too, and what it is to put in place of the last piece.</summary>
    [Theory]
    [InlineData("plexsync sync --to Home\\ V", "Home\\ V", "Home\\ Videos")]
    [InlineData("plexsync sync --to \"Home V", "Home V", "Home Videos")]
    [InlineData("plexsync sync --to=ho", "ho", "Home\\ Videos")]
    [InlineData("plexsync sync --to=\"ho", "ho", "Home Videos")]
    [InlineData("plexsync sync --to=x=y:", "", "z")]
    [InlineData("plexsync sync --to Kid", "Kid", "Kid\\'s")]
    [InlineData("plexsync sync --to 'Kid", "Kid", "Kid'\\''s")]
    [InlineData("plexsync sync --to \"!", "!", "\"\"'!'\"bang")]
    [InlineData("plexsync sync --to \\$", "\\$", "\\$\\(touch\\ pwned\\)")]
    [InlineData("plexsync sync --to \"\\`", "\\`", "\\`touch pwned\\`")]
    [InlineData("plexsync   sync  --pol", "--pol", "--policy")]
    public async Task Bash_gets_what_stands_in_the_line_as_it_is_quoted_there(string line, string replaced, string expected)
    {
        Remember(users: HostileNames);

        Assert.Equal([expected], await CompleteAsync("bash", line, replaced));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"", "\"")]
    [InlineData("'", "'")]
    public async Task A_hostile_name_reaches_plexsync_whole_through_a_real_bash_and_is_never_run(string quote, string closing)
    {
        Remember(users: HostileNames);

        // As readline does it: the word is replaced, one open quotation mark is not doubled, and it is closed.
        var script = $$"""
            source ./script
            COMP_LINE='plexsync sync --to '{{Quoted(quote)}}; COMP_POINT=${#COMP_LINE}
            _plexsync ./plexsync '' --to
            for reply in "${COMPREPLY[@]}"; do
                [[ -n {{Quoted(quote)}} && $reply == {{Quoted(quote)}}* ]] && reply=${reply:1}
                eval "printf '%s\n' "{{Quoted(quote)}}"$reply"{{Quoted(closing)}}
            done
            """;
        var output = await RunShellAsync("bash", script);

        Assert.Equal(HostileNames, output);
        Assert.False(File.Exists(Path.Combine(_home, "pwned")));
    }

    [Fact]
    public async Task Bash_leaves_files_to_readline_and_survives_a_plexsync_that_is_gone()
    {
        Assert.Equal(["0", "0"], await RunShellAsync("bash", """
            set -u
            source ./script
            COMP_LINE='plexsync apply '; COMP_POINT=${#COMP_LINE}
            _plexsync ./plexsync '' apply; echo ${#COMPREPLY[@]}
            _plexsync ./gone '' apply; echo ${#COMPREPLY[@]}
            """));
    }

    [Theory]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task The_script_is_one_that_the_shell_understands(string shell)
    {
        Assert.SkipUnless(IsInstalled(shell), $"There is no {shell} here.");

        Assert.Equal(["done"], await RunShellAsync(shell, shell == "fish"
            ? "source ./script; and functions -q __plexsync_complete; and echo done"
            : "compdef() { :; }; source ./script && (( $+functions[_plexsync] )) && echo done"));
    }

    [Fact]
    public async Task Fish_offers_hostile_names_as_they_are()
    {
        Assert.SkipUnless(IsInstalled("fish"), "There is no fish here.");
        Remember(users: HostileNames);

        var output = await RunShellAsync("fish", "set -x PATH . $PATH; source ./script; complete --do-complete 'plexsync sync --to '");

        Assert.Equal(HostileNames.Order(StringComparer.Ordinal), output.Order(StringComparer.Ordinal));
        Assert.False(File.Exists(Path.Combine(_home, "pwned")));
    }

    private static string Word(string line) => line.Split('\t')[0];

    /// <summary>For a script of bash.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static bool IsInstalled(string shell) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, shell)));

    private void Remember(string[]? users = null, string[]? libraries = null, string[]? servers = null)
    {
        Directory.CreateDirectory(State);
        var names = new NameCache(NamesFile);
        names.Replace(NameCache.Users, users ?? []);
        names.Replace(NameCache.Libraries, libraries ?? []);
        names.Replace(NameCache.Servers, servers ?? []);
    }

    private void Record(params string[] runs)
    {
        var folder = Directory.CreateDirectory(Path.Combine(State, "journals", $"server-{Guid.NewGuid():N}", "user-1")).FullName;
        Array.ForEach(runs, run => File.WriteAllText(Path.Combine(folder, $"{run}.jsonl"), ""));
    }

    private Task<string[]> CompleteAsync(string shell, params string[] words) => CompleteAsync(shell, words, "en");

    private async Task<string[]> CompleteAsync(string shell, string[] words, string language)
    {
        var (exitCode, output, error) = await RunAsync(["__complete", shell, .. words], language);
        Assert.Equal((0, ""), (exitCode, error));
        return output.Split('\n')[..^1];
    }

    private async Task<(int ExitCode, string Out, string Error)> RunAsync(string[] args, string language = "en")
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        var environment = new Dictionary<string, string> { ["HOME"] = _home, ["PLEXSYNC_HOME"] = State, ["LANG"] = language };
        var exitCode = await App.RunAsync(args, TextReader.Null, stdout, stderr, environment, TestContext.Current.CancellationToken);
        return (exitCode, stdout.ToString(), stderr.ToString());
    }

    /// <summary>Runs a shell in a folder with the script and a real plexsync.</summary>
    private async Task<string[]> RunShellAsync(string shell, string commands)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shells are those of Unix.");
        var program = Path.Combine(_home, "plexsync");
        await File.WriteAllTextAsync(
            program, $"#!/bin/sh\nexec dotnet '{typeof(App).Assembly.Location}' \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await File.WriteAllTextAsync(Path.Combine(_home, "script"), Shells.ScriptOf(shell), TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(shell, ["-c", commands])
        {
            WorkingDirectory = _home,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PLEXSYNC_HOME"] = State, ["LC_ALL"] = "C.UTF-8", ["HOME"] = _home },
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", await error);
        return output.Split('\n')[..^1];
    }
}
