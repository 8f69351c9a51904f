using PlexSync.Cli.Output;
using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

/// <summary>What a terminal shows of long lists: the first titles of each library, the episodes of a show in one line.</summary>
public sealed class FoldingTests
{
    private static readonly UserReference Owner = new(new UserId(1001), "Owner");
    private static readonly UserReference Kid = new(new UserId(1002), "Kid");
    private static readonly LibraryKey Key = LibraryKey.Parse("1");

    [Theory]
    [InlineData("en", "Severance: 4 episodes, S01E01–S01E04", "101 102 103 104")]
    [InlineData("en", "Severance: 4 episodes, S01E08–S02E02", "108 109 201 202")]
    [InlineData("en", "Severance: 3 episodes, S01E09–S02E02", "202 109 201")]
    [InlineData("en", "Severance: 3 episodes between S01E01 and S01E04", "101 102 104")]
    [InlineData("en", "Severance: 3 episodes between S01E01 and S02E02", "101 102 202")]
    [InlineData("en", "Severance: 2 episodes between S01E01 and S03E01", "101 301")]
    [InlineData("en", "Severance: 2 episodes between S00E01 and S01E01", "1 101")]
    [InlineData("en", "Severance: 3 episodes between S01E01 and S01E02", "101 101 102")]
    [InlineData("en", "Severance: 2 episodes", "101 101")]
    [InlineData("en", "Severance: 2 episodes", "101 -")]
    [InlineData("fr", "Severance\u00A0: 2 épisodes, S01E01–S01E02", "101 102")]
    [InlineData("fr", "Severance\u00A0: 2 épisodes entre S01E01 et S01E03", "101 103")]
    public void Episodes_of_a_show_are_one_line_that_is_honest_about_gaps(string language, string line, string episodes)
    {
        var items = episodes.Split(' ').Select((place, at) =>
            place == "-" ? Episode("Severance", at, null, null) : Episode("Severance", at, int.Parse(place) / 100, int.Parse(place) % 100));

        Assert.Equal(line, Phrases.Several([.. items], Texts.Of(language)));
    }

    [Theory]
    [InlineData("en", "Nina: 2 tracks")]
    [InlineData("fr", "Nina\u00A0: 2 pistes")]
    public void Tracks_of_an_artist_are_one_line(string language, string line) =>
        Assert.Equal(line, Phrases.Several([Track(1), Track(2)], Texts.Of(language)));

    [Fact]
    public void Ten_titles_of_a_library_are_shown_and_the_rest_is_counted()
    {
        PlannedChange[] changes =
        [
            .. Enumerable.Range(1, 9).Select(static number => Watched(Movie(number))),
            .. Enumerable.Range(1, 30).Select(static number => Watched(Episode("Severance", 100 + number, 1, number))),
            Watched(Movie(10)),
            Watched(Episode("Severance", 200, 1, 31)),
            .. Enumerable.Range(1, 500).Select(static number => Watched(Episode("Long", 1000 + number, 1, number))),
        ];

        var lines = Show(changes);

        Assert.Equal("  [WATCHED] Movie 9", lines[10]);
        Assert.Equal("  [WATCHED] Severance: 31 episodes, S01E01–S01E31", lines[11]);
        Assert.Equal("  … and 2 more titles", lines[12]);
        Assert.Equal("Shortened: --all lists every item, --report FILE saves them as a page.", lines[14]);
        Assert.Equal("  … et 2 autres titres", Show(changes, "fr")[12]);
        Assert.StartsWith("Liste abrégée\u00A0: --all", Show(changes, "fr")[14], StringComparison.Ordinal);
        Assert.Equal("  … and 1 more title", Show(changes[..41])[12]);
    }

    [Fact]
    public void What_is_shown_whole_has_no_hint()
    {
        var lines = Show([Watched(Movie(1)), Watched(Episode("Severance", 2, 1, 1))]);

        Assert.Equal(["  [WATCHED] Movie 1", "  [WATCHED] Severance – S01E01 – Part", ""], lines[2..5]);
        Assert.DoesNotContain(lines, static line => line.Contains("--all", StringComparison.Ordinal));
    }

    [Fact]
    public void A_show_has_a_line_for_each_thing_that_happens_to_its_episodes()
    {
        var paused = new WatchState { ViewCount = 1, Position = TimeSpan.FromMinutes(60) };
        var lines = Show(
        [
            Watched(Episode("Severance", 1, 1, 1)),
            Change(Episode("Severance", 2, 1, 2), ChangeAction.Progress, new WatchState { Position = TimeSpan.FromMinutes(10) }),
            Watched(Movie(1)),
            Watched(Episode("Severance", 3, 1, 3)),
            Change(Episode("Severance", 4, 1, 4), ChangeAction.Watched, paused),
            Change(Movie(2), ChangeAction.Progress, paused),
        ]);

        Assert.Equal(
            [
                "  [WATCHED] Severance: 2 episodes between S01E01 and S01E03",
                "  [IN PROGRESS] Severance – S01E02 – Part – 10:00",
                "  [WATCHED AGAIN] Severance – S01E04 – Part – paused at 1:00:00",
                "  [WATCHED] Movie 1",
                "  [WATCHED AGAIN] Movie 2 – paused at 1:00:00",
            ],
            lines[2..7]);
    }

    [Fact]
    public void What_went_wrong_is_always_shown_each()
    {
        ChangeResult[] results =
        [
            .. Enumerable.Range(1, 20).Select(static number => Done(Watched(Movie(number)), ChangeOutcome.Applied)),
            .. Enumerable.Range(21, 20).Select(static number => Done(Watched(Movie(number)), ChangeOutcome.Failed)),
            Done(Watched(Episode("Severance", 100, 1, 1)), ChangeOutcome.Unknown),
            Done(Watched(Episode("Severance", 101, 1, 2)), ChangeOutcome.Unknown),
        ];

        var lines = Show(Report(results), "en", isDryRun: false);

        Assert.Equal(20, lines.Count(static line => line.StartsWith("  [FAILED] Movie ", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(static line => line.StartsWith("  [UNCONFIRMED] Severance – S01E0", StringComparison.Ordinal)));
        Assert.Equal(10, lines.Count(static line => line.StartsWith("  [WATCHED] ", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_stopped_run_did_not_come_to_is_not_called_in_sync()
    {
        var lines = Show(Report([Done(Watched(Movie(1)), ChangeOutcome.Planned)]), "en", isDryRun: false);

        Assert.DoesNotContain(lines, static line => line.Contains("Movie 1", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.Contains("Nothing to sync", StringComparison.Ordinal));
        Assert.Contains("  All: 1 not tried", lines);
    }

    [Fact]
    public void A_long_list_costs_no_text_for_what_is_not_shown()
    {
        const int Count = 100_000;
        ChangeResult[] results =
        [
            .. Enumerable.Range(0, Count).Select(static number => Done(
                Watched(number % 2 == 0 ? Movie(number) : Episode($"Show {number % 100}", number, 1 + (number / 50_000), number % 500)),
                ChangeOutcome.Planned)),
        ];
        var report = Report(results);
        Show(report, "en", isDryRun: true);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Show(report, "en", isDryRun: true);

        // The lists of a library's results; a name alone takes more than that.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Count, 0, 64);
    }

    [Fact]
    public async Task A_terminal_folds_and_everything_else_lists_each_item()
    {
        await using var household = await Household.StartAsync();
        string[] args = ["sync", "--to", "Kid", "--dry-run", "--no-color"];

        var plain = await household.RunAsync(args);
        household.Terminal = new Terminal { IsOutput = true };
        var folded = await household.RunAsync(args);
        var all = await household.RunAsync([.. args, "--all"]);

        Assert.Contains("[WATCHED] Show 1: 3 episodes, S01E01–S01E03", folded.Lines);
        Assert.Contains("[WATCHED] Show 1 – S01E02 – Episode 1.2", plain.Lines);
        Assert.Equal(Items(plain), Items(all));
        Assert.Equal(8, Items(plain).Count());

        static IEnumerable<string> Items(Result result) => result.Lines.Where(static line => line[0] == '[');
    }

    [Theory]
    [InlineData("en", "To see which: --show-skipped")]
    [InlineData("fr", "Pour voir lesquels\u00A0: --show-skipped")]
    public async Task Skipped_items_are_named_on_demand(string language, string hint)
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "6", new ItemState(0, 60_000, 1_700_000_000));
        var reason = Texts.Of(language).Count("Skip_PositionTooShort", 1, "Kid");
        string[] args = ["sync", "--to", "Kid", "--dry-run", "--no-color", "--lang", language];

        var named = (await household.RunAsync([.. args, "--show-skipped"])).Out.Split('\n');
        household.Terminal = new Terminal { IsOutput = true, Width = 120 };
        var counted = (await household.RunAsync(args)).Out.Split('\n');
        var folded = (await household.RunAsync([.. args, "--show-skipped"])).Out.Split('\n');

        foreach (var lines in new[] { named, folded })
        {
            var at = Array.IndexOf(lines, reason);
            Assert.True(at > 0, string.Join('\n', lines));
            Assert.Equal("  Movie 6 (2006)", lines[at + 1]);
            Assert.DoesNotContain($"  {hint}", lines);
        }

        Assert.Contains($"  {hint}", counted);
        Assert.DoesNotContain(counted, static line => line.Contains("Movie 6 (2006)", StringComparison.Ordinal));
    }

    private static string[] Show(PlannedChange[] changes, string language = "en") =>
        Show(Report([.. changes.Select(static change => Done(change, ChangeOutcome.Planned))]), language, isDryRun: true);

    private static string[] Show(SyncReport report, string language, bool isDryRun)
    {
        using var output = new StringWriter();
        var around =
            new ConsoleEnvironment
            {
                In = TextReader.Null,
                Out = output,
                Error = TextWriter.Null,
                Environment = new Dictionary<string, string>(),
                Terminal = new Terminal { IsOutput = true, Width = 100 },
            };
        var outcome = new SyncOutcome { Id = RunId.Create(TimeProvider.System), IsDryRun = isDryRun, Reports = [report] };
        new SyncWriter(new Screen(around, hasColor: false), Texts.Of(language)) { IsFolded = true }.Write(outcome);
        return output.ToString().Split('\n');
    }

    private static SyncReport Report(ChangeResult[] results) => new()
    {
        Plan =
            new SyncPlan
            {
                CreatedAt = DateTimeOffset.UnixEpoch,
                Server = new ServerReference(MachineIdentifier.Parse("nas"), "NAS", "1"),
                Source = Owner,
                Target = Kid,
                Identity = IdentityProof.Proved,
                Policy = "copy",
                Libraries = [new LibraryComparison { Library = new Library { Key = Key, Title = "All", Type = "movie" } }],
                Changes = [.. results.Select(static result => result.Change)],
            },
        Results = results,
    };

    private static ChangeResult Done(PlannedChange change, ChangeOutcome outcome) => new() { Change = change, Outcome = outcome };

    private static PlannedChange Watched(MediaItem item) => Change(item, ChangeAction.Watched, new WatchState { ViewCount = 1 });

    private static PlannedChange Change(MediaItem item, ChangeAction action, WatchState after) => new()
    {
        Item = item,
        Library = Key,
        Action = action,
        After = after,
        Reason = ChangeReason.SourceWatched,
    };

    private static MediaItem Movie(int number) =>
        new() { RatingKey = RatingKey.Parse($"{number + 1}"), Type = MediaType.Movie, Title = $"Movie {number}" };

    private static MediaItem Track(int number) => new()
    {
        RatingKey = RatingKey.Parse($"{number}"),
        Type = MediaType.Track,
        ShowTitle = "Nina",
        Title = $"Track {number}",
        SeasonNumber = 1,
        EpisodeNumber = number,
    };

    private static MediaItem Episode(string show, int number, int? season, int? episode) => new()
    {
        RatingKey = RatingKey.Parse($"{number + 1_000_000}"),
        Type = MediaType.Episode,
        ShowTitle = show,
        Title = "Part",
        SeasonNumber = season,
        EpisodeNumber = episode,
    };
}
