using System.Text.RegularExpressions;
using System.Xml.Linq;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

public sealed partial class TextsTests
{
    private static readonly Dictionary<string, string> English = Read("Texts.resx");
    private static readonly Dictionary<string, string> French = Read("Texts.fr.resx");

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_placeholders()
    {
        Assert.Equal(English.Keys.Order(StringComparer.Ordinal), French.Keys.Order(StringComparer.Ordinal));
        Assert.All(English, text => Assert.Equal((text.Key, Placeholders(text.Value)), (text.Key, Placeholders(French[text.Key]))));
    }

    [Fact]
    public void No_text_is_empty_or_sloppy()
    {
        Assert.All(English.Concat(French), static text =>
        {
            Assert.NotEqual("", text.Value);
            Assert.DoesNotContain("  ", text.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("'", text.Value, StringComparison.Ordinal);
        });
        Assert.All(French, static text => Assert.False(
            FrenchSpacing().IsMatch(text.Value.Replace("://", "", StringComparison.Ordinal)), $"{text.Key}: {text.Value}"));
    }

    [Fact]
    public void Every_text_that_the_code_names_exists()
    {
        var named = Named().Matches(ReadCode()).Select(static match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(named.Count > 50);
        Assert.All(named, static key => Assert.True(English.ContainsKey(key) || English.ContainsKey($"{key}_One"), key));
    }

    [Fact]
    public void Every_text_is_used()
    {
        var source = ReadCode() + Repository.Read("src/PlexSync.Cli/Output/Report/report.html");
        var words = Words().Matches(source).Select(static match => match.Value).ToHashSet();
        // Keys that are put together: what they begin with.
        var beginnings = Beginnings().Matches(source).Select(static match => match.Groups[1].Value).Distinct().ToList();

        Assert.All(English.Keys, key => Assert.True(
            words.Contains(key) || words.Contains(Plural().Replace(key, ""))
                || beginnings.Exists(beginning => key.StartsWith(beginning, StringComparison.Ordinal)),
            key));
    }

    [Fact]
    public void Every_setting_and_skip_reason_has_its_texts()
    {
        Assert.All(
            Parsing.CommandCatalog.Instance.Settings,
            static setting => Assert.True(English.ContainsKey($"Option_{setting.Key}"), setting.Key));
        Assert.All(Enum.GetNames<SkipReason>(), static reason =>
            Assert.True(
                English.ContainsKey($"Skip_{reason}_One") && English.ContainsKey($"Skip_{reason}_Many")
                    && English.ContainsKey($"Reason_{reason}"),
                reason));
        Assert.All(Parsing.CommandCatalog.Instance.Commands, static command =>
            Assert.True(
                English.ContainsKey($"Help_{command.Name}_Brief") && English.ContainsKey($"Help_{command.Name}_About")
                    && English.ContainsKey($"Help_{command.Name}_Examples"),
                command.Name));
    }

    [Fact]
    public void Numbers_follow_the_language()
    {
        Assert.Equal("0 reads", Texts.Of("en").Count("Reads", 0));
        Assert.Equal("1 read", Texts.Of("en").Count("Reads", 1));
        Assert.Equal("0 lecture", Texts.Of("fr").Count("Reads", 0));
        Assert.Equal("2 lectures", Texts.Of("fr").Count("Reads", 2));
        Assert.Equal("0.8 s", Texts.Of("en").Duration(TimeSpan.FromMilliseconds(840)));
        Assert.Equal("0,8\u00A0s", Texts.Of("fr").Duration(TimeSpan.FromMilliseconds(840)));
    }

    [Theory]
    [InlineData("en", "6 May 2026, 07:05 UTC", "1 Aug 2026, 00:00 UTC", "3 h 20 min", "movie", "show", "clip")]
    [InlineData("fr", "6 mai 2026 à 07:05 UTC", "1er août 2026 à 00:00 UTC", "3\u00A0h 20\u00A0min", "film", "série", "clip")]
    public void Dates_durations_and_types_follow_the_language(
        string language, string day, string first, string lasting, string movie, string show, string other)
    {
        var texts = Texts.Of(language);

        Assert.Equal(day, texts.Moment(new DateTimeOffset(2026, 5, 6, 9, 5, 0, TimeSpan.FromHours(2))));
        Assert.Equal(first, texts.Moment(new DateTimeOffset(2026, 8, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal(lasting, texts.Duration(new TimeSpan(3, 20, 59)));
        Assert.Equal([movie, show, other], new[] { "movie", "show", "clip" }.Select(texts.LibraryType));
    }

    [Theory]
    [InlineData("en", "27 Nov 2026 10:05", "1 Jan 2027 00:30", "1 May 2027 12:00")]
    [InlineData("fr", "27 nov. 2026 10:05", "1 janv. 2027 00:30", "1 mai 2027 12:00")]
    public void Dates_are_local_and_follow_the_language(string language, params string[] expected)
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(1), displayName: null, standardDisplayName: null);
        string[] times = ["2026-11-27T09:05:59Z", "2026-12-31T23:30:00Z", "2027-05-01T11:00:00Z"];

        Assert.Equal(expected, times.Select(time => Texts.Of(language).When(DateTimeOffset.Parse(time), zone)));
    }

    private static Dictionary<string, string> Read(string name) =>
        XDocument.Parse(Repository.Read($"src/PlexSync.Cli/Resources/{name}")).Root!.Elements("data")
            .ToDictionary(static data => data.Attribute("name")!.Value, static data => data.Element("value")!.Value);

    private static string Placeholders(string text) =>
        string.Join(' ', Placeholder().Matches(text).Select(static match => match.Value).Distinct().Order(StringComparer.Ordinal));

    private static string ReadCode() =>
        string.Concat(Repository.FindCode("src/PlexSync.Cli").Select(static path => Repository.Read($"src/PlexSync.Cli/{path}")));

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();

    [GeneratedRegex("""\$?"([A-Z][A-Za-z]+_(?:[A-Z][A-Za-z]+_)?)[{"]""")]
    private static partial Regex Beginnings();

    [GeneratedRegex("_(One|Many)$")]
    private static partial Regex Plural();

    [GeneratedRegex(@"\{[0-9]\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("""(?:[Tt]exts(?:\.Format\(|\.Count\(|\.Some\(|\[)|\bStep\(|CliException\.[A-Za-z]+, )"([A-Za-z_]+)""")]
    private static partial Regex Named();

    // A colon, semicolon or question mark after a plain space or none; times such as 1:02 and options have none.
    [GeneratedRegex("""(?<=[^\u202F/“"{0-9]) ?(?<!\u202F)[;?!](?=\s|$)|[a-zé»\}] ?:(?=\s|$)|« | »""")]
    private static partial Regex FrenchSpacing();
}
