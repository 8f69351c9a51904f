using System.Globalization;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>
/// What two users list, and what is found to be the same. All that the source lists is watched, all that the target lists is not.
/// </summary>
internal sealed class TwoLibraries
{
    private const int Source = 0, Target = 1;

    private static readonly Library Movies = new() { Key = LibraryKey.Parse("1"), Title = "Movies", Type = "movie" };
    private static readonly Library Shows = new() { Key = LibraryKey.Parse("2"), Title = "Shows", Type = "show" };

    private readonly Catalogue _mine = new(2);
    private readonly Catalogue _theirs;
    private readonly Dictionary<RatingKey, CatalogueItem>[] _shows = [[], []];
    private readonly Matcher _pair;

    public TwoLibraries(
        IEnumerable<MediaItem> source, IEnumerable<MediaItem> target,
        IEnumerable<MediaItem>? sourceShows = null, IEnumerable<MediaItem>? targetShows = null,
        bool sameServer = false, SyncDirection direction = SyncDirection.OneWay)
    {
        _theirs = sameServer ? _mine : new Catalogue(2);
        Fill(_mine, Source, source, sourceShows ?? [Show("show", "tvdb://1")], new WatchState { ViewCount = 1 });
        Fill(
            _theirs,
            Target,
            target,
            targetShows ?? [Show(sameServer ? "copy" : "show", "tvdb://1")],
            direction is SyncDirection.TwoWay ? new WatchState { ViewCount = 1 } : default);
        _pair = new Matcher(
            [
                new Participant(new UserReference(new UserId(1001), "Owner"), _mine, Source),
                new Participant(new UserReference(new UserId(1002), "Kid"), _theirs, Target),
            ],
            sameServer ? MatchMode.Ids : MatchMode.Auto, direction);
        _pair.MatchById();
        if (_pair.UndecidedEpisodes.Any())
        {
            _pair.MatchByNumber(_shows[Source], _shows[Target]);
        }
    }

    /// <summary>Which items of the source are which of the target, as <c>1=2</c>, in order.</summary>
    public IReadOnlyList<string> Matches => [.. _pair.Matches
        .SelectMany(match => match.Source.SelectMany(_ => match.Target, (one, other) => $"{one.Key}={other.Key}"))
        .Order(StringComparer.Ordinal)];

    /// <summary>Which items of the source are in doubt.</summary>
    public IReadOnlyList<string> Doubtful => Of(_pair.Unmatched, SkipReason.AmbiguousMatch);

    /// <summary>Which items of the source are not there.</summary>
    public IReadOnlyList<string> Missing => Of(_pair.Unmatched, SkipReason.NoMatch);

    /// <summary>Which items of the target are in doubt, where the source may change too.</summary>
    public IReadOnlyList<string> DoubtfulBack => Of(_pair.UnmatchedBack, SkipReason.AmbiguousMatch);

    /// <summary>
    /// An episode such as <c>S1E2</c>; without a number where that is empty. Identifiers of agents count as the server's own field.
    /// </summary>
    public static MediaItem Episode(
        string key, string number, string title = "", string? day = null, int? minutes = null, string show = "show", params string[] ids)
    {
        var parts = number.Split('S', 'E');
        return Identified(ids) with
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Episode,
            Title = title,
            ShowTitle = "Show",
            ShowKey = RatingKey.Parse(show),
            SeasonNumber = number.Length > 0 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null,
            EpisodeNumber = number.Length > 0 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : null,
            OriginallyAvailableAt = day is null ? null : DateOnly.Parse(day, CultureInfo.InvariantCulture),
            Duration = minutes is { } length ? TimeSpan.FromMinutes(length) : null,
        };
    }

    public static MediaItem Movie(string key, params string[] ids) =>
        Identified(ids) with { RatingKey = RatingKey.Parse(key), Type = MediaType.Movie, Title = $"Movie {key}" };

    public static MediaItem Show(string key, params string[] ids) =>
        Identified(ids) with { RatingKey = RatingKey.Parse(key), Type = MediaType.Show, Title = $"Show {key}" };

    /// <summary>The episodes S1E1, S1E2 and so on, keys and titles in that order.</summary>
    public static List<MediaItem> Season(string prefix, params string?[] titles) =>
        [.. titles.Select((title, at) => Episode($"{prefix}{at + 1}", $"S1E{at + 1}", title ?? ""))];

    private static MediaItem Identified(string[] ids) => new()
    {
        RatingKey = RatingKey.Parse("0"),
        Type = MediaType.Movie,
        Title = "",
        PlexGuid = Array.Find(ids, IsGuid),
        ExternalIds = Array.FindAll(ids, static id => !IsGuid(id)),
    };

    private static bool IsGuid(string id) =>
        id.StartsWith("plex://", StringComparison.Ordinal) || id.StartsWith("com.", StringComparison.Ordinal) || id.StartsWith(
            "local://", StringComparison.Ordinal);

    private static List<string> Of(IEnumerable<UnmatchedItem> items, SkipReason reason) =>
        [.. items.Where(item => item.Reason == reason).Select(item => item.Item.Key.ToString()).Order(StringComparer.Ordinal)];

    private void Fill(Catalogue catalogue, int side, IEnumerable<MediaItem> items, IEnumerable<MediaItem> shows, WatchState state)
    {
        foreach (var item in items)
        {
            catalogue.Add(side, item.Type == MediaType.Episode ? Shows : Movies, ItemRow.Of(item with { State = state }), WorkId.Of(item));
        }

        foreach (var show in shows)
        {
            _shows[side].Add(show.RatingKey, new CatalogueItem(ItemRow.Of(show), Shows, WorkId.Of(show), new TextPool()));
        }
    }
}
