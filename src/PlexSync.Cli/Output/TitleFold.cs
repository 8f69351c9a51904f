namespace PlexSync.Cli.Output;

/// <summary>
/// The first titles of a list, in its order: films one by one, and the items of a show or artist together, a line for each kind. The list
/// is gone through once, and of what is not shown only the number is kept.
/// </summary>
internal sealed class TitleFold<T>(Func<T, MediaItem> itemOf, int mostTitles)
{
    /// <summary>By the names of shows and artists; null for those that are not shown.</summary>
    private readonly Dictionary<string, Title?> _named = [];
    private readonly List<Title> _titles = [];

    /// <summary>How many titles are not shown.</summary>
    public int Hidden { get; private set; }

    public IEnumerable<List<T>> Lines => _titles.SelectMany(static title => title.Lines);

    /// <param name="one">The next of the list.</param>
    /// <param name="kind">What is said of it; only the same can be said of several at once.</param>
    public void Add(T one, int kind)
    {
        Title? title;
        if (itemOf(one).ShowTitle is not { } name)
        {
            title = Begin();
        }
        else if (!_named.TryGetValue(name, out title))
        {
            _named.Add(name, title = Begin());
        }

        title?.Add(one, kind);
    }

    private Title? Begin()
    {
        if (_titles.Count == mostTitles)
        {
            Hidden++;
            return null;
        }

        _titles.Add(new Title());
        return _titles[^1];
    }

    private sealed class Title
    {
        private readonly List<int> _kinds = [];

        public List<List<T>> Lines { get; } = [];

        public void Add(T one, int kind)
        {
            var at = _kinds.IndexOf(kind);
            if (at < 0)
            {
                _kinds.Add(kind);
                Lines.Add([one]);
            }
            else
            {
                Lines[at].Add(one);
            }
        }
    }
}
