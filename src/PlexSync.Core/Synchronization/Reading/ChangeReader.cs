using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>
/// Reads only what has changed since the last reading: in each library of each user what was viewed since, and then exactly those items for
/// everybody.
/// </summary>
/// <param name="logger">Told why everything has to be read.</param>
/// <param name="options">What was asked for.</param>
/// <param name="store">Knows the last reading.</param>
/// <param name="progress">Told what is read.</param>
internal sealed partial class ChangeReader(ILogger logger, SyncOptions options, ISyncStore store, IProgress<SyncProgress>? progress)
{
    /// <summary>Beyond this, a whole reading costs little more; below it, that depends on how many requests it takes.</summary>
    private const int MostChanges = 1000;

    /// <summary>Whether only the changes were read.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Why everything has to be read although only the changes were asked for; null otherwise.</summary>
    public WholeReadingReason? Reason { get; private set; }

    /// <summary>What the next run is to know, once this one is over; null if that cannot be told.</summary>
    public RunReading? Reading { get; private set; }

    /// <summary>What two runs must have in common so that one can rely on what the other has read.</summary>
    public static string QuestionOf(SyncOptions options, IEnumerable<ServerUser> users, bool isMerge) => string.Join('\n', (string[])
        [
            isMerge ? "merge" : $"{options.Direction}",
            .. isMerge ? users.Select(static user => $"{user}").Order(StringComparer.Ordinal) : users.Select(static user => $"{user}"),
            $"{PolicyOf(options, isMerge).Name} {options.Match} {options.Only} {options.Ratings} {options.Unwatched}",
            string.Join(' ', options.Types),
            .. options.Libraries.Select(static name => $"+{name}"),
            .. options.ExcludedLibraries.Select(static name => $"-{name}"),
            .. options.Shows.Select(static name => $"show {name}"),
            .. options.Labels.Select(static name => $"label {name}"),
            .. options.Collections.Select(static name => $"collection {name}"),
            .. options.Quorum > 1 ? [$"quorum {options.Quorum}"] : (string[])[],
        ]);

    /// <summary>
    /// True if the changes are in the catalogue; else nothing is, everything has to be read, and <see cref="Reason"/> says why.
    /// </summary>
    /// <param name="sides">Everybody in the run.</param>
    /// <param name="libraries">The libraries of each of them that would be read.</param>
    /// <param name="isMerge">Whether all of them are equal.</param>
    /// <param name="isFirst">Whether the run has to note everything that its users agree on.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<bool> TryReadAsync(
        List<Participant> sides, IReadOnlyList<IReadOnlyList<Library>> libraries, bool isMerge, bool isFirst,
        CancellationToken cancellationToken)
    {
        var clock = sides[0].Server!.Clock;
        if (NeedsAll(sides))
        {
            Reason = WholeReadingReason.OptionsNeedAll;
        }
        else if (clock.Now is not { } now || clock.Lead is not { } lead)
        {
            Reason = WholeReadingReason.ClockMoved;
        }
        else
        {
            var question = QuestionOf(options, sides.Select(static side => side.Server!.ServerUser), isMerge);
            Reading = new RunReading(store, question, now, lead) { Since = options.Since };
            if (options.Quick)
            {
                var known = await store.ReadLastReadingAsync(question, cancellationToken).ConfigureAwait(false);
                Reason = FindObjection(sides, libraries, known, now, lead, isFirst)
                    ?? await FindRunsAsync(sides, known!, cancellationToken).ConfigureAwait(false)
                    ?? await ReadAsync(sides, libraries, known!, isMerge, cancellationToken).ConfigureAwait(false);
                IsPartial = Reason is null;
            }
        }

        Reason = options.Quick ? Reason : null;
        if (Reason is { } reason)
        {
            Log.Whole(logger, reason);
        }

        return IsPartial;
    }

    /// <summary>Everything was read: the next run is to know that, unless a library could not be read.</summary>
    public void NoteAll(List<Participant> sides, IReadOnlyList<IReadOnlyList<Library>> libraries)
    {
        if (Reading?.TryAddAll(sides, libraries) is not true)
        {
            Reading = null;
        }
    }

    private static IConflictPolicy PolicyOf(SyncOptions options, bool isMerge) =>
        options.Policy ?? (isMerge ? ConflictPolicies.Furthest : ConflictPolicies.Copy);

    /// <summary>Whether these options need every item.</summary>
    private bool NeedsAll(List<Participant> sides) => options.Match is MatchMode.Ids || options.ChoosesItems || options.RetryUnkept
        || sides.Exists(side => side.Catalogue != sides[0].Catalogue);

    /// <summary>
    /// Whether a user who got a state from one copy of a work gets nothing from another one any more, so that it makes a difference whether
    /// copies of what they do not see are looked for at once.
    /// </summary>
    private bool IsOrderDecisive => options.Match is MatchMode.Auto && PolicyOf(options, isMerge: false) switch
    {
        FillPolicy => true,
        CopyPolicy => options.Direction is SyncDirection.TwoWay,
        var policy => policy is not BuiltInPolicy,
    };

    private WholeReadingReason? FindObjection(
        List<Participant> sides, IReadOnlyList<IReadOnlyList<Library>> libraries, LastReading? known, DateTimeOffset now, TimeSpan lead,
        bool isFirst)
    {
        // What was out of scope in one of the runs since was not dealt with.
        if (known is null || isFirst || (known.Since is { } since && !(options.Since >= since)))
        {
            return WholeReadingReason.NothingKnown;
        }

        if (now < known.WholeAt || (lead - known.Lead).Duration() > RunReading.Drift
            || known.Users.Any(user => user.Libraries.Any(library => library.SeenUntil > now)))
        {
            return WholeReadingReason.ClockMoved;
        }

        if (now - known.WholeAt > options.WholeReadingAfter)
        {
            return WholeReadingReason.TooOld;
        }

        for (var at = 0; at < sides.Count; at++)
        {
            // Nothing is kept of a user who sees none of the libraries.
            var user = known.Users.FirstOrDefault(user => user.User == sides[at].Server!.ServerUser);
            if (!(user?.Libraries ?? []).Select(static library => library.Library).ToHashSet()
                .SetEquals(libraries[at].Select(static library => library.Key)))
            {
                return WholeReadingReason.LibrariesChanged;
            }
        }

        return null;
    }

    /// <summary>What another run took away since then, no list of views shows.</summary>
    private static async Task<WholeReadingReason?> FindRunsAsync(
        List<Participant> sides, LastReading known, CancellationToken cancellationToken)
    {
        foreach (var side in sides)
        {
            if (side.History!.HasOpenRun
                || (known.Users.FirstOrDefault(user => user.User == side.Server!.ServerUser) is { } user
                    && !await side.History.HaveOnlyAddedSinceAsync(user.Runs, cancellationToken).ConfigureAwait(false)))
            {
                return WholeReadingReason.RunsSince;
            }
        }

        return null;
    }

    private async Task<WholeReadingReason?> ReadAsync(
        List<Participant> sides, IReadOnlyList<IReadOnlyList<Library>> libraries, LastReading known, bool isMerge,
        CancellationToken cancellationToken)
    {
        try
        {
            var parts = sides.SelectMany((side, at) => libraries[at].Select(library => (Side: side, Library: library,
                Known: known.Users.First(user => user.User == side.Server!.ServerUser).Libraries
                    .First(one => one.Library == library.Key)))).ToList();
            var heads = await Task.WhenAll(parts.Select(part => KnownViews.ReadNewestAsync(
                part.Side.Server!, part.Library, [part.Known], MostChanges, cancellationToken)))
                .ConfigureAwait(false);
            var changed = new Dictionary<RatingKey, Library>();
            var all = libraries.SelectMany(static some => some).DistinctBy(static library => library.Key)
                .ToDictionary(static library => library.Key);
            foreach (var open in known.Open)
            {
                if (all.TryGetValue(open.Library, out var library))
                {
                    changed.TryAdd(open.Item, library);
                }
            }

            for (var at = 0; at < parts.Count; at++)
            {
                var (part, newest) = (parts[at], heads[at]);
                if ((newest.Oddity ?? KnownViews.FindMissing(newest, part.Known)) is { } oddity)
                {
                    return oddity;
                }

                foreach (var item in KnownViews.FindChanged(newest, part.Known).Select(static item => item.Item).Concat(newest.Damaged))
                {
                    if (!changed.TryAdd(item, part.Library) && changed[item].Key != part.Library.Key)
                    {
                        return WholeReadingReason.OrderDoubtful;
                    }
                }
            }

            var pages = heads.Sum(static newest => newest.Pages);
            if (changed.Count > MostChanges || sides.Count * Math.Ceiling(changed.Count / (double)BulkRead.MaxItems) > pages)
            {
                return WholeReadingReason.TooManyChanges;
            }

            // Read before anything goes into the catalogue, so that a failure leaves nothing there. Of a library that was chosen for others
            // only, nothing is read.
            var items = await Task.WhenAll(sides.Select((side, at) => side.Server!.GetItemsAsync(
                changed.Where(item => libraries[at].Any(library => library.Key == item.Value.Key)).Select(static item => item.Key),
                cancellationToken))).ConfigureAwait(false);
            if (!isMerge && IsOrderDecisive
                && changed.Any(item => items.Any(some => some.TryGetValue(item.Key, out var seen) && !seen.State.IsEmpty)
                    && sides.Where((side, at) => !items[at].ContainsKey(item.Key) && IsRead(at, item.Value.Key)).Any()))
            {
                return WholeReadingReason.OptionsNeedAll;
            }

            // Nobody can have viewed what the server does not send them.
            if (parts.Zip(heads).Any(part => part.Second.Items.Exists(item => changed.ContainsKey(item.Item)
                && !items[sides.IndexOf(part.First.Side)].ContainsKey(item.Item))))
            {
                return WholeReadingReason.OrderDoubtful;
            }

            for (var at = 0; at < sides.Count; at++)
            {
                Fill(sides[at], changed, items[at]);
            }

            for (var at = 0; at < parts.Count; at++)
            {
                var part = parts[at];
                part.Side.Choose(part.Library)!.Count = heads[at].Total;
                Reading!.Add(part.Side, part.Library, heads[at], part.Known);
                progress?.Report(new SyncProgress(
                    SyncPhase.Reading, part.Side.User, part.Library, heads[at].Items.Count, heads[at].Items.Count)
                {
                    Server = part.Side.Server!.MachineIdentifier,
                });
            }

            Reading!.Continue(known);
            return null;

            // What is not shared with somebody is as good as read: they do not see it.
            bool IsRead(int at, LibraryKey library) => libraries[at].Any(one => one.Key == library)
                || !sides[at].Shared.Any(one => one.Key == library);
        }
        catch (PlexException e) when (LibraryReader.IsConfinedToOneLibrary(e))
        {
            Log.NotRead(logger, e.Message);
            return WholeReadingReason.OrderDoubtful;
        }
    }

    /// <summary>Puts the items into the catalogue; those that the server does not send are hidden from the user.</summary>
    private static void Fill(Participant side, Dictionary<RatingKey, Library> changed, IReadOnlyDictionary<RatingKey, MediaItem> items)
    {
        foreach (var (key, item) in items)
        {
            var library = changed[key];
            // An item whose type is damaged is one whose state is damaged.
            var read = item.IsStateDamaged && item.Type != library.ItemType ? item with { Type = library.ItemType ?? item.Type } : item;
            if (read.Type == library.ItemType)
            {
                side.Catalogue.Add(side.Number, library, ItemRow.Of(read), []);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3005, LogLevel.Information, "Everything is read: {Reason}")]
        public static partial void Whole(ILogger logger, WholeReadingReason reason);

        [LoggerMessage(3006, LogLevel.Warning, "What has changed could not be read: {Reason}")]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
