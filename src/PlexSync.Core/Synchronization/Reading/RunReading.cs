namespace PlexSync;

/// <summary>
/// What a run has read, until it is over: then it is stored, together with what the run wrote, for the next one with
/// <see cref="SyncOptions.Quick"/>. Where anything is doubtful, nothing is stored, and that one reads everything.
/// </summary>
/// <param name="store">Keeps it.</param>
/// <param name="question">As in <see cref="LastReading.Question"/>.</param>
/// <param name="now">The time by the server's clock, before anything was read.</param>
/// <param name="lead">By how much that clock was ahead.</param>
internal sealed class RunReading(ISyncStore store, string question, DateTimeOffset now, TimeSpan lead)
{
    /// <summary>Two clocks may drift apart by so much, unnoticed, between two runs.</summary>
    public static readonly TimeSpan Drift = TimeSpan.FromMinutes(1);

    /// <summary>So many items that cannot change unseen are kept of each library.</summary>
    public const int MostSettled = 200;

    /// <summary>With more than that, a whole reading costs little more.</summary>
    private const int MostListed = 20_000;
    private const int MostOpen = 500;

    /// <summary>Names and rows only: a plan keeps this until it is applied, and must not keep the catalogues along with it.</summary>
    private readonly List<Part> _parts = [];

    /// <summary>Every view before this is known. A date has whole seconds.</summary>
    private readonly DateTimeOffset _seenUntil = DateTimeOffset.FromUnixTimeSeconds((now - Drift).ToUnixTimeSeconds());
    private Dictionary<ServerUser, int>? _planned;
    private LastReading? _before;

    /// <summary>Only what was viewed since then is synchronised.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The changes were read of this library.</summary>
    public void Add(Participant side, Library library, NewestItems newest, ReadLibrary known)
    {
        var last = newest.Items is [.., var item] ? item.ViewedAt : DateTimeOffset.MaxValue;
        _parts.Add(new Part(
            side.Server!,
            side.History!,
            library.Key,
            [.. newest.Items, .. known.Newest.Where(item => item.ViewedAt <= last && !newest.Has(item.Item))]));
    }

    /// <summary>Only the changes since an earlier reading were read.</summary>
    public void Continue(LastReading before) => _before = before;

    /// <summary>Everything was read: notes what each user viewed last. False where a library could not be read.</summary>
    public bool TryAddAll(List<Participant> sides, IReadOnlyList<IReadOnlyList<Library>> libraries)
    {
        for (var at = 0; at < sides.Count; at++)
        {
            var side = sides[at];
            if (libraries[at].Any(library => !side.HasRead(library.Key)))
            {
                return false;
            }

            var views = libraries[at].ToDictionary(static library => library.Key, static _ => new Views());
            foreach (var item in side.Catalogue.Items)
            {
                if (item.StateOf(side.Number) is { LastViewedAt: { } date } state && views.TryGetValue(item.Library, out var known))
                {
                    known.Add(new ViewedItem(item.Key, date, state.ViewCount, state.Position), _seenUntil);
                }
            }

            _parts.AddRange(views.Select(known => new Part(side.Server!, side.History!, known.Key, known.Value.All)));
        }

        return true;
    }

    /// <summary>The plans that have to be applied, all of them and as they are.</summary>
    public void Expect(IEnumerable<SyncPlan> plans) =>
        _planned = plans.ToDictionary(static plan => plan.TargetUser, static plan => plan.Changes.Count);

    /// <summary>Stores what is known now that the run is over, if all of it is certain.</summary>
    /// <exception cref="PlexException"><see cref="PlexErrorKind.JournalFailed"/>.</exception>
    public async Task KeepAsync(IReadOnlyList<SyncReport> reports)
    {
        var open = reports.SelectMany(OpenOf).ToHashSet();
        var libraries = _parts.ConvertAll(part => Close(part, reports));
        if (!IsAsPlanned(reports) || open.Count > MostOpen || libraries.Exists(static library => library.Newest.Count > MostListed)
            // What nobody has viewed cannot show whether the server lists it in order.
            || !libraries.Exists(static library => library.Newest.Count > 0)
            || !(_parts[0].Server.Clock.Lead is { } end && (end - lead).Duration() <= Drift))
        {
            return;
        }

        try
        {
            var own = reports.Select(static report => report.Run).FirstOrDefault(static run => run is not null);
            var users = new List<ReadUser>();
            foreach (var user in _parts.Zip(libraries).GroupBy(static one => one.First.History))
            {
                if (await user.Key.DescribeAfterAsync(own, CancellationToken.None).ConfigureAwait(false) is not { } runs)
                {
                    return;
                }

                users.Add(new ReadUser(user.First().First.Server.ServerUser, runs, [.. user.Select(static one => one.Second)]));
            }

            await store.WriteLastReadingAsync(
                new LastReading
                {
                    Question = question,
                    WholeAt = _before?.WholeAt ?? _seenUntil + Drift,
                    Lead = lead,
                    Since = Since,
                    Users = users,
                    Open = [.. open],
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not PlexException)
        {
            throw new PlexException(PlexErrorKind.JournalFailed, $"The store failed: {e.Message}", e);
        }
    }

    private bool IsAsPlanned(IReadOnlyList<SyncReport> reports) => reports.Count == _planned?.Count
        // What was written and not read back may be missing, and nothing that a quick run reads would show it.
        && reports.All(report => report.Error is null && report.Verified >= report.Count(ChangeOutcome.Applied)
            && _planned.TryGetValue(report.Plan.TargetUser, out var count) && count == report.Plan.Changes.Count);

    /// <summary>What the run left for another one.</summary>
    public static IEnumerable<OpenItem> OpenOf(SyncReport report) => report.Results
        .Where(static result => result.Outcome is not ChangeOutcome.Applied && result.SkipReason is not (
            SkipReason.AlreadyDone or SkipReason.NotVisibleToTarget or SkipReason.OwnersRating))
        .Select(static result => new OpenItem(result.Change.Library, result.Change.Item.RatingKey))
        .Concat(report.Plan.Skipped.Where(static skipped => skipped.Reason is SkipReason.PlayedNow)
            .Select(static skipped => new OpenItem(skipped.Library, skipped.Item.RatingKey)));

    /// <summary>
    /// What was read, and in place of it what the run wrote, if that was read back. What a user viewed meanwhile is not in it: to the next
    /// run it is new.
    /// </summary>
    private ReadLibrary Close(Part part, IReadOnlyList<SyncReport> reports)
    {
        var written = reports.Where(report => report.Plan.TargetUser == part.Server.ServerUser).SelectMany(static report => report.Results)
            .Where(result => result.Change.Library == part.Library && !result.Change.IsRating && result.HasWritten)
            .ToDictionary(static result => result.Change.Item.RatingKey);
        var items = part.Items.Where(item => !written.ContainsKey(item.Item)).ToList();
        foreach (var (key, result) in written)
        {
            if (result is { Outcome: ChangeOutcome.Applied, StateAfterRun: { LastViewedAt: { } date } state })
            {
                items.Add(new ViewedItem(key, date, state.ViewCount, state.Position));
            }
        }

        items = [.. items.OrderByDescending(static item => item.ViewedAt)];
        var settled = items.FindIndex(item => item.ViewedAt < _seenUntil);
        return new ReadLibrary(part.Library, _seenUntil, settled < 0 ? items : items[..Math.Min(items.Count, settled + MostSettled)]);
    }

    /// <summary>One library of one user.</summary>
    /// <param name="Server">The server as the user.</param>
    /// <param name="History">The runs on the user when they were read.</param>
    /// <param name="Library">The library.</param>
    /// <param name="Items">What the user viewed last, in any order.</param>
    private sealed record Part(PlexServer Server, TargetHistory History, LibraryKey Library, IReadOnlyList<ViewedItem> Items);

    /// <summary>What a user viewed last in a library, as a whole listing shows it.</summary>
    private sealed class Views
    {
        private readonly List<ViewedItem> _recent = [];
        private readonly PriorityQueue<ViewedItem, DateTimeOffset> _settled = new();

        public IReadOnlyList<ViewedItem> All => [.. _recent, .. _settled.UnorderedItems.Select(static view => view.Element)];

        public void Add(ViewedItem item, DateTimeOffset seenUntil)
        {
            if (item.ViewedAt >= seenUntil)
            {
                _recent.Add(item);
            }
            else if (_settled.Count < MostSettled)
            {
                _settled.Enqueue(item, item.ViewedAt);
            }
            else
            {
                _settled.EnqueueDequeue(item, item.ViewedAt);
            }
        }
    }
}
