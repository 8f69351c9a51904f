namespace PlexSync.Cli.Output;

/// <summary>
/// What the items of one output are called. Where two go by the same title, the date, the year or the rating key tells them apart.
/// </summary>
internal sealed class ItemNames
{
    private readonly HashSet<string> _repeated;
    private readonly HashSet<string> _repeatedWithDate;

    public ItemNames(IEnumerable<MediaItem> items)
    {
        var all = items.ToList();
        _repeated = Repeated(all, static item => item.DisplayTitle);
        _repeatedWithDate = _repeated.Count == 0 ? [] : Repeated(all.FindAll(item => _repeated.Contains(item.DisplayTitle)), WithDate);
    }

    /// <summary>The item's name in this output.</summary>
    public string Of(MediaItem item)
    {
        var title = item.DisplayTitle;
        return !_repeated.Contains(title) ? title
            : WithDate(item) is var dated && dated != title && !_repeatedWithDate.Contains(dated) ? dated
            : $"{title} (key:{item.RatingKey})";
    }

    /// <summary>The same where the show or artist is a heading above it.</summary>
    public string WithinGroup(MediaItem item) => item.ShowTitle is { } show ? Of(item)[(show.Length + " – ".Length)..] : Of(item);

    private static string WithDate(MediaItem item)
    {
        var date = item.OriginallyAvailableAt?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? $"{item.Year}";
        var title = item.DisplayTitle;
        return date.Length == 0 || title.Contains(date, StringComparison.Ordinal) ? title : $"{title} ({date})";
    }

    private static HashSet<string> Repeated(List<MediaItem> items, Func<MediaItem, string> name)
    {
        var (known, repeated) = (new Dictionary<string, RatingKey>(items.Count), new HashSet<string>());
        foreach (var item in items)
        {
            var text = name(item);
            if (!known.TryAdd(text, item.RatingKey) && known[text] != item.RatingKey)
            {
                repeated.Add(text);
            }
        }

        return repeated;
    }
}
