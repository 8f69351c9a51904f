namespace PlexSync;

/// <summary>Which items were asked for, decided as they stream by.</summary>
internal sealed class ItemFilter(IReadOnlyList<string> shows)
{
    private readonly Dictionary<string, bool> _titles = new(StringComparer.Ordinal);
#if NET9_0_OR_GREATER
    private readonly Lock _gate = new();
#else
    private readonly object _gate = new();
#endif

    /// <summary>It lets everything through.</summary>
    public bool IsOpen => shows.Count == 0;

    public bool Accepts(MediaItem item)
    {
        if (IsOpen)
        {
            return true;
        }

        if (item.ShowTitle is not { } title)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_titles.TryGetValue(title, out var isWanted))
            {
                _titles.Add(title, isWanted = shows.Any(show => NameComparison.EqualIgnoringCase(show, title)));
            }

            return isWanted;
        }
    }

    /// <summary>Call once everything was read.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.ShowNotFound"/>: nobody has such a show.</exception>
    public void RequireShows()
    {
        foreach (var show in shows)
        {
            if (!_titles.Keys.Any(title => NameComparison.EqualIgnoringCase(show, title)))
            {
                throw new PlexException(PlexErrorKind.ShowNotFound, $"No show or artist '{show}' in these libraries.")
                {
                    Subject = show,
                    Candidates = NearestNames.To(show, _titles.Keys),
                };
            }
        }
    }
}
