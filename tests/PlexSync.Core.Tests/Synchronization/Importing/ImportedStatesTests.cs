using System.Text;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization.Importing;

/// <summary>The JSON of states that anybody can write (docs/import.md).</summary>
public sealed class ImportedStatesTests
{
    [Fact]
    public async Task Example_of_the_document_is_read()
    {
        var page = Repository.Read("docs/import.md");
        var start = page.IndexOf("```json", StringComparison.Ordinal) + 7;

        var states = await ReadAsync(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);

        Assert.Equal(
            [
                "A Film (1922)", "A Show – S01E02 – Second", "Another Film", "Third Film",
            ],
            states.Items.Select(item => $"{item}"));
        var film = states.Items[0];
        Assert.Equal(
            ("46", "plex://movie/5d7768ba96b655001fdc0408", 2), ($"{film.RatingKey}", film.PlexGuid, film.ViewCount));
        Assert.Equal(new DateTimeOffset(2026, 9, 26, 8, 25, 20, TimeSpan.Zero), film.LastViewedAt);
        Assert.Equal(["tvdb://349232"], states.Items[1].ExternalIds);
        Assert.Equal((1, TimeSpan.FromMinutes(45)), (states.Items[1].ViewCount, states.Items[2].Position));
        Assert.Equal(40, states.Items[3].Percent);
        Assert.Equal((0L, 0), (states.UnusableCount, states.OtherKinds.Count));
    }

    [Theory]
    [InlineData("""{"type":"movie","ratingKey":"1"}""", UnusableReason.NotIdentified)]
    [InlineData("""{"type":"movie","title":"A"}""", UnusableReason.NotIdentified)]
    [InlineData("""{"type":"movie","ids":{"imdb":"0"},"title":"A"}""", UnusableReason.NotIdentified)]
    [InlineData("""{"type":"movie","ids":{"imdb":"tt1"},"viewCount":-1}""", UnusableReason.StateDamaged)]
    [InlineData("""{"type":"movie","ids":{"imdb":"tt1"},"positionMs":-1}""", UnusableReason.StateDamaged)]
    [InlineData("""{"type":"movie","ids":{"imdb":"tt1"},"percent":101}""", UnusableReason.StateDamaged)]
    [InlineData("""{"ids":{"imdb":"tt1"},"watched":true}""", UnusableReason.Damaged)]
    [InlineData("12", UnusableReason.Damaged)]
    [InlineData("null", UnusableReason.Damaged)]
    public async Task Entry_that_nothing_can_be_made_of_is_named(string entry, UnusableReason reason)
    {
        var states = await ReadAsync(Document($$"""{{entry}},{"type":"movie","ids":{"tmdb":603},"watched":true}"""));

        Assert.Equal((1L, reason), (Assert.Single(states.Unusable).Position, states.Unusable[0].Reason));
        Assert.Equal(["tmdb://603"], Assert.Single(states.Items).ExternalIds);
        Assert.Equal(2, states.Entries);
    }

    [Fact]
    public async Task Shows_and_tracks_are_counted()
    {
        var states = await ReadAsync(Document("""{"type":"track","title":"A"},{"type":"show","title":"B"},{"type":"track"}"""));

        Assert.Equal([("show", 1L), ("track", 2L)], states.OtherKinds.OrderBy(kind => kind.Key).Select(kind => (kind.Key, kind.Value)));
        Assert.Empty(states.Unusable);
    }

    /// <summary>What says whether it was watched is what an entry is about: damaged, it must not pass for "not watched".</summary>
    [Theory]
    [InlineData("\"watched\":\"yes\"", true)]
    [InlineData("\"watched\":[]", true)]
    [InlineData("\"viewCount\":\"many\"", true)]
    [InlineData("\"viewCount\":1.5", true)]
    [InlineData("\"watched\":\"true\"", false)]
    [InlineData("\"watched\":\"\"", false)]
    [InlineData("\"watched\":null,\"viewCount\":null", false)]
    public async Task Damaged_view_is_named(string field, bool isDamaged)
    {
        var states = await ReadAsync(Document($$"""{"type":"movie","ratingKey":"7","title":"Seven",{{field}}}"""));

        Assert.Equal(
            isDamaged ? [new UnusableEntry(1, "Seven", UnusableReason.StateDamaged)] : [],
            states.Unusable);
    }

    [Theory]
    [InlineData("""{"format":"plexsync-states","version":2,"items":[]}""", PlexErrorKind.UnsupportedVersion)]
    [InlineData("""{"items":[],"format":"plexsync-states","version":1}""", PlexErrorKind.InvalidFile)]
    [InlineData("""{"format":"plexsync-plan","version":1,"items":[]}""", PlexErrorKind.InvalidFile)]
    [InlineData("""{"format":"plexsync-states","version":1}""", PlexErrorKind.InvalidFile)]
    [InlineData("""{"format":"plexsync-states","version":1,"items":[""", PlexErrorKind.InvalidFile)]
    [InlineData("""{"format":"plexsync-states","version":1,"items":[}""", PlexErrorKind.InvalidFile)]
    [InlineData("", PlexErrorKind.InvalidFile)]
    public async Task Something_else_is_refused(string text, PlexErrorKind kind)
    {
        var failure = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(text));

        Assert.Equal(kind, failure.Kind);
    }

    [Fact]
    public async Task No_more_than_a_thousand_unusable_entries_are_named()
    {
        var states = await ReadAsync(Document(string.Join(",", Enumerable.Repeat("1", 1500))));

        Assert.Equal((1500L, ImportedStates.MostNamed), (states.UnusableCount, states.Unusable.Count));
    }

    [Fact]
    public async Task Entry_without_an_end_is_refused_before_it_fills_the_memory()
    {
        var failure = await Assert.ThrowsAsync<PlexException>(
            () => ReadAsync(Document($$"""{"type":"movie","title":"{{new string('x', 3 * 1024 * 1024)}}"}""")));

        Assert.Equal(PlexErrorKind.InvalidFile, failure.Kind);
    }

    private static string Document(string items) => $$"""{"format":"plexsync-states","version":1,"items":[{{items}}]}""";

    private static async Task<ImportedStates> ReadAsync(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await ImportedStates.ReadAsync(stream, TestContext.Current.CancellationToken);
    }
}
