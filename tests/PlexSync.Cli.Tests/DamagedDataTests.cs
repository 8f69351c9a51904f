using PlexSync.Cli.Output;

namespace PlexSync.Cli.Tests;

/// <summary>What people are told of damaged items, of servers that fail at big pages, and of rows that look the same.</summary>
public sealed class DamagedDataTests
{
    private const string Movies =
        """
        {"MediaContainer":{"size":3,"totalSize":3,"offset":0,"Metadata":[{"ratingKey":"2","type":"movie","title":"Movie 2","year":2002,
        "viewCount":1,"lastViewedAt":"124349-163875600"},{"ratingKey":"3","type":"movie","title":"Movie 3","year":2003,"viewCount":-1},
        {"ratingKey":"9","type":"movie","title":"Movie 9","year":2009}]}}
        """;

    [Theory]
    [InlineData(
        "en",
        "[SKIPPED] Movie 3 (2003): the server sent an invalid state for it.",
        "1 item skipped for Kid: the server sent an invalid state for it.")]
    [InlineData(
        "fr",
        "[IGNORÉ] Movie 3 (2003)\u00a0: le serveur a envoyé un état non valide.",
        "1 élément ignoré pour Kid\u00a0: le serveur a envoyé un état non valide.")]
    public async Task Sync_names_an_item_whose_state_is_damaged_and_does_the_rest(string language, string line, string summary)
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--lang", language);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(line, result.Lines);
        Assert.Contains(summary, result.Lines);
        Assert.Equal((1, 0), (household.Of(household.Kid, 2).ViewCount, household.Of(household.Kid, 3).ViewCount));
        Assert.Equal(1, household.Of(household.Kid, 13).ViewCount);
    }

    [Fact]
    public async Task Json_names_an_item_whose_state_is_damaged()
    {
        await using var household = await StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--json");

        var target = result.Json.GetProperty("targets")[0];
        Assert.Equal(1, target.GetProperty("skipped").GetProperty("stateDamaged").GetInt32());
        var damaged = Assert.Single(target.GetProperty("damaged").EnumerateArray());
        Assert.Equal(("3", "Movie 3 (2003)"), (damaged.GetProperty("ratingKey").GetString(), damaged.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Report_names_an_item_whose_state_is_damaged()
    {
        await using var household = await StartAsync();
        var page = Path.Combine(household.Folder, "report.html");

        await household.RunAsync("sync", "--to", "Kid", "--report", page);

        Assert.Contains(
            "<li dir=\"auto\">Movie 3 (2003)</li>",
            await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_says_that_an_item_whose_state_is_damaged_is_not_in_it()
    {
        await using var household = await StartAsync();
        var file = Path.Combine(household.Folder, "owner.jsonl");

        var result = await household.RunAsync("snapshot", "--user", "Owner", "-o", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1 item is not in the snapshot", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Movie 3", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Library_that_fails_in_small_pages_too_is_left_out_with_a_word_on_page_size()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/1/all").Status(500);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("--page-size", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_one_title_are_told_apart_by_date_year_or_key()
    {
        MediaItem[] items =
        [
            Movie("1", "Solaris", 1972, new DateOnly(1972, 3, 20)), Movie("2", "Solaris", 1972, new DateOnly(1972, 9, 1)),
            Movie("3", "Stalker", 1979, null), Movie("4", "Stalker", 1979, null), Movie("5", "Mirror", 1975, null),
            Episode("6", null), Episode("7", null), Episode("8", 2001), Episode("9", 2002), Episode("9", 2002),
        ];

        var names = new ItemNames(items);

        Assert.Equal(
            [
                "Solaris (1972) (1972-03-20)", "Solaris (1972) (1972-09-01)", "Stalker (1979) (key:3)", "Stalker (1979) (key:4)",
                "Mirror (1975)",
                "News – S01E01 – Pilot (key:6)", "News – S01E01 – Pilot (key:7)", "News – S01E01 – Pilot (2001)",
                "News – S01E01 – Pilot (2002)", "News – S01E01 – Pilot (2002)",
            ],
            items.Select(names.Of));
        Assert.Equal("S01E01 – Pilot (2001)", names.WithinGroup(items[7]));
    }

    private static async Task<Household> StartAsync()
    {
        var household = await Household.StartAsync();
        household.Plex.Faults.On("/library/sections/1/all").By(household.World.Owner)
            .Status(200, Movies, headers: ("Content-Type", "application/json"));
        return household;
    }

    private static MediaItem Movie(string key, string title, int year, DateOnly? day) =>
        new() { RatingKey = RatingKey.Parse(key), Type = MediaType.Movie, Title = title, Year = year, OriginallyAvailableAt = day };

    private static MediaItem Episode(string key, int? year) => new()
    {
        RatingKey = RatingKey.Parse(key),
        Type = MediaType.Episode,
        Title = "Pilot",
        ShowTitle = "News",
        SeasonNumber = 1,
        EpisodeNumber = 1,
        Year = year,
    };
}
