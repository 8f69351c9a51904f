using System.Text;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>A snapshot is whole or it is not used: every kind of damage is noticed before a server is asked for anything.</summary>
public sealed class SnapshotReaderTests
{
    private const string Header =
        """{"format":"plexsync-snapshot","version":1,"createdAt":"2026-11-22T10:00:00Z","server":"""
        + """{"machineIdentifier":"abc","name":"NAS","version":"1.43"},"user":{"id":1002,"title":"Kid"},"libraries":["""
        + """{"key":"1","title":"Movies","type":"movie"},{"key":"2","title":"TV","type":"show"}]}""";

    private const string Movie =
        """{"ratingKey":"42","library":"1","type":"movie","title":"Été\n[REC] “日本”","year":1999,"durationMs":"""
        + """6000000,"guid":"plex://movie/42","ids":["imdb://tt42"],"viewCount":2,"positionMs":"""
        + """90000,"lastViewedAt":"2026-01-02T03:04:05Z","userRating":8.5}""";

    private const string Episode =
        """{"ratingKey":"50","library":"2","type":"episode","title":"Pilot","show":"Show","season":0,"episode":1}""";

    private const string Footer = """{"count":2}""";

    private static readonly string Whole = Lines(Header, Movie, Episode, Footer);

    [Fact]
    public async Task Snapshot_is_read_as_it_was_written()
    {
        var snapshot = await ReadAsync(Whole);

        Assert.Equal(new ServerReference(MachineIdentifier.Parse("abc"), "NAS", "1.43"), snapshot.Server);
        Assert.Equal(new UserReference(new UserId(1002), "Kid"), snapshot.User);
        Assert.Equal(["Movies", "TV"], snapshot.Libraries.Select(library => library.Library.Title));
        Assert.Equal([1, 1], snapshot.Libraries.Select(library => library.Items.Count));
        var movie = Assert.Single(snapshot.Libraries[0].Items);
        Assert.Equal("Été\n[REC] “日本” (1999)", movie.DisplayTitle);
        Assert.Equal(TimeSpan.FromMinutes(100), movie.Duration);
        Assert.Equal(
            new WatchState
            {
                ViewCount = 2,
                Position = TimeSpan.FromSeconds(90),
                LastViewedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                UserRating = 8.5,
            },
            movie.State);
        Assert.Equal(("50", default), (snapshot.Libraries[1].Items[0].RatingKey.ToString(), snapshot.Libraries[1].Items[0].State));
    }

    [Fact]
    public async Task Snapshot_is_refused_when_it_is_cut_anywhere()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var length = 0; length < bytes.Length; length++)
        {
            var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(bytes.AsSpan(0, length).ToArray()));

            Assert.True(error.Kind is PlexErrorKind.InvalidFile, $"cut at {length}: {error.Message}");
        }
    }

    [Fact]
    public async Task Snapshot_is_read_when_its_bytes_come_one_by_one()
    {
        await using var stream = new Dripping(Encoding.UTF8.GetBytes(Whole));

        var snapshot = await SnapshotReader.ReadAsync(stream, default);

        Assert.Equal(2, snapshot.Libraries.Sum(library => library.Items.Count));
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "empty", "" },
        { "no snapshot", "hello\n" },
        { "a web page", "<html></html>\n" },
        { "another format", Whole.Replace("plexsync-snapshot", "plexsync-plan", StringComparison.Ordinal) },
        { "no format", Whole.Replace("\"format\":\"plexsync-snapshot\",", "", StringComparison.Ordinal) },
        { "no version", Whole.Replace("\"version\":1,", "", StringComparison.Ordinal) },
        { "version 0", Whole.Replace("\"version\":1,", "\"version\":0,", StringComparison.Ordinal) },
        { "version as text", Whole.Replace("\"version\":1,", "\"version\":\"1\",", StringComparison.Ordinal) },
        { "no date", Whole.Replace("\"createdAt\":\"2026-11-22T10:00:00Z\",", "", StringComparison.Ordinal) },
        { "a local date", Whole.Replace("10:00:00Z", "10:00:00", StringComparison.Ordinal) },
        { "no machine", Whole.Replace("\"abc\"", "null", StringComparison.Ordinal) },
        { "a bad machine", Whole.Replace("\"abc\"", "\"../x\"", StringComparison.Ordinal) },
        { "no user", Whole.Replace("{\"id\":1002,\"title\":\"Kid\"}", "null", StringComparison.Ordinal) },
        { "user zero", Whole.Replace("1002", "0", StringComparison.Ordinal) },
        { "no libraries", Whole.Replace("\"libraries\":[", "\"sections\":[", StringComparison.Ordinal) },
        { "a library twice", Whole.Replace("\"key\":\"2\"", "\"key\":\"1\"", StringComparison.Ordinal) },
        { "a library is null", Whole.Replace("{\"key\":\"1\",\"title\":\"Movies\",\"type\":\"movie\"}", "null", StringComparison.Ordinal) },
        { "a bad library key", Whole.Replace("\"key\":\"1\"", "\"key\":\"1/2\"", StringComparison.Ordinal) },
        { "the header alone", Lines(Header) },
        { "no footer", Lines(Header, Movie, Episode) },
        { "too few items", Lines(Header, Movie, Footer) },
        { "too many items", Lines(Header, Movie, Episode, "{\"count\":1}") },
        { "a negative count", Lines(Header, "{\"count\":-1}") },
        { "a footer with more", Lines(Header, Movie, Episode, "{\"count\":2,\"x\":1}") },
        { "an item after the footer", Lines(Header, Movie, Footer, Episode) },
        { "an empty line after the footer", Whole + "\n" },
        { "half a line after the footer", Whole + "{" },
        { "two snapshots", Whole + Whole },
        { "an empty line", Lines(Header, Movie, "", Episode, Footer) },
        { "null", Lines(Header, Movie, "null", Footer) },
        { "two items on a line", Lines(Header, Movie + Episode, Footer) },
        { "no item", Lines(Header, Movie, "{}", Footer) },
        { "an item twice", Lines(Header, Movie, Movie, Footer) },
        { "a key in two libraries", Lines(Header, Movie, Episode.Replace("\"50\"", "\"42\"", StringComparison.Ordinal), Footer) },
        {
            "an unknown library",
            Lines(Header, Movie, Episode.Replace("\"library\":\"2\"", "\"library\":\"3\"", StringComparison.Ordinal), Footer)
        },
        {
            "a library of another type",
            Lines(Header, Movie, Episode.Replace("\"library\":\"2\"", "\"library\":\"1\"", StringComparison.Ordinal), Footer)
        },
        { "no type", Whole.Replace("\"type\":\"episode\"", "\"type\":\"\"", StringComparison.Ordinal) },
        { "no title", Whole.Replace("\"Pilot\"", "null", StringComparison.Ordinal) },
        { "an unknown field", Whole.Replace("\"show\"", "\"series\"", StringComparison.Ordinal) },
        { "a bad rating key", Whole.Replace("\"ratingKey\":\"42\"", "\"ratingKey\":\"4,2\"", StringComparison.Ordinal) },
        { "a rating key as number", Whole.Replace("\"ratingKey\":\"42\"", "\"ratingKey\":42", StringComparison.Ordinal) },
        { "a negative count of views", Whole.Replace("\"viewCount\":2", "\"viewCount\":-2", StringComparison.Ordinal) },
        { "too many views", Whole.Replace("\"viewCount\":2", "\"viewCount\":2147483648", StringComparison.Ordinal) },
        { "a negative position", Whole.Replace("\"positionMs\":90000", "\"positionMs\":-90000", StringComparison.Ordinal) },
        { "an endless position", Whole.Replace("\"positionMs\":90000", "\"positionMs\":9223372036854775807", StringComparison.Ordinal) },
        { "a negative length", Whole.Replace("\"durationMs\":6000000", "\"durationMs\":-1", StringComparison.Ordinal) },
        { "a negative season", Whole.Replace("\"season\":0", "\"season\":-1", StringComparison.Ordinal) },
        { "a negative episode", Whole.Replace("\"episode\":1", "\"episode\":-1", StringComparison.Ordinal) },
        { "a negative year", Whole.Replace("\"year\":1999", "\"year\":-1", StringComparison.Ordinal) },
        { "a rating out of range", Whole.Replace("8.5", "10.5", StringComparison.Ordinal) },
        { "a date that is none", Whole.Replace("2026-01-02T", "2026-13-02T", StringComparison.Ordinal) },
        { "an id that is null", Whole.Replace("\"imdb://tt42\"", "null", StringComparison.Ordinal) },
        { "text that is no Unicode", Whole.Replace("Pilot", "\\ud800", StringComparison.Ordinal) },
        { "a byte order mark", "\uFEFF" + Whole },
        { "a long line", Whole.Replace("Pilot", new string('x', 64 * 1024), StringComparison.Ordinal) },
        { "a line without end", Lines(Header) + new string('x', 10_000_000) },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Snapshot_is_refused_when_it_is_damaged(string damage, string text)
    {
        var error = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(text));

        Assert.True(error.Kind is PlexErrorKind.InvalidFile, damage);
        Assert.Equal("the snapshot", error.Subject);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("99999999999")]
    public async Task Snapshot_of_a_newer_version_is_named_as_such_whatever_else_it_holds(string version)
    {
        var error = await Assert.ThrowsAsync<PlexException>(
            () => ReadAsync($"{{\"format\":\"plexsync-snapshot\",\"version\":{version},\"news\":{{}}}}\n"));

        Assert.Equal(PlexErrorKind.UnsupportedVersion, error.Kind);
    }

    [Fact]
    public async Task Snapshot_names_its_file_when_it_is_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), $"plexsync-{Guid.NewGuid():N}.jsonl");
        await File.WriteAllTextAsync(path, Lines(Header));
        try
        {
            await using var file = File.OpenRead(path);

            var error = await Assert.ThrowsAsync<PlexException>(() => SnapshotReader.ReadAsync(file, default));

            Assert.Equal(path, error.Subject);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("plex://a", "imdb://1", "plex://a", "imdb://2", true)]
    [InlineData("plex://a", "imdb://1", "plex://b", "imdb://1", true)]
    [InlineData("plex://a", "imdb://1", "plex://b", "imdb://2", false)]
    [InlineData("plex://a", null, "plex://b", null, false)]
    [InlineData("plex://a", null, null, "imdb://1", false)]
    [InlineData(null, null, "plex://b", "imdb://2", true)]
    [InlineData("local://1", null, "local://2", null, true)]
    public void Item_is_the_same_when_its_ids_say_so_or_else_its_title(
        string? plex, string? id, string? otherPlex, string? otherId, bool expected)
    {
        Assert.Equal(expected, IsSame(Item(plex, id, "Title"), Item(otherPlex, otherId, "Title")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("local://1")]
    public void Item_without_ids_is_another_when_its_title_is(string? plex)
    {
        Assert.False(IsSame(Item(plex, null, "One"), Item(plex, null, "Other")));
        Assert.True(IsSame(Item(plex, null, "One"), Item(plex, null, "One")));
    }

    private static bool IsSame(MediaItem saved, MediaItem listed) =>
        new CatalogueItem(ItemRow.Of(saved), Movies, WorkId.Of(saved), new TextPool()).IsSame(ItemRow.Of(listed), WorkId.Of(listed));

    private static Library Movies => new() { Key = LibraryKey.Parse("1"), Title = "Movies", Type = "movie" };

    private static MediaItem Item(string? plex, string? id, string title) => new()
    {
        RatingKey = RatingKey.Parse("1"),
        Type = MediaType.Movie,
        Title = title,
        PlexGuid = plex,
        ExternalIds = id is null ? [] : [id],
    };

    private static string Lines(params string[] lines) => string.Concat(lines.Select(line => $"{line}\n"));

    private static Task<Snapshot> ReadAsync(string text) => ReadAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<Snapshot> ReadAsync(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return await SnapshotReader.ReadAsync(stream, default);
    }

    private sealed class Dripping(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1)], cancellationToken);
    }
}
