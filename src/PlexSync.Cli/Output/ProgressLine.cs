namespace PlexSync.Cli.Output;

/// <summary>
/// Puts what is being read, written or read back into one line of text. Not thread-safe.
/// </summary>
internal sealed class ProgressLine(Texts texts, TimeProvider time, bool isUnicode, bool hasColor)
{
    private const int LeastBar = 8;
    private const int MostBar = 30;

    /// <summary>Speed is what was done within the last one or two of these.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Before, speed would be a guess.</summary>
    private static readonly TimeSpan LeastElapsed = TimeSpan.FromSeconds(2);

    /// <summary>Beyond, nobody can tell how long it takes.</summary>
    private static readonly TimeSpan MostLeft = TimeSpan.FromDays(1);

    private readonly List<Listing> _listings = [];
    private SyncProgress _last;
    private long _started;
    private int _done;
    private Pace _before = new(0, 0);
    private Pace _recent = new(0, 0);

    /// <summary>Something is being told of.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The report belongs to what is being told of: all listings are one task, and the changes of each user are.</summary>
    public bool Covers(SyncProgress report) => IsOpen && report.Phase == _last.Phase
        && (report.Phase is SyncPhase.Reading || (report.Done > 0 && report.User.Id == _last.User.Id && report.Server == _last.Server));

    public void Take(SyncProgress report)
    {
        if (!Covers(report))
        {
            _listings.Clear();
            (IsOpen, _done, _started) = (true, 0, time.GetTimestamp());
            _before = _recent = new Pace(_started, 0);
        }

        _last = report;
        if (report.Phase is not SyncPhase.Reading)
        {
            // Reports may overtake each other.
            _done = Math.Max(_done, report.Done);
            if (time.GetElapsedTime(_recent.At) >= Window)
            {
                (_before, _recent) = (_recent, new Pace(time.GetTimestamp(), _done));
            }

            return;
        }

        var listing = _listings.Find(
            known => known.Library == report.Library?.Key && known.User.Id == report.User.Id && known.Server == report.Server);
        if (listing is null)
        {
            _listings.Add(listing = new Listing(report.Server, report.User, report.Library));
        }

        _done += report.Done - listing.Done;
        (listing.Done, listing.Total) = (report.Done, report.Total);
    }

    public void Close() => IsOpen = false;

    /// <summary>How far it is, in no more than so many columns.</summary>
    public string Draw(int room)
    {
        var (label, total) = (Fit(Label()), Total());
        var percent = total > 0 ? Fit(texts.Format("Progress_Percent", (int)Math.Min(100, 100L * _done / total.Value))) : "";
        foreach (var tail in Tails(total).Select(Fit))
        {
            var needed = Width(label) + Width(percent) + Width(tail) + (percent.Length > 0 ? 1 : 0) + (tail.Length > 0 ? 1 : 0);
            if (needed <= room)
            {
                var bar = total > 0 && room - needed - 1 >= LeastBar ? Bar(Math.Min(MostBar, room - needed - 1), _done, total.Value) : "";
                return string.Join(' ', new[] { label, bar, percent, tail }.Where(static part => part.Length > 0));
            }
        }

        return Cut(label, room);
    }

    /// <summary>How far it came, and how long it took.</summary>
    public string Summarize(int room)
    {
        var total = Total();
        var count = _last.Phase is SyncPhase.Reading && (total is null || total == _done) ? texts.Count("Progress_Items", _done)
            : Of(total ?? 0);
        return Cut(Fit(texts.Format("Progress_Ended", Label(), count, texts.Duration(time.GetElapsedTime(_started)))), room);
    }

    /// <summary>That something which tells nothing of itself is still going on.</summary>
    public string Elapsed(TimeSpan elapsed, int room)
    {
        var shown = elapsed < TimeSpan.FromMinutes(2) ? texts.Format("Seconds", (int)elapsed.TotalSeconds) : texts.Duration(elapsed);
        return Cut(Fit(texts.Format("Progress_Waiting", shown)), room);
    }

    /// <summary>How much room a line takes; where letters are shown as the bytes that they are made of, that many.</summary>
    public int Width(string text) => isUnicode ? Cells.Of(text) : System.Text.Encoding.UTF8.GetByteCount(text);

    private string Label() => _last.Phase switch
    {
        SyncPhase.Reading => texts["Progress_Reading"],
        SyncPhase.Verifying => texts.Format("Progress_Verifying", _last.User.Title),
        _ => texts.Format("Progress_Writing", _last.User.Title),
    };

    /// <summary>Null as long as the size of a library is not known: a bar that goes back when it turns out larger tells nothing.</summary>
    private int? Total() =>
        _last.Phase is not SyncPhase.Reading ? _last.Total
        : _listings.Exists(static listing => listing.Total is null) ? null
        : (int)Math.Min(int.MaxValue, _listings.Sum(static listing => (long)listing.Total!.Value));

    /// <summary>What else there is to tell, from all of it to nothing.</summary>
    private List<string> Tails(int? total)
    {
        var count = total is { } all ? Of(all) : texts.Count("Progress_Items", _done);
        var more = _last.Phase is SyncPhase.Reading ? Current() : Speed(total ?? 0);
        more.Insert(0, count);
        var tails = new List<string>();
        for (; more.Count > 0; more.RemoveAt(more.Count - 1))
        {
            tails.Add(string.Join(" · ", more));
        }

        return [.. tails, ""];
    }

    private string Of(int total) => texts.Format("Progress_Of", texts.Number(_done), texts.Number(total));

    /// <summary>Of the libraries that are being read, the one that was begun first: a name that stays for a while can be read.</summary>
    private List<string> Current() =>
        _listings.Find(static listing => listing.Done != listing.Total) is { } listing
            ? [texts.Format("Progress_Library", listing.Title, listing.User.Title)] : [];

    /// <summary>How long the rest will take and how much is done in a second, where both can be told.</summary>
    private List<string> Speed(int total)
    {
        var elapsed = time.GetElapsedTime(_before.At);
        var perSecond = (_done - _before.Done) / Math.Max(elapsed.TotalSeconds, 0.001);
        if (elapsed < LeastElapsed || perSecond <= 0 || _done >= total || (total - _done) / perSecond > MostLeft.TotalSeconds)
        {
            return [];
        }

        return [Left(TimeSpan.FromSeconds((total - _done) / perSecond)), texts.Format("Progress_Rate", texts.Decimal(perSecond))];
    }

    private string Left(TimeSpan left) =>
        left < TimeSpan.FromMinutes(1) ? texts.Format("Progress_SecondsLeft", (int)Math.Ceiling(left.TotalSeconds))
        : left < TimeSpan.FromHours(1) ? texts.Format("Progress_MinutesLeft", (int)Math.Ceiling(left.TotalMinutes))
        : texts.Format("Progress_HoursLeft", (int)left.TotalHours, left.Minutes);

    private string Bar(int width, int done, int total)
    {
        var filled = (int)((long)width * Math.Min(done, total) / total);
        var bar = isUnicode ? new string('█', filled) + new string('░', width - filled)
            : new string('#', filled) + new string('.', width - filled);
        return Paint.Blue(bar, hasColor);
    }

    private string Fit(string text) => Screen.Fit(text, isUnicode);

    private string Cut(string text, int room)
    {
        if (isUnicode)
        {
            return Cells.Cut(text, room);
        }

        // No letter takes less than a byte.
        text = text[..Math.Clamp(room, 0, text.Length)];
        while (Width(text) > room)
        {
            text = text[..^1];
        }

        return text;
    }

    private sealed record Pace(long At, int Done);

    private sealed class Listing(MachineIdentifier server, UserReference user, Library? library)
    {
        public MachineIdentifier Server => server;

        public UserReference User => user;

        public LibraryKey? Library => library?.Key;

        public string Title => library?.Title ?? "";

        public int Done { get; set; }

        public int? Total { get; set; }
    }
}
