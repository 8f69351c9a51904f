using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PlexSync.Tests;

namespace PlexSync.Fleet.Tests.Deploy;

/// <summary>What the files in <c>deploy/fleet</c> and the guide say of the service is so. <c>.ci/fleet</c> runs the image.</summary>
public sealed partial class FleetFilesTests
{
    private const string Compose = "deploy/fleet/compose.yaml";

    private const string Guide = "docs/fleet.md";

    /// <summary>Keys that are sections of their own: their keys are those of servers, jobs and requests.</summary>
    private static readonly string[] Sections = ["Servers", "Client"];

    private static readonly string[] Nodes = ["node1", "node2"];

    public static TheoryData<string> Files => [Compose, Guide, "deploy/image.sh", ".ci/fleet"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_key_exists(string file)
    {
        var keys = Variables().Matches(Repository.Read(file)).Select(static match => match.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(keys);
        Assert.All(keys, static key => Assert.True(Exists(key.Split("__")), key));
    }

    [Fact]
    public void Key_that_does_not_exist_would_be_seen()
    {
        Assert.True(Exists(["Hosts", "0"]));
        Assert.True(Exists(["Proxy", "Secret"]));
        Assert.False(Exists(["Host", "0"]));
        Assert.False(Exists(["Hosts"]));
        Assert.False(Exists(["Proxy", "Password"]));
        Assert.False(Exists(["Node", "0"]));
    }

    [Fact]
    public void Guide_has_every_option_and_its_default()
    {
        var rows = Rows().Matches(Section("## Configuration")).ToDictionary(
            static row => row.Groups[1].Value, static row => row.Groups[2].Value, StringComparer.Ordinal);

        Assert.Equal(Options(typeof(FleetOptions), "").Select(static option => option.Key).Order(), rows.Keys.Order());
        var defaults = new FleetOptions();
        foreach (var (key, property) in Options(typeof(FleetOptions), ""))
        {
            object owner = key.StartsWith("Proxy:", StringComparison.Ordinal) ? defaults.Proxy : defaults;
            Assert.Equal((key, Shown(key, property.GetValue(owner))), (key, rows[key]));
        }
    }

    [Fact]
    public void Guide_names_the_length_of_secrets_and_the_names_of_files()
    {
        var guide = Repository.Read(Guide);

        Assert.Contains($"{FleetOptions.ShortestSecret} characters at least", Section("## Configuration"), StringComparison.Ordinal);
        Assert.All(
            Paths().Matches(guide).Select(static match => match.Value),
            static path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [Fact]
    public void Compose_names_the_image_of_this_version_and_a_major_version_of_PostgreSQL()
    {
        var version = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

        Assert.All(Nodes, node => Assert.Contains($"  image: plexsync-fleet:{version}", Service(node)));
        Assert.Contains("    image: postgres:17", Service("db"));
        Assert.Contains("    image: postgres:17", Service("tools"));
    }

    [Theory]
    [InlineData("db")]
    [InlineData("node1")]
    [InlineData("node2")]
    [InlineData("tools")]
    public void Service_can_do_little(string service)
    {
        var lines = Service(service).Select(static line => line.Trim()).ToList();

        Assert.Contains("read_only: true", lines);
        Assert.Contains("cap_drop: [ALL]", lines);
        Assert.Contains("security_opt: [\"no-new-privileges:true\"]", lines);
        var user = Assert.Single(lines, static line => line.StartsWith("user:", StringComparison.Ordinal));
        Assert.Matches(@"^user: ""[1-9]\d*:[1-9]\d*""$", user);
        Assert.DoesNotContain(lines, static line => line.StartsWith("privileged", StringComparison.Ordinal)
            || line.StartsWith("cap_add", StringComparison.Ordinal) || line.StartsWith("network_mode", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("db")]
    [InlineData("node1")]
    [InlineData("node2")]
    public void Service_comes_back_is_asked_for_its_health_and_may_end_in_peace(string service)
    {
        var lines = Service(service).Select(static line => line.Trim()).ToList();

        Assert.Contains("restart: unless-stopped", lines);
        Assert.Contains("healthcheck:", lines);
        // Longer than a node takes at most.
        Assert.Contains("stop_grace_period: 1m", lines);
    }

    [Fact]
    public void Nodes_have_names_of_their_own_and_the_same_keys()
    {
        Assert.Equal(Nodes, Nodes.Select(static node => Variable(node, "Fleet__Node")));
        Assert.All(Nodes, static node => Assert.Equal("/keys", Variable(node, "Fleet__KeyFolder")));
        Assert.All(Nodes, static node => Assert.Contains("    - keys:/keys", Service(node)));
        Assert.Contains("Fleet__KeyFolder=/keys", Repository.Read("deploy/image.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_loopback_is_published_and_the_database_not_at_all()
    {
        var published = Ports().Matches(Repository.Read(Compose)).Select(static match => match.Groups[1].Value).ToList();

        Assert.Equal(["127.0.0.1:8484:8484", "127.0.0.1:8485:8484"], published);
        Assert.Contains("  database: { internal: true }", Repository.Read(Compose).Split('\n'));
        Assert.Contains("    networks: [database]", Service("db"));
        Assert.DoesNotContain(Service("db"), static line => line.Contains("ports:", StringComparison.Ordinal));
    }

    [Fact]
    public void Secrets_are_files_and_stand_in_no_variable()
    {
        var text = Repository.Read(Compose);
        var named = Secrets().Matches(text).SelectMany(static match => match.Groups[1].Value.Split(", ")).Distinct().Order();
        var files = text[text.IndexOf("\nsecrets:\n", StringComparison.Ordinal)..];

        Assert.Equal(named, SecretFiles().Matches(files).Select(static match => match.Groups[1].Value).Order());
        Assert.All(SecretFiles().Matches(files), static match => Assert.Equal($"./{match.Groups[1].Value}", match.Groups[2].Value));
        Assert.DoesNotMatch(@"(?m)^[^#\n]*(PASSWORD|Password|Secret|Token)\w*\s*[:=]\s*(?!/run/secrets/)[^\s{]", files.Length > 0
            ? text[..text.IndexOf("\nsecrets:\n", StringComparison.Ordinal)] : "");
        Assert.DoesNotContain("ASPNETCORE_URLS", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Service_is_no_package() => Assert.Contains(
        "<IsPackable>false</IsPackable>", Repository.Read("src/PlexSync.Fleet/PlexSync.Fleet.csproj"), StringComparison.Ordinal);

    private static bool Exists(string[] path)
    {
        if (Sections.Contains(path[0]))
        {
            return path.Length > 1;
        }

        var type = typeof(FleetOptions);
        for (var at = 0; at < path.Length; at++)
        {
            if (type.GetProperty(path[at], BindingFlags.Public | BindingFlags.Instance) is not { } property)
            {
                return false;
            }

            type = property.PropertyType;
            if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
            {
                return at == path.Length - 2 && int.TryParse(path[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
            }
        }

        return type == typeof(string) || type.IsValueType;
    }

    /// <summary>The options by their keys, those of sections below them included.</summary>
    private static IEnumerable<(string Key, PropertyInfo Property)> Options(Type type, string path) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property =>
            property.PropertyType.IsValueType || property.PropertyType.IsAssignableTo(typeof(IEnumerable))
                ? [($"{path}{property.Name}", property)]
                : Options(property.PropertyType, $"{path}{property.Name}:"));

    private static string Shown(string key, object? value) => key switch
    {
        nameof(FleetOptions.Database) or nameof(FleetOptions.Secret) => "required",
        nameof(FleetOptions.Node) => "the machine’s name",
        _ => value switch
        {
            null or "" => "–",
            IList { Count: 0 } or ICollection<string> { Count: 0 } => "–",
            _ => $"`{TypeDescriptor.GetConverter(value.GetType()).ConvertToInvariantString(value)}`",
        },
    };

    private static string Section(string heading)
    {
        var text = Repository.Read(Guide);
        var from = text.IndexOf($"{heading}\n", StringComparison.Ordinal);
        var to = text.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return text[from..to];
    }

    /// <summary>The lines of a service, with those of the parts that it takes over (<c>&lt;&lt;: *name</c>).</summary>
    private static List<string> Service(string name)
    {
        var lines = Repository.Read(Compose).Split('\n').ToList();
        var own = Block(lines, lines.IndexOf($"  {name}:"), "    ");
        return [.. own, .. Shared(lines, own)];
    }

    private static IEnumerable<string> Shared(List<string> lines, List<string> own) => own
        .Select(static line => Alias().Match(line)).Where(static match => match.Success)
        .Select(match => Block(lines, lines.FindIndex(line => line.EndsWith($" &{match.Groups[1].Value}", StringComparison.Ordinal)), "  "))
        .SelectMany(block => block.Concat(Shared(lines, block)));

    private static List<string> Block(List<string> lines, int at, string indent)
    {
        Assert.True(at >= 0);
        return [.. lines.Skip(at + 1).TakeWhile(line => line.StartsWith(indent, StringComparison.Ordinal))];
    }

    private static string Variable(string service, string name) => Assert.Single(
        Service(service), line => line.Trim().StartsWith($"{name}:", StringComparison.Ordinal)).Split(": ")[1];

    [GeneratedRegex(@"\bFleet__(\w+)")]
    private static partial Regex Variables();

    [GeneratedRegex(@"^\| `([\w:]+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^    ports: \[""(.*)""\]$", RegexOptions.Multiline)]
    private static partial Regex Ports();

    [GeneratedRegex(@"^ +secrets: \[(.*)\]$", RegexOptions.Multiline)]
    private static partial Regex Secrets();

    [GeneratedRegex(@"^  ([\w-]+): \{ file: (.*) \}$", RegexOptions.Multiline)]
    private static partial Regex SecretFiles();

    [GeneratedRegex(@"^ +<<: \*(\w+)$")]
    private static partial Regex Alias();

    [GeneratedRegex(@"(?<=[\s`])(?:deploy|src)/[\w./]+\w")]
    private static partial Regex Paths();
}
