using System.Text;

namespace PlexSync.Core.Tests.Servers;

/// <summary>An item's name holds no number that the server does not know.</summary>
public sealed class DisplayTitleTests
{
    private static readonly MediaItem Episode =
        new() { RatingKey = RatingKey.Parse("42"), Type = MediaType.Episode, Title = "Evening News", ShowTitle = "News" };

    [Fact]
    public void Episode_goes_by_its_numbers() =>
        Assert.Equal(
            "News – S03E07 – Evening News",
            (Episode with { SeasonNumber = 3, EpisodeNumber = 7, OriginallyAvailableAt = new DateOnly(2024, 3, 5) }).DisplayTitle);

    [Fact]
    public void Episode_of_the_specials_goes_by_its_numbers() =>
        Assert.Equal("News – S00E00 – Evening News", (Episode with { SeasonNumber = 0, EpisodeNumber = 0 }).DisplayTitle);

    [Fact]
    public void Episode_without_a_season_goes_by_its_number() =>
        Assert.Equal("News – E07 – Evening News", (Episode with { EpisodeNumber = 7 }).DisplayTitle);

    [Fact]
    public void Episode_without_a_number_goes_by_its_date_its_year_or_its_key()
    {
        var dated = Episode with { SeasonNumber = 2024, Year = 2024, OriginallyAvailableAt = new DateOnly(2024, 3, 5) };

        Assert.Equal("News – 2024-03-05 – Evening News", dated.DisplayTitle);
        Assert.Equal("News – 2024 – Evening News", (dated with { OriginallyAvailableAt = null }).DisplayTitle);
        Assert.Equal("News – key:42 – Evening News", Episode.DisplayTitle);
    }

    [Fact]
    public void Date_and_damage_do_not_get_in_each_others_way()
    {
        var item = Episode with { IsStateDamaged = true, OriginallyAvailableAt = DateOnly.MaxValue };

        Assert.Equal((true, DateOnly.MaxValue), (item.IsStateDamaged, item.OriginallyAvailableAt));
        Assert.Equal(
            (false, DateOnly.MaxValue),
            ((item with { IsStateDamaged = false }).IsStateDamaged, (item with { IsStateDamaged = false }).OriginallyAvailableAt));
        Assert.Equal((true, (DateOnly?)null), (
            (item with { OriginallyAvailableAt = null }).IsStateDamaged,
            (item with { OriginallyAvailableAt = null }).OriginallyAvailableAt));
        Assert.Equal(DateOnly.MinValue, (Episode with { OriginallyAvailableAt = DateOnly.MinValue }).OriginallyAvailableAt);
    }

    [Fact]
    public async Task Plan_file_keeps_what_the_title_needs_and_no_more()
    {
        var day = new DateOnly(2024, 3, 5);
        var plan = PlanOf(
            Episode with { OriginallyAvailableAt = day },
            Episode with { RatingKey = RatingKey.Parse("43"), SeasonNumber = 1, EpisodeNumber = 2, OriginallyAvailableAt = day });
        using var file = new MemoryStream();

        await plan.WriteAsync(file);
        file.Position = 0;
        var read = await SyncPlan.ReadAsync(file);

        Assert.Equal(
            ["News – 2024-03-05 – Evening News", "News – S01E02 – Evening News"], read.Changes.Select(change => change.Item.DisplayTitle));
        Assert.Single(
            Encoding.UTF8.GetString(file.ToArray()).Split('\n'), line => line.Contains("originallyAvailableAt", StringComparison.Ordinal));
    }

    private static SyncPlan PlanOf(params MediaItem[] items) => new()
    {
        CreatedAt = DateTimeOffset.UnixEpoch,
        Server = new ServerReference(MachineIdentifier.Parse("m"), "NAS", "1"),
        Source = new UserReference(new UserId(1001), "Owner"),
        Target = new UserReference(new UserId(1002), "Kid"),
        Identity = IdentityProof.Proved,
        Policy = "copy",
        Changes = [.. items.Select(item => new PlannedChange
        {
            Item = item, Library = LibraryKey.Parse("2"), Action = ChangeAction.Watched, After = new WatchState { ViewCount = 1 },
            Reason = ChangeReason.SourceWatched,
        })],
    };
}
