namespace PlexSync.Fleet.Tests.Pages;

/// <summary>Plans to look at.</summary>
internal static class Plans
{
    public static readonly MachineIdentifier Machine = MachineIdentifier.Parse("abc123");

    private static readonly LibraryKey Films = LibraryKey.Parse("1");
    private static readonly WatchState Watched = new() { ViewCount = 1 };
    private static readonly WatchState Begun = new() { Position = TimeSpan.FromMinutes(41) };

    /// <summary>Films that Kid is to have watched, or to have begun, or to have unwatched.</summary>
    public static SyncPlan Of(params string[] titles) => Of(titles, "Owner", "Kid", "NAS");

    public static SyncPlan Of(IReadOnlyList<string> titles, string source, string target, string server) => new()
    {
        CreatedAt = new DateTimeOffset(2026, 7, 1, 22, 30, 0, TimeSpan.Zero),
        Server = new ServerReference(Machine, server, "1.43.4"),
        Source = new UserReference(new UserId(1001), source),
        Target = new UserReference(new UserId(1002), target),
        Identity = IdentityProof.Proved,
        Policy = "copy",
        Libraries = [new() { Library = new Library { Key = Films, Title = "Movies", Type = "movie" } }],
        Changes =
        [
            .. titles.Select(static (title, at) => (at % 10) switch
            {
                8 => Change(at, title, ChangeAction.Progress, default, Begun, ChangeReason.SourceInProgress),
                9 => Change(at, title, ChangeAction.Unwatched, Watched, default, ChangeReason.SourceUnwatched),
                _ => Change(at, title, ChangeAction.Watched, default, Watched, ChangeReason.SourceWatched),
            }),
        ],
        Skipped = [new SkippedItem(Film(9_999, "Hidden", default), Films, SkipReason.NotVisibleToTarget)],
    };

    private static PlannedChange Change(
        int at, string title, ChangeAction action, WatchState before, WatchState after, ChangeReason reason) =>
        new()
        {
            Item = Film(at + 1, title, before),
            Library = Films,
            Action = action,
            After = after,
            Reason = reason,
        };

    private static MediaItem Film(int key, string title, WatchState state) => new()
    {
        RatingKey = RatingKey.Parse($"{key}"),
        Type = MediaType.Movie,
        Title = title,
        Year = 2000,
        Duration = TimeSpan.FromMinutes(100),
        State = state,
    };
}
