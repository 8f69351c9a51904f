namespace PlexSync.Cli.Output;

/// <summary>A library of a report, with what changes in it.</summary>
internal sealed class ReportLibrary(string title, bool isLeftOut, int kinds)
{
    public string Title => title;

    /// <summary>It could not be read whole.</summary>
    public bool IsLeftOut => isLeftOut;

    public List<ChangeResult> Results { get; } = [];

    /// <summary>How many by action, in their order, and how many are left as they are.</summary>
    public int[] Counts { get; } = new int[kinds + 1];

    public static List<ReportLibrary> Of(SyncReport report, ChangeAction[] actions)
    {
        var libraries = new Dictionary<LibraryKey, ReportLibrary>();
        var inOrder = new List<ReportLibrary>();
        foreach (var comparison in report.Plan.Libraries)
        {
            var library = new ReportLibrary(comparison.Library.Title, comparison.Error is not null, actions.Length);
            inOrder.Add(library);
            // Of a library that was left out nothing is written; across servers, its key may be another one's too.
            if (!library.IsLeftOut)
            {
                libraries.TryAdd(comparison.Library.Key, library);
            }
        }

        foreach (var result in report.Results)
        {
            var library = At(result.Change.Library);
            library.Results.Add(result);
            library.Counts[result.SkipReason is null ? Array.IndexOf(actions, result.Change.Action) : actions.Length]++;
        }

        foreach (var skipped in report.Plan.Skipped)
        {
            At(skipped.Library).Counts[^1]++;
        }

        return inOrder;

        ReportLibrary At(LibraryKey key)
        {
            if (!libraries.TryGetValue(key, out var library))
            {
                libraries.Add(key, library = new ReportLibrary($"{key}", isLeftOut: false, actions.Length));
                inOrder.Add(library);
            }

            return library;
        }
    }

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
