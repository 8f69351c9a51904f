using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Parsing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>
/// What lies in <c>deploy/</c> is accepted by the programs that read it, and uses commands and variables that exist. <c>.ci/image</c> runs
/// the image.
/// </summary>
public sealed partial class DeployTests
{
    private const string Program = "/usr/local/bin/plexsync";

    /// <summary>The elements of Unraid's template, version 2, as its Docker manager writes them (webgui, dockerMan, postToXML).</summary>
    private static readonly string[] UnraidElements =
    [
        "Name", "Repository", "Registry", "Network", "MyIP", "MyMAC", "Shell", "Privileged", "Support", "Project", "ReadMe", "Overview",
        "Category", "WebUI", "TemplateURL", "Icon", "ExtraParams", "PostArgs", "CPUset", "DateInstalled", "DonateText", "DonateLink",
        "Requires", "Config",
    ];

    private static readonly string[] UnraidAttributes =
        ["Name", "Target", "Default", "Mode", "Description", "Type", "Display", "Required", "Mask"];

    public static TheoryData<string> Files { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy"), "*", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_variable_exists(string file)
    {
        var variables = Variables.Of(CommandCatalog.Instance.Settings);

        Assert.All(VariableNames().Matches(Repository.Read(file)), match => Assert.Contains(match.Value, variables));
    }

    [Theory]
    [InlineData("plexsync.service", "watch --all-jobs")]
    [InlineData("plexsync-sync.service", "sync --all-jobs --quiet")]
    public void Unit_runs_a_command_that_is_understood(string unit, string expected)
    {
        var lines = Repository.Read($"deploy/systemd/{unit}").Split('\n');
        var command = Assert.Single(lines, static line => line.StartsWith("ExecStart=", StringComparison.Ordinal));

        Assert.Equal($"ExecStart={Program} {expected}", command);
        Assert.Null(CommandLine.Parse(expected.Split(' ')).Error);
    }

    [Fact]
    public void Service_is_not_started_again_where_that_cannot_help() =>
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"RestartPreventExitStatus={ExitCode.Usage} {ExitCode.Rejected}"),
            Repository.Read("deploy/systemd/plexsync.service").Split('\n'));

    [Fact]
    public void Both_services_are_confined_alike() => Assert.StartsWith(
        Confinement("plexsync-sync.service").TrimEnd(), Confinement("plexsync.service"), StringComparison.Ordinal);

    [Fact]
    public async Task Systemd_accepts_the_units()
    {
        using var units = new Units();

        var (exitCode, output) = await RunAsync(["verify", .. units.Paths]);

        Assert.Equal((0, ""), (exitCode, output));
    }

    [Theory]
    [InlineData("plexsync.service")]
    [InlineData("plexsync-sync.service")]
    public async Task Systemd_finds_little_that_a_service_could_do(string unit)
    {
        using var units = new Units();

        // Tenths: of 10, the exposure is at most 1.5; what is left is mostly the network.
        var (exitCode, output) = await RunAsync("security", "--offline=true", "--threshold=15", "--no-pager", units.PathOf(unit));

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void Compose_and_the_template_name_the_image_of_this_version()
    {
        var version = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

        Assert.Contains($"    image: plexsync:{version}", Repository.Read("deploy/compose.yaml").Split('\n'));
        Assert.Equal($"plexsync:{version}", Unraid().Element("Repository")!.Value);
    }

    [Fact]
    public void Template_has_the_fields_that_Unraid_knows()
    {
        var template = Unraid();

        Assert.Equal("2", template.Attribute("version")!.Value);
        Assert.All(template.Elements(), static element => Assert.Contains(element.Name.LocalName, UnraidElements));
        Assert.All(template.Elements("Config"), static config =>
        {
            Assert.Equal(UnraidAttributes, config.Attributes().Select(static attribute => attribute.Name.LocalName));
            Assert.Contains(config.Attribute("Type")!.Value, (string[])["Path", "Port", "Variable", "Label", "Device"]);
            Assert.Contains(config.Attribute("Display")!.Value, (string[])["always", "always-hide", "advanced", "advanced-hide"]);
        });
    }

    [Theory]
    [InlineData("PLEXSYNC_TOKEN")]
    [InlineData("PLEXSYNC_PINS")]
    [InlineData("PLEXSYNC_NOTIFY")]
    public void Template_hides_a_secret(string variable)
    {
        var config = Assert.Single(Unraid().Elements("Config"), config => config.Attribute("Target")!.Value == variable);

        Assert.Equal("true", config.Attribute("Mask")!.Value);
    }

    private static XElement Unraid() => XDocument.Parse(Repository.Read("deploy/unraid.xml")).Root!;

    private static string Confinement(string unit)
    {
        var text = Repository.Read($"deploy/systemd/{unit}");
        return text[text.IndexOf("\nCapabilityBoundingSet=", StringComparison.Ordinal)..];
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is none here.
        }

        Assert.SkipWhen(process is null, "There is no systemd-analyze here.");
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, (output + await error).Trim());
        }
    }

    [GeneratedRegex(@"PLEXSYNC_[A-Z_]*[A-Z]\b")]
    private static partial Regex VariableNames();

    /// <summary>Copies that run a program which exists, with the credentials of <c>credentials.conf</c>.</summary>
    private sealed class Units : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("plexsync-test-").FullName;

        public Units()
        {
            var source = Path.Combine(Repository.Root, "deploy", "systemd");
            foreach (var file in Directory.EnumerateFiles(source).Where(static file => Path.GetExtension(file) is ".service" or ".timer"))
            {
                var text = File.ReadAllText(file).Replace($"={Program} ", "=/bin/true ", StringComparison.Ordinal);
                File.WriteAllText(PathOf(Path.GetFileName(file)), text);
                var additions = Directory.CreateDirectory(PathOf($"{Path.GetFileName(file)}.d")).FullName;
                if (file.EndsWith(".service", StringComparison.Ordinal))
                {
                    File.Copy(Path.Combine(source, "credentials.conf"), Path.Combine(additions, "credentials.conf"));
                }
            }
        }

        public IEnumerable<string> Paths => Directory.EnumerateFiles(_folder);

        public string PathOf(string unit) => Path.Combine(_folder, unit);

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
