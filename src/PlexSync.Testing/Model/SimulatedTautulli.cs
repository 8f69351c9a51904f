namespace PlexSync.Testing;

/// <summary>A viewing as Tautulli recorded it: a row of its history.</summary>
/// <param name="UserId">The id of plex.tv; 0 for what was played without an account.</param>
/// <param name="User">The user name.</param>
/// <param name="FriendlyName">What Tautulli shows.</param>
public sealed record TautulliRow(long UserId, string User, string FriendlyName)
{
    /// <summary>Counted from 1 by Tautulli; 0 where it is still to be given.</summary>
    public long RowId { get; init; }

    /// <summary>movie, episode, track or clip.</summary>
    public string MediaType { get; init; } = "movie";

    /// <summary>The item's key when it was played; it may be another's or nobody's by now.</summary>
    public string RatingKey { get; init; } = "";

    /// <summary>The item's own title.</summary>
    public string Title { get; init; } = "";

    /// <summary>The show's title, or the artist's; empty for a movie.</summary>
    public string ShowTitle { get; init; } = "";

    /// <summary>The season's number.</summary>
    public int? Season { get; init; }

    /// <summary>The number within the season.</summary>
    public int? Episode { get; init; }

    /// <summary>The year it came out.</summary>
    public int? Year { get; init; }

    /// <summary>The primary guid, as in <c>plex://movie/5d776…</c>.</summary>
    public string PlexGuid { get; init; } = "";

    /// <summary>0 to 100.</summary>
    public int Percent { get; init; } = 100;

    /// <summary>0, 0.25, 0.5, 0.75 or 1, by Tautulli's own threshold.</summary>
    public double WatchedStatus { get; init; } = 1;

    /// <summary>Whether it was live television.</summary>
    public bool Live { get; init; }

    /// <summary>When it ended, in seconds since 1970.</summary>
    public long Stopped { get; init; } = 1_790_000_000;

    /// <summary>playing or paused, for what is not over: such a row has no number.</summary>
    public string? State { get; init; }

    /// <summary>The viewing of an item of a simulated server.</summary>
    public static TautulliRow Of(SimulatedUser user, SimulatedItem item, int percent = 100, double watched = 1)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(item);
        return new TautulliRow(user.Id, user.Username ?? user.Title, user.Title)
        {
            MediaType = item.Type,
            RatingKey = item.RatingKey,
            Title = item.Title,
            ShowTitle = item.ShowTitle ?? "",
            Season = item.ShowTitle is null ? null : item.Season,
            Episode = item.ShowTitle is null ? null : item.Episode,
            Year = item.Year,
            PlexGuid = item.PrimaryGuid,
            Percent = percent,
            WatchedStatus = watched,
        };
    }
}

/// <summary>A Tautulli beside the servers, which answers <c>get_history</c>. Safe to read and change while requests run.</summary>
public sealed class SimulatedTautulli
{
    private readonly Lock _gate = new();
    private readonly List<TautulliRow> _rows = [];
    private readonly Queue<TautulliRow> _arriving = [];
    private long _last;

    /// <summary>What has to be sent as <c>X-Api-Key</c>.</summary>
    public string ApiKey { get; init; } = "tautulli-5ecr3t";

    /// <summary>The path before <c>/api/v2</c>, as behind a proxy: <c>/tautulli</c>; empty by default.</summary>
    public string BasePath { get; set; } = "";

    /// <summary>Pages never hold more than this, whatever is asked.</summary>
    public int? MaxPageSize { get; set; }

    /// <summary>Numbers are sent as text.</summary>
    public bool SendsNumbersAsText { get; set; }

    /// <summary>Says that this is wrong, instead of answering.</summary>
    public string? Failure { get; set; }

    /// <summary>The status of such an answer: 200 or 400.</summary>
    public int FailureStatus { get; set; } = 200;

    /// <summary>How many rows there are fewer after each answer, as if somebody deleted the newest.</summary>
    public int Deletes { get; set; }

    /// <summary>All rows, newest first.</summary>
    public IReadOnlyList<TautulliRow> Rows { get { lock (_gate) return [.. Enumerable.Reverse(_rows)]; } }

    /// <summary>Adds a viewing after those that are there.</summary>
    public void Add(TautulliRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        lock (_gate) _rows.Add(row.State is null && row.RowId == 0 ? row with { RowId = ++_last } : row);
    }

    /// <summary>A viewing that ends while the history is read: after the next answer.</summary>
    public void Arrive(TautulliRow row)
    {
        lock (_gate) _arriving.Enqueue(row);
    }

    internal void Answered()
    {
        TautulliRow? next;
        lock (_gate)
        {
            _rows.RemoveRange(_rows.Count - Math.Min(Deletes, _rows.Count), Math.Min(Deletes, _rows.Count));
            _arriving.TryDequeue(out next);
        }

        if (next is not null) Add(next);
    }
}
