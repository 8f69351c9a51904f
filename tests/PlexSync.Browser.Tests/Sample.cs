using PlexSync.Cli.Output;

namespace PlexSync.Browser.Tests;

/// <summary>Runs to make pages of.</summary>
internal static class Sample
{
    private static readonly DateTimeOffset Then = new(2026, 7, 1, 22, 29, 0, TimeSpan.Zero);
    private static readonly ServerReference Server = new(MachineIdentifier.Parse("abc123"), "NAS", "1.43.4");
    private static readonly LibraryKey Films = LibraryKey.Parse("1");
    private static readonly LibraryKey Shows = LibraryKey.Parse("2");

    /// <summary>A run that did most of what it should: a bit of everything.</summary>
    public static SyncOutcome Run() => Of(
        isDryRun: false,
        [
            Result(Film(10, "Movie 10")),
            Result(Film(2, "Movie 2")),
            Result(Film(3, "Élodie à l’école"), ChangeOutcome.Failed),
            Result(Film(4, "The Lighthouse Ledger"), position: 20),
            Result(Film(5, "Solaris", views: 1), position: 30, reason: ChangeReason.SourceRewatching),
            Result(Film(6, "Alien", views: 1), ChangeOutcome.Skipped, isRemoval: true),
            .. Enumerable.Range(1, 12).Select(static number => Result(Episode(100 + number, "Severance", number))),
            .. Enumerable.Range(1, 3).Select(static number => Result(Episode(200 + number, "Ghosts", number))),
            Result(Film(7, "Stalker"), ChangeOutcome.Unknown),
        ],
        [
            new(Film(20, "Hidden Film"), Films, SkipReason.NotVisibleToTarget),
            .. Enumerable.Range(1, 4).Select(
                static number => new SkippedItem(Episode(300 + number, "Night Desk", number), Shows, SkipReason.NotVisibleToTarget)),
            new(Film(21, "Barely Begun"), Films, SkipReason.PositionTooShort),
        ]);

    /// <summary>What would be done, where that is a lot: a third films, the rest episodes of many shows.</summary>
    public static SyncOutcome Plan(int changes) => Of(
        isDryRun: true,
        [
            .. Enumerable.Range(1, changes).Select(
                static number => Result(
                    number % 3 == 0 ? Film(number, $"Movie {number}") : Episode(number, $"Show {number / 60}", number % 60),
                    ChangeOutcome.Planned,
                    position: number % 10 == 0 ? 20 : 0)),
        ],
        [.. Enumerable.Range(1, changes / 50).Select(
            static number => new SkippedItem(Film(1_000_000 + number, $"Hidden {number}"), Films, SkipReason.NotVisibleToTarget))]);

    /// <summary>A run in which everything that a server names is this.</summary>
    public static SyncOutcome Named(string name) => Of(
        isDryRun: true,
        [Result(Film(1, name), ChangeOutcome.Planned), Result(Episode(2, name, 1) with { Title = name }, ChangeOutcome.Planned)],
        [new(Film(3, name), Films, SkipReason.NoMatch)],
        name);

    private static SyncOutcome Of(bool isDryRun, List<ChangeResult> results, List<SkippedItem> skipped, string? name = null)
    {
        var run = RunId.Parse("2026-07-01T22-30-00Z-ab12");
        var plan = new SyncPlan
        {
            CreatedAt = Then,
            Server = Server with { Name = name ?? Server.Name },
            Source = new UserReference(new UserId(1001), name ?? "Owner"),
            Target = new UserReference(new UserId(1002), name ?? "Kid"),
            Identity = IdentityProof.Proved,
            Policy = "copy",
            Libraries =
            [
                new() { Library = new Library { Key = Films, Title = name ?? "Movies", Type = "movie" } },
                new() { Library = new Library { Key = Shows, Title = name ?? "TV Shows", Type = "show" } },
                new() { Library = new Library { Key = LibraryKey.Parse("3"), Title = name ?? "Home Videos", Type = "movie" } },
            ],
            Changes = [.. results.Select(static result => result.Change)],
            Skipped = skipped,
        };
        return new SyncOutcome
        {
            Id = run,
            IsDryRun = isDryRun,
            Wet = isDryRun ? $"plexsync sync --to {name ?? "Kid"}" : null,
            Elapsed = TimeSpan.FromMilliseconds(840),
            Reports =
            [
                new SyncReport
                {
                    Plan = plan,
                    Results = results,
                    Run = isDryRun ? null : run,
                    Number = isDryRun ? 0 : 7,
                    Verified = results.Count(static result => result.Outcome is ChangeOutcome.Applied),
                },
            ],
        };
    }

    private static ChangeResult Result(
        MediaItem item, ChangeOutcome outcome = ChangeOutcome.Applied, int position = 0, ChangeReason? reason = null,
        bool isRemoval = false)
    {
        var change = new PlannedChange
        {
            Item = item,
            Library = item.ShowTitle is null ? Films : Shows,
            Action = isRemoval ? ChangeAction.Unwatched : position > 0 ? ChangeAction.Progress : ChangeAction.Watched,
            After = isRemoval ? default
                : position > 0 ? item.State with { Position = TimeSpan.FromMinutes(position) }
                : new WatchState { ViewCount = 1 },
            Reason = reason ?? (isRemoval ? ChangeReason.SourceUnwatched
                : position > 0 ? ChangeReason.SourceInProgress : ChangeReason.SourceWatched),
        };
        return new ChangeResult
        {
            Change = change,
            Outcome = outcome,
            SkipReason = outcome is ChangeOutcome.Skipped ? SkipReason.ChangedSincePlanned : null,
            Error = outcome is ChangeOutcome.Failed ? new PlexException(PlexErrorKind.ServerError, "It failed.") : null,
            StateAfterRun = outcome is ChangeOutcome.Applied ? change.After : null,
        };
    }

    private static MediaItem Film(int key, string title, int views = 0) => new()
    {
        RatingKey = RatingKey.Parse($"{key}"),
        Type = MediaType.Movie,
        Title = title,
        Year = 2000,
        Duration = TimeSpan.FromMinutes(100),
        State = new WatchState { ViewCount = views },
    };

    private static MediaItem Episode(int key, string show, int number) => new()
    {
        RatingKey = RatingKey.Parse($"{key}"),
        Type = MediaType.Episode,
        Title = $"Part {number}",
        ShowTitle = show,
        SeasonNumber = 1,
        EpisodeNumber = number,
        Duration = TimeSpan.FromMinutes(40),
    };
}
