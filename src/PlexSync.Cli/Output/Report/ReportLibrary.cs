namespace PlexSync.Cli.Output;

/// <summary>A library of a report: what changes in it, and how many items each kind of thing happens to.</summary>
internal sealed class ReportLibrary(string title, bool isLeftOut)
{
    /// <summary>The kinds, in the order of the page: what is done, by its action, and then what became of the rest.</summary>
    public static readonly string[] Kinds =
    [
        nameof(ChangeAction.Watched), nameof(ChangeAction.Progress), nameof(ChangeAction.Unwatched), nameof(ChangeAction.Rating),
        nameof(ChangeOutcome.Skipped), nameof(ChangeOutcome.Failed), nameof(ChangeOutcome.Unknown), nameof(ChangeOutcome.Planned),
    ];

    public string Title => title;

    /// <summary>It could not be read whole.</summary>
    public bool IsLeftOut => isLeftOut;

    public List<ChangeResult> Results { get; } = [];

    /// <summary>How many items of each kind; each item counts once.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public static List<ReportLibrary> Of(SyncReport report, bool isDryRun)
    {
        var libraries = new Dictionary<LibraryKey, ReportLibrary>();
        var inOrder = new List<ReportLibrary>();
        foreach (var comparison in report.Plan.Libraries)
        {
            var library = new ReportLibrary(comparison.Library.Title, comparison.Error is not null);
            inOrder.Add(library);
            // Of a library that was left out nothing is written; across servers, its key may be another one's too.
            if (!library.IsLeftOut)
            {
                libraries.TryAdd(comparison.Library.Key, library);
            }
        }

        foreach (var result in report.Results)
        {
            var isDone = result.Outcome is ChangeOutcome.Applied || (isDryRun && result.Outcome is ChangeOutcome.Planned);
            At(result.Change.Library, isDone ? $"{result.Change.Action}" : $"{result.Outcome}").Results.Add(result);
        }

        foreach (var skipped in report.Plan.Skipped)
        {
            At(skipped.Library, nameof(ChangeOutcome.Skipped));
        }

        return inOrder;

        ReportLibrary At(LibraryKey key, string kind)
        {
            if (!libraries.TryGetValue(key, out var library))
            {
                libraries.Add(key, library = new ReportLibrary($"{key}", isLeftOut: false));
                inOrder.Add(library);
            }

            library.Counts[kind] = library.Counts.GetValueOrDefault(kind) + 1;
            return library;
        }
    }

    /// <summary>How many items of each kind there are in all of them.</summary>
    public static Dictionary<string, int> CountAll(IReadOnlyList<ReportLibrary> libraries) =>
        Kinds.ToDictionary(static kind => kind, kind => libraries.Sum(library => library.Counts.GetValueOrDefault(kind)));

    /// <summary>Films by title, then shows with their episodes as they follow each other.</summary>
    public static int Compare(MediaItem one, MediaItem other)
    {
        var titles = NaturalOrder.Instance;
        var order = titles.Compare(one.ShowTitle, other.ShowTitle);
        order = order != 0 ? order : (one.SeasonNumber ?? 0) - (other.SeasonNumber ?? 0);
        order = order != 0 ? order : (one.EpisodeNumber ?? 0) - (other.EpisodeNumber ?? 0);
        order = order != 0 ? order : titles.Compare(one.Title, other.Title);
        return order != 0 ? order : titles.Compare($"{one.RatingKey}", $"{other.RatingKey}");
    }
}
