using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;

namespace PlexSync.Cli.Tests;

/// <summary>What people type is understood, also where Cocona's parser alone would take it differently (docs/decisions/0001).</summary>
public sealed class ParsingTests
{
    [Theory]
    [InlineData("--json sync --to Kid", "json=true to=Kid")]
    [InlineData("--server NAS sync --to Kid", "server=NAS to=Kid")]
    [InlineData("--server=NAS --json sync", "json=true server=NAS")]
    [InlineData("sync --from:Ann --to:Kid", "from=Ann to=Kid")]
    [InlineData("sync --from=Ann:Lee", "from=Ann:Lee")]
    [InlineData("sync --from:Ann=Lee", "from=Ann=Lee")]
    [InlineData("sync --to Kid --to=Teen --to:Nina", "to=Kid|Teen|Nina")]
    [InlineData("sync --dry-run", "dry-run=true")]
    [InlineData("sync --dry-run false", "dry-run=false")]
    [InlineData("sync --dry-run TRUE", "dry-run=true")]
    [InlineData("sync --dry-run=False", "dry-run=false")]
    [InlineData("sync -n", "dry-run=true")]
    [InlineData("sync -n=true", "dry-run=true")]
    [InlineData("sync -n false", "dry-run=false")]
    [InlineData("plan -o FILE", "output=FILE")]
    [InlineData("plan -o=FILE", "output=FILE")]
    [InlineData("plan -o:FILE", "output=FILE")]
    [InlineData("plan -o -", "output=-")]
    [InlineData("plan -o=-x", "output=-x")]
    [InlineData("sync --server http://nas:32400", "server=http://nas:32400")]
    [InlineData("sync --server:http://nas:32400", "server=http://nas:32400")]
    [InlineData("sync --to '", "to='")]
    [InlineData("--json true sync", "json=true")]
    [InlineData("--json false --lang fr sync", "json=false lang=fr")]
    public void Options_are_taken_as_they_are_meant(string typed, string expected)
    {
        var line = CommandLine.Parse(typed.Split(' '));

        Assert.Null(line.Error);
        Assert.Equal(
            expected,
            string.Join(' ', line.Given.OrderBy(static given => given.Key, StringComparer.Ordinal)
                .Select(static given => $"{given.Key}={string.Join('|', given.Value.Values)}")));
    }

    [Theory]
    [InlineData("sync --from --to Kid", "Option_NeedsValue", "--from")]
    [InlineData("sync --to", "Option_NeedsValue", "--to")]
    [InlineData("sync --to=", "Option_NeedsValue", "--to")]
    [InlineData("plan -o --", "Option_NeedsValue", "--output")]
    [InlineData("SYNC", "Command_Unknown_Nearest", "SYNC")]
    [InlineData("Users", "Command_Unknown_Nearest", "Users")]
    [InlineData("sync --dry-run=maybe", "Invalid_Flag", "--dry-run")]
    [InlineData("sync -n=1", "Invalid_Flag", "-n")]
    [InlineData("sync --to Kid --help=yes", "Invalid_Flag", "--help")]
    [InlineData("sync --to Kid -?:1", "Invalid_Flag", "-?")]
    [InlineData("--version=3", "Invalid_Flag", "--version")]
    [InlineData("help nonsense", "Command_Unknown", "nonsense")]
    [InlineData("sync help", "Argument_Unexpected", "help")]
    [InlineData("sync -n -n", "Option_Repeated", "--dry-run")]
    [InlineData("sync --TO Kid", "Option_Unknown_Nearest", "--TO")]
    [InlineData("sync -no FILE", "Option_Unknown_Nearest", "-no")]
    [InlineData("sync -x", "Option_Unknown", "-x")]
    [InlineData("sync --no-such", "Option_Unknown", "--no-such")]
    [InlineData("--to Kid sync", "Option_BeforeCommand", "--to")]
    [InlineData("--dry-run", "Option_BeforeCommand", "--dry-run")]
    [InlineData("--nonsense sync", "Option_Unknown", "--nonsense")]
    [InlineData("sync -- --to", "Argument_Unexpected", "--to")]
    [InlineData("undo a b", "Argument_NotHere", "b")]
    [InlineData("explain Two words", "Argument_Quotes", "explain")]
    [InlineData("explain", "Argument_Missing", "explain")]
    [InlineData("users --server NAS", "Option_Ignored", "--server")]
    [InlineData("sync --token abc", "Option_Secret", "--token")]
    [InlineData("[x]", "Command_Unknown", "[x]")]
    [InlineData("@args", "Command_Unknown", "@args")]
    public void What_cannot_be_meant_is_named(string typed, string key, string first)
    {
        var error = CommandLine.Parse(typed.Split(' ')).Error;

        Assert.Equal((key, first), (error?.Key, error?.Arguments[0]));
    }

    [Theory]
    [InlineData("sync --help")]
    [InlineData("sync -h")]
    [InlineData("sync -?")]
    [InlineData("--help sync")]
    [InlineData("help sync")]
    [InlineData("explain --help")]
    [InlineData("sync --to Kid --help:true")]
    [InlineData("sync --to Kid -h:TRUE")]
    [InlineData("--lang fr help sync")]
    [InlineData("help help sync")]
    public void Help_asks_for_nothing_else(string typed)
    {
        var line = CommandLine.Parse(typed.Split(' '));

        Assert.True(line is { Error: null, IsHelp: true, Command: not null });
    }

    [Theory]
    [InlineData("explain -- -title", "-title")]
    [InlineData("explain --to Kid -", "-")]
    [InlineData("undo --yes 7", "7")]
    public void Words_without_a_dash_and_those_after_two_dashes_are_arguments(string typed, string argument)
    {
        var line = CommandLine.Parse(typed.Split(' '));

        Assert.Null(line.Error);
        Assert.Equal([argument], line.Arguments);
    }

    [Fact]
    public void Help_of_help_is_the_help_of_all() => Assert.True(CommandLine.Parse(["help", "help"]) is { Error: null, IsHelp: true });

    [Theory]
    [InlineData("sync --to Kid --dry-run", "plexsync sync --to Kid")]
    [InlineData("sync -n true --to Kid", "plexsync sync --to Kid")]
    [InlineData("sync --dry-run TRUE --to=-n", "plexsync sync --to=-n")]
    [InlineData("sync -n:true --quiet true", "plexsync sync --quiet true")]
    [InlineData("restore --dry-run -- -n", "plexsync restore -- -n")]
    public void A_dry_run_is_repeated_without_the_option_and_its_value(string typed, string expected)
    {
        var words = typed.Split(' ');
        var around = new ConsoleEnvironment
        {
            In = TextReader.Null,
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            Environment = new Dictionary<string, string>(),
        };
        var settings = Settings.WithoutFile(CommandCatalog.Instance.Settings, CommandLine.Parse(words).Given, around.Environment);

        Assert.Equal(expected, new CommandContext(around, settings) { Arguments = words }.WithoutDryRun());
    }

    [Fact]
    public void Every_command_is_called_what_its_attribute_says() =>
        Assert.All(CommandCatalog.Instance.Commands, static command => Assert.Equal(command.Descriptor.Name, command.Name));

    [Fact]
    public void Every_option_of_a_command_is_in_its_descriptor_once()
    {
        Assert.All(CommandCatalog.Instance.Commands, static command =>
        {
            var names = command.Descriptor.Options.Select(static option => option.Name).ToList();
            Assert.Equal(names.Count, names.Distinct().Count());
            Assert.Contains("help", names);
            Assert.Equal(command.Settings.Count + CommandCatalog.Instance.Common.Count + 2, names.Count);
        });
    }

    [Fact]
    public async Task Twenty_command_lines_at_once_do_not_mix()
    {
        var outputs = await Task.WhenAll(Enumerable.Range(0, 20).Select(static async number =>
        {
            using var output = new StringWriter();
            var environment = new Dictionary<string, string> { ["PLEXSYNC_LANG"] = number % 2 == 0 ? "fr" : "en" };
            await App.RunAsync(["sync", $"word{number}"], TextReader.Null, TextWriter.Null, output, environment);
            return $"{output}";
        }));

        Assert.All(outputs.Index(), static one => Assert.Contains($"word{one.Index}", one.Item, StringComparison.Ordinal));
        Assert.All(outputs.Index(), static one => Assert.Equal(one.Index % 2 == 0, one.Item.Contains('«', StringComparison.Ordinal)));
    }
}
