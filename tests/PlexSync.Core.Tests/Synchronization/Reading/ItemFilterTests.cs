namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The choice of shows by name or key, where episodes tell their shows badly.</summary>
public sealed class ItemFilterTests
{
    private readonly Catalogue _home = new(sides: 1);

    [Fact]
    public async Task Episode_that_does_not_tell_its_show_makes_no_second_show()
    {
        var filter = new ItemFilter(["Ghosts"]) { Home = _home };
        Add(filter, "20", "17");
        Add(filter, "21", "17");
        Add(filter, "22", null);

        await filter.RequireShowsAsync([], TestContext.Current.CancellationToken);

        Assert.Equal(["20", "21"], Kept());
    }

    [Fact]
    public async Task Title_has_to_do_where_no_episode_tells_its_show()
    {
        var filter = new ItemFilter(["ghosts"]) { Home = _home };
        Add(filter, "20", null);
        Add(filter, "21", null);

        await filter.RequireShowsAsync([], TestContext.Current.CancellationToken);

        Assert.Equal(["20", "21"], Kept());
    }

    [Fact]
    public async Task Bare_key_that_is_the_title_of_another_show_is_ambiguous()
    {
        var filter = new ItemFilter(["17"]) { Home = _home };
        Add(filter, "20", "17");
        Add(filter, "21", "18", title: "17");

        var error = await Assert.ThrowsAsync<PlexException>(() => filter.RequireShowsAsync([], TestContext.Current.CancellationToken));

        Assert.Equal(PlexErrorKind.ShowAmbiguous, error.Kind);
        Assert.Equal(["Ghosts (key:17)", "17 (key:18)"], error.Candidates);
    }

    private void Add(ItemFilter filter, string key, string? show, string title = "Ghosts")
    {
        var item = new MediaItem
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Episode,
            Title = $"Episode {key}",
            ShowTitle = title,
            ShowKey = show is null ? default : RatingKey.Parse(show),
            State = new WatchState { ViewCount = 1 },
        };
        if (filter.Accepts(ItemRow.Of(item), _home))
        {
            _home.Add(0, new Library { Key = LibraryKey.Parse("2"), Title = "Shows", Type = "show" }, ItemRow.Of(item), []);
        }
    }

    private List<string> Kept() => [.. new[] { "20", "21", "22" }.Where(key => _home.Find(RatingKey.Parse(key)) is not null)];
}
