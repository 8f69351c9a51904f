using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>The page that <c>--report</c> saves.</summary>
public sealed class ReportTests
{
    /// <summary>Says a different thing to everybody who does not escape.</summary>
    private const string Hostile = "</title></style><script>alert(1)</script>\"'&amp; ]]> <!-- --> <img src=x onerror=alert(1)>";

    [Theory]
    [InlineData("What would change", "planned", "plan", "--to", "Kid", "-o", "{plan}")]
    [InlineData("What would change", "planned", "sync", "--to", "Kid", "--dry-run")]
    [InlineData("What changed", "updated", "sync", "--to", "Kid")]
    [InlineData("What changed", "updated", "apply", "{made}")]
    [InlineData("What changed", "updated", "merge", "--user", "Owner", "--user", "Kid")]
    public async Task Page_shows_every_change_with_its_outcome(string title, string outcome, params string[] args)
    {
        await using var household = await Household.StartAsync();
        var made = Path.Combine(household.Folder, "made.json");
        await household.RunAsync("plan", "--to", "Kid", "-o", made);

        var (result, page) = await RunAsync(
            household,
            [.. args.Select(
                arg => arg.Replace("{plan}", Path.Combine(household.Folder, "plan.json"), StringComparison.Ordinal)
                    .Replace("{made}", made, StringComparison.Ordinal))]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(title, page.Descendants("h1").Single().Value);
        Assert.Equal(8, Rows(page).Count);
        Assert.All(Rows(page), row => Assert.Equal(outcome, row.Elements().Last().Value));
        var movie = Assert.Single(
            Rows(page), static row => row.Element("th")!.Value.StartsWith("Movie 4 (2004)", StringComparison.Ordinal));
        Assert.Equal(["nothing", "20:00 of 1:40:00", outcome], movie.Elements("td").Select(static cell => cell.Value));
        Assert.Equal(
            "width:20%", movie.Descendants("i").Single(static bar => bar.Attribute("style") is not null).Attribute("style")!.Value);
        Assert.Contains($"Report saved to {Path.Combine(household.Folder, "report.html")}.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_says_who_gets_what_from_whom_and_when()
    {
        await using var household = await Household.StartAsync();

        var (result, page) = await RunAsync(household, "sync", "--to", "Kid");

        Assert.Equal("Owner → Kid on “NAS”", page.Descendants("h2").Single().Value);
        Assert.Equal("Owner → Kid on “NAS” – What changed", page.Descendants("title").Single().Value);
        Assert.Equal("copy", Fact(page, "Policy"));
        Assert.Matches(@"^[0-9]{1,2} [A-Z][a-z]+ 20[0-9]{2}, [0-9]{2}:[0-9]{2} UTC$", Fact(page, "Date"));
        Assert.Contains(Fact(page, "Run"), (await household.RunAsync("runs", "--json")).Out, StringComparison.Ordinal);
        Assert.Contains(page.Descendants("summary"), static summary => summary.Value == "Show 1 4");
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Page_counts_what_the_JSON_document_counts()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "13").Status(404);

        var (result, page) = await RunAsync(household, "sync", "--to", "Kid", "--to", "Friend", "--json");

        Assert.Equal(Path.Combine(household.Folder, "report.html"), result.Json.GetProperty("report").GetString());
        Assert.Equal(5, result.ExitCode);
        var sections = page.Descendants("section").ToList();
        Assert.Equal(2, sections.Count);
        foreach (var (target, section) in result.Targets.Zip(sections))
        {
            var changes = target.GetProperty("changes").EnumerateArray().ToList();
            var rows = Rows(section);
            Assert.Equal(changes.Count, rows.Count);
            Assert.Equal(changes.Count(static change => Is(change, "outcome", "failed")), rows.Count(static row => Has(row, "Failed")));
            Assert.Equal(target.GetProperty("applied").GetInt32(), rows.Count(static row => Has(row, "Applied")));
            Assert.Equal(changes.Count(static change => Is(change, "action", "watched")), rows.Count(static row => Has(row, "Watched")));
            Assert.Equal($"{changes.Count}", Fact(section, "Changes"));
            var skipped = target.GetProperty("skipped").EnumerateObject().Sum(static skip => skip.Value.GetInt32());
            var all = changes.Count(static change => !Is(change, "outcome", "skipped")) + skipped;
            Assert.Equal(skipped, Skips(section).Sum(static skip => int.Parse(skip.Count, CultureInfo.InvariantCulture)));
            Assert.Equal(all, Tiles(section).Values.Sum());
            Assert.Equal(target.GetProperty("applied").GetInt32(), Tiles(section)["Watched"] + Tiles(section)["In progress"]);
            Assert.Equal(all, Sum(section, "libraries"));
        }
    }

    [Fact]
    public async Task Page_asks_nobody_for_anything()
    {
        await using var household = await Household.StartAsync(Worlds.Lifelike());

        await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        var text = await File.ReadAllTextAsync(Path.Combine(household.Folder, "report.html"));
        Assert.All(
            new[] { "http:", "https:", "src=", "url(", "href=", "@import", "<link", "<img" },
            word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("default-src 'none'", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_allows_its_own_script_and_no_other()
    {
        await using var household = await Household.StartAsync();

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        var script = page.Descendants("script").Single().Value;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script)));
        Assert.Contains(
            $"script-src 'sha256-{hash}';",
            page.Descendants("meta").Select(static meta => meta.Attribute("content")?.Value)
                .First(static policy => policy is not null && policy.StartsWith("default-src", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.All(
            new[] { "query", "show", "shown", "find" }, id => Assert.Contains($"getElementById('{id}')", script, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_speaks_French()
    {
        await using var household = await Household.StartAsync();

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--lang", "fr");

        Assert.Equal("fr", page.Root!.Attribute("lang")!.Value);
        Assert.Equal("Ce qui a changé", page.Descendants("h1").Single().Value);
        Assert.Matches(@"^([2-9]|[1-3][0-9]|1er) [a-zéû]+ 20[0-9]{2} à [0-9]{2}:[0-9]{2} UTC$", Fact(page, "Date"));
        Assert.Contains(Rows(page), static row => row.Elements("td").ElementAt(1).Value == "20:00 sur 1:40:00");
        Assert.DoesNotContain("Watched", page.Root!.Element("body")!.Element("main")!.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sync", "en", "Nothing to do")]
    [InlineData("sync", "fr", "Rien à faire")]
    [InlineData("sync --dry-run", "fr", "Rien à faire")]
    [InlineData("plan -o -", "fr", "Rien à faire")]
    public async Task Page_says_that_there_is_nothing_to_do(string command, string language, string sentence)
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");

        var (result, page) = await RunAsync(household, [.. command.Split(' '), "--to", "Kid", "--lang", language]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(Notes(page), note => note.StartsWith(sentence, StringComparison.Ordinal));
        Assert.Empty(Rows(page));
        Assert.DoesNotContain(page.Descendants().Attributes("id"), static id => id.Value == "find");
    }

    [Fact]
    public async Task Names_from_a_server_stay_text()
    {
        var world = Worlds.Small();
        world.Server.Libraries[0].Items[1].Title = Hostile;
        world.Server.Libraries[0].Items[2].Title = "a\u202Eb\u0000c\u2066d\u001Be\uFFFEf";
        world.Server.Libraries[0].Title = $"Lib {Hostile}";
        world.Server.Name = $"NAS {Hostile}";
        world.User("Kid").Title = $"Kid {Hostile}";
        await using var household = await Household.StartAsync(world);

        var (result, page) = await RunAsync(household, "sync", "--to", "id:1002");

        Assert.Equal(0, result.ExitCode);
        Assert.Single(page.Descendants("script"));
        Assert.Empty(page.Descendants("img"));
        Assert.Contains(Rows(page), static row => row.Element("th")!.Value.StartsWith(Hostile, StringComparison.Ordinal));
        Assert.Contains(Rows(page), static row => row.Element("th")!.Value.StartsWith("abcdef", StringComparison.Ordinal));
        Assert.Equal($"Owner → Kid {Hostile} on “NAS {Hostile}”", page.Descendants("h2").Single().Value);
        Assert.All(
            page.Descendants().Attributes(),
            static attribute => Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
        Assert.DoesNotContain("alert", page.Descendants("script").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_names_a_library_that_was_left_out()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/2/all").By(household.Kid).Html();

        var (result, page) = await RunAsync(household, "sync", "--to", "Kid");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains(Notes(page), static note => note.StartsWith("TV Shows: Skipped: ", StringComparison.Ordinal));
        Assert.Equal(4, Rows(page).Count);
    }

    [Fact]
    public async Task Page_tells_why_something_failed()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "2").Status(404);

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid");

        var row = Assert.Single(Rows(page), static row => Has(row, "Failed"));
        Assert.StartsWith("Movie 2 (2002)", row.Element("th")!.Value, StringComparison.Ordinal);
        Assert.Contains("404", row.Elements().Last().Value, StringComparison.Ordinal);
        Assert.Contains(Notes(page), static note => note.StartsWith("The run is incomplete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_shows_what_a_limit_refused_to_take_away()
    {
        await using var household = await Household.StartAsync();
        foreach (var key in new[] { 6, 7, 8 })
        {
            household.Server.SetState(household.Kid, $"{key}", new ItemState(1, 0, 1_700_000_000));
        }

        var (result, page) = await RunAsync(household, "sync", "--to", "Kid", "--policy", "mirror", "--max-removals", "2");

        Assert.Equal(6, result.ExitCode);
        Assert.Empty(household.Server.Writes);
        Assert.Equal("What would change", page.Descendants("h1").Single().Value);
        Assert.Contains(Notes(page), static note => note.Contains("--max-removals", StringComparison.Ordinal));
        Assert.Equal(3, Rows(page).Count(static row => Has(row, "removal")));
        Assert.All(Rows(page), static row => Assert.Equal("not tried", row.Elements().Last().Value));
    }

    [Fact]
    public async Task Page_says_once_why_things_change()
    {
        await using var household = await Household.StartAsync();

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        Assert.Equal(
            [
                "Watched again Owner is watching it again, more recently 1", "Watched Owner has watched it 5",
                "In progress Owner has started it 2",
            ],
            page.Descendants("ul").Single(static list => Has(list, "reasons")).Elements("li").Select(static reason => reason.Value));
        Assert.Equal(
            ["Movie 5 (2005) Watched again"],
            Rows(page).Elements("th").Where(static title => title.Elements().Any()).Select(static title => title.Value));
    }

    [Fact]
    public async Task Page_names_what_was_skipped_by_reason()
    {
        var world = Worlds.Small();
        world.Server.Libraries[1].Items[0].HiddenFrom.Add(1002);
        world.Server.Libraries[1].Items[1].HiddenFrom.Add(1002);
        world.Server.SetState(world.Owner, "10", new ItemState(1));
        world.Server.SetState(world.Owner, "9", new ItemState(ViewOffset: 30_000));
        await using var household = await Household.StartAsync(world);

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        Assert.Collection(
            Skips(page),
            static skip =>
            {
                Assert.Equal(("The user does not have access to it.", "3"), (skip.Reason, skip.Count));
                Assert.Equal(["Movie 10 (2010)", "Show 1 S01E01 – Episode 1.1, S01E02 – Episode 1.2"], skip.Items);
            },
            static skip => Assert.Equal(("1", "Movie 9 (2009)"), (skip.Count, skip.Items.Single())));
        Assert.Equal(4, Tiles(page.Descendants("section").Single())["Skipped"]);
    }

    [Theory]
    [InlineData("plexsync sync --to Kid --report '{folder}/a page.html'", "sync", "--to", "Kid", "--dry-run")]
    [InlineData("plexsync apply '{folder}/a plan.json'", "plan", "--to", "Kid", "-o", "{folder}/a plan.json")]
    [InlineData("plexsync undo {run}", "sync", "--to", "Kid")]
    [InlineData(null, "sync", "--to", "Kid", "--dry-run", "--library", "Home Videos")]
    public async Task Page_has_the_command_that_goes_on_from_there(string? command, params string[] args)
    {
        var world = Worlds.Small();
        world.Server.AddMovieLibrary("Home Videos").SharedWith.Clear();
        await using var household = await Household.StartAsync(world);
        var file = Path.Combine(household.Folder, "a page.html");

        await household.RunAsync([.. args.Select(Fill), "--report", file]);

        var page = Read(file);
        Assert.Equal(
            command is null ? [] : [Fill(command).Replace("{run}", "1", StringComparison.Ordinal)],
            page.Descendants("code").Select(static code => code.Value));

        string Fill(string text) => text.Replace("{folder}", household.Folder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_sorts_numbers_by_their_value()
    {
        var world = Worlds.Small();
        world.Server.SetState(world.Owner, "9", new ItemState(1));
        world.Server.Libraries[0].Items[1].Title = "Movie 10";
        world.Server.Libraries[0].Items[8].Title = "Élan";
        await using var household = await Household.StartAsync(world);

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        Assert.Equal(
            ["Élan (2009)", "Movie 3 (2003)", "Movie 4 (2004)", "Movie 5 (2005)", "Movie 10 (2002)"],
            Rows(page).Select(static row => row.Element("th")!.FirstNode!.ToString().Trim()).Take(5));
    }

    [Fact]
    public async Task Page_of_a_cancelled_run_shows_what_was_written_by_then()
    {
        await using var household = await Household.StartAsync();
        using var stop = new CancellationTokenSource();
        household.CancelAtWrite(2, stop);
        var file = Path.Combine(household.Folder, "report.html");

        var result = await household.RunAsync(["sync", "--to", "Kid", "--concurrency", "1", "--report", file], stop.Token);

        Assert.Equal(130, result.ExitCode);
        var page = Read(file);
        Assert.Equal((2, 6), (Rows(page).Count(static row => Has(row, "Applied")), Rows(page).Count(static row => Has(row, "Planned"))));
        Assert.Contains(Notes(page), static note => note.Contains("Stopped. The report shows what was written.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_of_a_run_without_a_plan_says_why_there_is_none()
    {
        await using var household = await Household.StartAsync();

        var (result, page) = await RunAsync(household, "sync", "--to", "Nobody");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(Notes(page), static note => note.Contains("There is no user “Nobody”", StringComparison.Ordinal));
        Assert.Empty(page.Descendants("section"));
    }

    [Fact]
    public async Task Page_of_an_undo_and_of_a_restore_shows_what_they_take_back()
    {
        await using var household = await Household.StartAsync();
        var file = Path.Combine(household.Folder, "kid.jsonl");
        await household.RunAsync("snapshot", "--user", "Kid", "-o", file);
        await household.RunAsync("sync", "--to", "Kid");

        var (restore, kept) = await RunAsync(household, "restore", file, "--user", "Kid", "--exact", "--dry-run");
        var (undo, back) = await RunAsync(household, "undo", "--yes");

        Assert.Equal((0, 0), (restore.ExitCode, undo.ExitCode));
        Assert.Equal((8, 8), (Rows(kept).Count(static row => Has(row, "removal")), Rows(back).Count(static row => Has(row, "removal"))));
        Assert.StartsWith("Undo of ", back.Descendants("h2").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_shows_ratings_as_ratings()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "6", new ItemState(UserRating: 7.5));

        var (_, page) = await RunAsync(household, "sync", "--to", "Kid", "--ratings", "--dry-run", "--lang", "fr");

        var row = Assert.Single(Rows(page), static row => Has(row, "Rating"));
        Assert.Equal(["sans note", "7,5 sur 10"], row.Elements("td").Take(2).Select(static cell => cell.Value));
    }

    [Theory]
    [InlineData("“{report}” cannot be written", "/nowhere/report.html")]
    [InlineData("“{report}” cannot be written", "/proc/report.html")]
    [InlineData("“{report}” cannot be written", "{folder}")]
    [InlineData("--report needs a file: standard output is for the result.", "-")]
    [InlineData("--report and {folder}/plan.json point to the same file", "{folder}/sub/../plan.json")]
    public async Task A_place_that_cannot_be_used_is_refused_before_anybody_is_asked(string sentence, string report)
    {
        await using var household = await Household.StartAsync();
        string Fill(string text) => text.Replace("{folder}", household.Folder, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(household.Folder, "sub"));

        var result = await household.RunAsync(
            "plan", "--to", "Kid", "-o", Path.Combine(household.Folder, "plan.json"), "--report", Fill(report));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(
            $"plexsync: {Fill(sentence.Replace("{report}", report, StringComparison.Ordinal))}", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.Plex.Requests.All);
        Assert.Empty(Directory.GetFiles(household.Folder));
    }

    [Fact]
    public async Task A_page_in_place_of_the_plan_that_is_applied_is_refused()
    {
        await using var household = await Household.StartAsync();
        var plan = Path.Combine(household.Folder, "plan.json");
        await household.RunAsync("plan", "--to", "Kid", "-o", plan);
        var before = await File.ReadAllTextAsync(plan);

        var result = await household.RunWithoutWritingAsync("apply", plan, "--report", plan);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(before, await File.ReadAllTextAsync(plan));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("pins")]
    [InlineData("their-token")]
    [InlineData("state/credentials.json")]
    [InlineData(".config/plexsync/config.json")]
    public async Task A_page_in_place_of_what_a_run_lives_by_is_refused(string file)
    {
        await using var household = await Household.StartAsync();
        household.Configure("{}");
        var token = household.WriteFile("token", household.World.Owner.AccountToken);
        var pins = household.WriteFile("pins", "Teen=4321");
        var theirs = household.WriteFile("their-token", household.World.Owner.AccountToken);
        Directory.CreateDirectory(household.Environment["PLEXSYNC_HOME"]);
        await File.WriteAllTextAsync(household.CredentialsFile, """{"token":"stored"}""");
        var path = Path.Combine(household.Folder, file);
        var before = await File.ReadAllTextAsync(path);

        var result = await household.RunWithoutWritingAsync(
            "sync", "--to", "Kid", "--dry-run", "--token-file", token, "--pin-file", pins, "--to-server", household.ServerUrl,
            "--to-token-file", theirs, "--report", path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Choose another file for the report", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_page_can_be_kept_in_memory()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "Only Linux has such a folder.");
        await using var household = await Household.StartAsync();
        var page = $"/dev/shm/{Path.GetFileName(household.Folder)}.html";
        try
        {
            var result = await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--report", page);

            Assert.Equal(0, result.ExitCode);
            Assert.True(File.Exists(page));
        }
        finally
        {
            File.Delete(page);
        }
    }

    [Fact]
    public async Task A_page_that_cannot_be_written_in_the_end_hides_nothing_of_what_was_done()
    {
        await using var household = await Household.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(household.Folder, "pages")).FullName;
        household.Plex.Faults.On(request =>
        {
            if (request.IsWrite && Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            return false;
        });

        var result = await household.RunAsync("sync", "--to", "Kid", "--json", "--report", Path.Combine(folder, "report.html"));

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(8, result.Targets[0].GetProperty("applied").GetInt32());
        Assert.Equal("configuration", result.Json.GetProperty("error").GetProperty("kind").GetString());
        Assert.False(result.Json.TryGetProperty("report", out _));
    }

    [Fact]
    public async Task Report_belongs_to_runs_only_with_resume()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("runs", "--report", Path.Combine(household.Folder, "report.html"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--report works only with --resume: add --resume, or remove --report.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_takes_the_place_of_an_older_one_and_leaves_no_draft()
    {
        await using var household = await Household.StartAsync();
        household.WriteFile("report.html", "yesterday");

        await RunAsync(household, "sync", "--to", "Kid", "--dry-run");

        Assert.Equal([Path.Combine(household.Folder, "report.html")], Directory.GetFiles(household.Folder));
    }

    [Fact]
    public async Task Page_holds_no_secrets()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        await RunAsync(household, "sync", "--to", "Kid", "--to", "Teen", "--to", "Friend");

        var text = await File.ReadAllTextAsync(Path.Combine(household.Folder, "report.html"));
        var tokens = household.Plex.Requests.All.Select(static request => request.Token).OfType<string>().Distinct().ToList();
        Assert.NotEmpty(tokens);
        Assert.All(tokens, token => Assert.DoesNotContain(token, text, StringComparison.Ordinal));
        Assert.DoesNotContain("4321", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_page_is_folded_and_still_whole()
    {
        await using var household = await Household.StartAsync(Worlds.Lifelike());

        var (result, page) = await RunAsync(household, "sync", "--to", "Friend", "--dry-run", "--json");

        var changes = result.Targets[0].GetProperty("changes").GetArrayLength();
        Assert.True(changes > 200);
        Assert.Equal(changes, Rows(page).Count);
        var groups = page.Descendants("details").Where(static group => group.Attribute("class")!.Value.Split(' ')[0] == "group").ToList();
        Assert.True(groups.Count > 3);
        Assert.All(groups, static group => Assert.Null(group.Attribute("open")));
        Assert.All(groups, static group => Assert.Equal(
            group.Element("summary")!.Element("span")!.Value, $"{group.Descendants("tbody").Elements("tr").Count()}"));
    }

    private static async Task<(Result Result, XDocument Page)> RunAsync(Household household, params string[] args)
    {
        var file = Path.Combine(household.Folder, "report.html");
        var result = await household.RunAsync([.. args, "--report", file]);
        return (result, Read(file));
    }

    /// <summary>Strictly: well-formed, and what every page must have.</summary>
    private static XDocument Read(string file)
    {
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=", File.ReadAllText(file), StringComparison.Ordinal);
        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        var page = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        Assert.Single(page.Descendants("h1"));
        Assert.NotEqual("", page.Root!.Attribute("lang")!.Value);
        var ids = page.Descendants().Attributes("id").Select(static id => id.Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(page.Descendants().Attributes("aria-labelledby"), label => Assert.Contains(label.Value, ids));
        Assert.All(page.Descendants().Attributes("for"), label => Assert.All(label.Value.Split(' '), id => Assert.Contains(id, ids)));
        Assert.All(page.Descendants("th"), static heading => Assert.Contains(heading.Attribute("scope")!.Value, (string[])["col", "row"]));
        Assert.All(page.Descendants("table"), static table => Assert.NotEqual("", table.Element("caption")!.Value));
        Assert.All(page.Descendants("table"), static table =>
        {
            var columns = table.Element("thead")!.Element("tr")!.Elements().Count();
            Assert.All(table.Descendants("tr"), row => Assert.Equal(columns, row.Elements().Count()));
        });
        var levels = page.Descendants().Select(static element => element.Name.LocalName)
            .Where(static name => name is ['h', >= '1' and <= '6']).Select(static name => name[1] - '0').ToList();
        Assert.All(levels.Skip(1).Zip(levels), static pair => Assert.True(pair.First <= pair.Second + 1));
        return page;
    }

    private static List<XElement> Rows(XContainer page) =>
        page.Descendants("table").Where(static table => table.Attribute("class")?.Value == "rows")
            .SelectMany(static table => table.Element("tbody")!.Elements("tr")).ToList();

    private static bool Has(XElement element, string name) => element.Attribute("class")!.Value.Split(' ').Contains(name);

    private static bool Is(JsonElement change, string property, string word) => change.GetProperty(property).GetString() == word;

    private static string Fact(XContainer page, string name) =>
        page.Descendants("dt").First(term => term.Value == name).ElementsAfterSelf("dd").First().Value;

    private static List<string> Notes(XContainer page) =>
        page.Descendants("p").Where(static note => note.Attribute("class")?.Value.StartsWith("note", StringComparison.Ordinal) is true)
            .Select(static note => note.Value).ToList();

    private static int Sum(XContainer page, string table) =>
        page.Descendants("table").Where(found => Has(found, table)).Elements("tbody").Elements("tr")
            .Where(static row => row.Attribute("class") is null).Descendants("td")
            .Sum(static cell => int.Parse(cell.Value, CultureInfo.InvariantCulture));

    private static Dictionary<string, int> Tiles(XElement section) =>
        section.Descendants("dl").Single(static list => Has(list, "tiles")).Elements("div").ToDictionary(
            static tile => tile.Element("dt")!.Value, static tile => int.Parse(tile.Element("dd")!.Value, CultureInfo.InvariantCulture));

    /// <summary>Why items were skipped, how many, and which.</summary>
    private static List<(string Reason, string Count, string[] Items)> Skips(XContainer page) =>
        page.Descendants("details").Where(static part => Has(part, "skip")).Select(static part => (
            part.Element("summary")!.Nodes().OfType<XText>().First().Value.Trim(),
            part.Element("summary")!.Element("span")!.Value,
            part.Descendants("li").Select(static item => item.Value).ToArray())).ToList();
}
