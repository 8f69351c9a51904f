using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>
/// What the users of a run agree on: looked up before it is planned, noted while it is planned, and remembered when it has been read back.
/// </summary>
internal sealed class RunAgreements
{
    private readonly ISyncStore _store;
    private readonly List<Participant> _users;
    private readonly List<Observation> _observations = [];

    /// <summary>What two users agreed on before; null where there are more, of whom nothing needs to be known in advance.</summary>
    private readonly Agreements? _known;

    /// <summary>What neither of the two has watched any more.</summary>
    private readonly List<AgreedItem> _gone = [];
    private readonly bool _arms;

    private RunAgreements(ISyncStore store, List<Participant> users, Agreements? known, bool arms)
    {
        _store = store;
        _users = users;
        _known = known;
        _arms = arms;
    }

    /// <summary>It is the first run that was asked to let un-watching travel; all it does about it is to remember.</summary>
    public bool IsFirst => _arms && _known is { IsArmed: false };

    /// <summary>Of two users.</summary>
    /// <param name="store">Keeps what is agreed on.</param>
    /// <param name="source">One of the two.</param>
    /// <param name="target">The other.</param>
    /// <param name="unwatched">What one unwatches is to travel to the other.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<RunAgreements> ReadAsync(
        ISyncStore store, Participant source, Participant target, bool unwatched, CancellationToken cancellationToken)
    {
        var (one, other) = (source.Server!.ServerUser, target.Server!.ServerUser);
        var known = await store.ReadAgreementsAsync(one, other, cancellationToken).ConfigureAwait(false) ?? new Agreements(one, other);
        return new RunAgreements(store, [source, target], known, unwatched);
    }

    /// <summary>Of several users of one server: notes what they will have watched once everything that is planned is done.</summary>
    public static RunAgreements Observe(ISyncStore store, List<Participant> users)
    {
        var agreements = new RunAgreements(store, users, known: null, arms: false);
        foreach (var item in users[0].Catalogue.Items)
        {
            agreements.Observe(item, item, isConsidered: true);
        }

        return agreements;
    }

    /// <summary>Both had watched a copy of the work, at the end of an earlier run that was to remember it for this.</summary>
    public bool WasWatched(WorkMatch match) => _known is { IsArmed: true }
        && match.Source.Exists(item => match.Target.Exists(other => _known.Contains(Pair(item, other))));

    /// <summary>Takes note of what the users will have watched once everything that is planned is done.</summary>
    /// <param name="item">An item of the first user.</param>
    /// <param name="other">The same item at the others.</param>
    /// <param name="isConsidered">The run was asked about it: what it was not asked about stays as the last run left it.</param>
    public void Observe(CatalogueItem item, CatalogueItem other, bool isConsidered)
    {
        var seen = new Observation { Item = item.Key, Other = other.Key };
        var isSpared = false;
        for (var at = 0; at < _users.Count; at++)
        {
            var (user, own) = (_users[at], at == 0 ? item : other);
            if (user.IsDamaged(own))
            {
                // Nothing is known; what was agreed stays.
                return;
            }

            if (own.IsListedBy(user.Number))
            {
                var (wasWatched, isWatched) = (own.StateOf(user.Number).IsWatched, user.StateOf(own).IsWatched);
                var bit = 1UL << at;
                seen.Listed |= bit;
                seen.Watched |= isWatched ? bit : 0;
                // What is marked anew is unwatched on the way: it counts as watched once that is done.
                seen.News |= isWatched && !user.IsLeftWatched(own) ? bit : 0;
                seen.Unwatching |= wasWatched && !isWatched ? bit : 0;
                isSpared |= user.IsSpared(own);
            }
        }

        var isAgreed = seen.Watched == seen.Listed;
        // Where nothing could be proved, a later run finds out; what was not asked about stays, unless nobody has it.
        if (isAgreed || seen.Unwatching != 0 || (!isSpared && (isConsidered || seen.Watched == 0)))
        {
            seen.Work = (seen.Watched | seen.Unwatching) == 0 ? 0 : WorkOf(_known is null || _known.One == UserAt(0) ? item : other);
            if (_known is null || HasNews(seen, isAgreed))
            {
                _observations.Add(seen);
            }
        }
    }

    /// <summary>Forgets whatever neither of two has watched, of all that both list: how it was matched once makes no difference.</summary>
    public void Sweep()
    {
        var (one, other) = (UserAt(0), UserAt(1));
        _gone.AddRange(_known!.Items.Where(item =>
            IsUnwatched(_users[0], _known.KeyOf(one, item)) && IsUnwatched(_users[1], _known.KeyOf(other, item))));

        static bool IsUnwatched(Participant user, RatingKey key) => user.Catalogue.Find(key) is { } item
            && item.IsListedBy(user.Number) && !user.IsDamaged(item) && !item.StateOf(user.Number).IsWatched;
    }

    /// <summary>
    /// To be called before anything is written: what is about to be unwatched must not be taken for agreed any more, whatever becomes of
    /// the run.
    /// </summary>
    public async Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var planned = _users.ConvertAll(user => ItemsOf(plans.FirstOrDefault(plan => plan.TargetUser == user.Server!.ServerUser)?.Changes));
        // What was not planned in the end stays agreed on.
        _observations.RemoveAll(seen => seen.Unwatching != 0 && !IsIn(seen, seen.Unwatching, planned));
        var taken = _observations.FindAll(static seen => seen.Unwatching != 0);
        if (taken.Count > 0)
        {
            await _store.ChangeAgreementsAsync(
                async change =>
                {
                    if (await change.ReadAsync(UserAt(0), UserAt(1), cancellationToken).ConfigureAwait(false) is { } now)
                    {
                        taken.ForEach(seen => now.Remove(Pair(now, 0, seen)));
                        await change.WriteAsync(now, cancellationToken).ConfigureAwait(false);
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Every pair of a user forgets items: they are about to become what nobody has agreed on.</summary>
    public static Task ForgetAsync(ISyncStore store, ServerUser user, IReadOnlySet<RatingKey> items, CancellationToken cancellationToken) =>
        store.ChangeAgreementsAsync(
            async change =>
            {
                foreach (var agreements in await change.ListAsync(user, cancellationToken).ConfigureAwait(false))
                {
                    if (agreements.RemoveWhere(item => items.Contains(agreements.KeyOf(user, item))))
                    {
                        await change.WriteAsync(agreements, cancellationToken).ConfigureAwait(false);
                    }
                }
            },
            cancellationToken);

    /// <summary>Remembers what the run has brought about, as far as reading back has shown it.</summary>
    public async Task RememberAsync(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        if (_observations.Count + _gone.Count > 0 || IsFirst)
        {
            await _store.ChangeAgreementsAsync(change => RememberAsync(change, reports, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        _observations.Clear();
        _gone.Clear();
    }

    private async Task RememberAsync(IAgreementsChange change, IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        // A run that begins from here on has to wait before it forgets anything. Where one has written to a user since they were read, what
        // was seen then is agreed on no more.
        var own = reports.Select(static report => report.Run).FirstOrDefault(static run => run is not null);
        var isCurrent = true;
        foreach (var user in _users)
        {
            isCurrent &= await user.History!.IsCurrentAsync(own, cancellationToken).ConfigureAwait(false);
        }

        var ofUsers = _users.ConvertAll(user => reports.FirstOrDefault(report => report.Plan.TargetUser == user.Server!.ServerUser));
        var (applied, untouched) = (ofUsers.ConvertAll(AppliedBy), ofUsers.ConvertAll(UntouchedBy));
        for (var one = 0; one < _users.Count; one++)
        {
            for (var other = one + 1; other < _users.Count; other++)
            {
                var now = await change.ReadAsync(UserAt(one), UserAt(other), cancellationToken).ConfigureAwait(false)
                    ?? new Agreements(UserAt(one), UserAt(other));
                if (Update(now, one, other, isCurrent, applied, untouched))
                {
                    await change.WriteAsync(now, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private bool Update(
        Agreements now, int one, int other, bool isCurrent, List<HashSet<RatingKey>> applied, List<HashSet<RatingKey>> untouched)
    {
        var hasChanged = _arms && !now.IsArmed;
        now.IsArmed |= _arms;
        var both = (1UL << one) | (1UL << other);
        if (!isCurrent && _known is { } known)
        {
            hasChanged |= now.RemoveWhere(item => !known.Knows(item));
        }

        foreach (var item in _gone)
        {
            hasChanged |= now.Remove(item);
        }

        foreach (var seen in _observations.Where(seen => (seen.Listed & both) == both))
        {
            var isAgreed = isCurrent
                && ((seen.Watched & both) == both ? IsIn(seen, seen.News & both, applied)
                    // What was to be unwatched and was left untouched is still to be unwatched.
                    : seen.Unwatching != 0 && IsIn(seen, seen.Unwatching, untouched));
            var item = Pair(now, one, seen);
            hasChanged |= isAgreed ? now.Add(item) : now.Remove(item);
        }

        return hasChanged;
    }

    /// <summary>It makes a difference to what two users agreed on before.</summary>
    private bool HasNews(Observation seen, bool isAgreed)
    {
        var item = Pair(_known!, 0, seen);
        return isAgreed ? seen.News != 0 || !_known!.Contains(item)
            : seen.Unwatching != 0 ? _known!.Contains(item)
            : _known!.Knows(item);
    }

    /// <summary>The items that a user's run has changed; none where not all of it could be read back.</summary>
    private static HashSet<RatingKey> AppliedBy(SyncReport? report) =>
        report is null || report.Verified < report.Count(ChangeOutcome.Applied)
            ? []
            : ItemsOf(
                report.Results.Where(static result => result.Outcome is ChangeOutcome.Applied).Select(static result => result.Change));

    private static HashSet<RatingKey> UntouchedBy(SyncReport? report) => ItemsOf(
        report?.Results.Where(static result => result is { StateAfterRun: null, Outcome: not ChangeOutcome.Unknown })
            .Select(static result => result.Change));

    private static HashSet<RatingKey> ItemsOf(IEnumerable<PlannedChange>? changes) =>
        changes?.Where(static change => !change.IsRating).Select(static change => change.Item.RatingKey).ToHashSet() ?? [];

    /// <summary>The item of each of some users is in the set of that user.</summary>
    private static bool IsIn(Observation seen, ulong users, List<HashSet<RatingKey>> sets)
    {
        for (var at = 0; at < sets.Count; at++)
        {
            if ((users & (1UL << at)) != 0 && !sets[at].Contains(at == 0 ? seen.Item : seen.Other))
            {
                return false;
            }
        }

        return true;
    }

    private ServerUser UserAt(int at) => _users[at].Server!.ServerUser;

    private AgreedItem Pair(Agreements agreements, int one, Observation seen) =>
        agreements.Pair(UserAt(one), one == 0 ? seen.Item : seen.Other, seen.Other, seen.Work);

    private AgreedItem Pair(CatalogueItem item, CatalogueItem other) =>
        _known!.Pair(UserAt(0), item.Key, other.Key, WorkOf(_known.One == UserAt(0) ? item : other));

    /// <summary>What the item is called, as a number: rating keys are given out anew when a server's database is rebuilt.</summary>
    internal static ulong WorkOf(CatalogueItem item)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{item.Type}\n{item.Title}\n{item.Year}\n{item.Show}\n{item.Number}");
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    /// <summary>One item of the users, a bit for each of them: who sees it, and who will have watched it.</summary>
    private sealed class Observation
    {
        public required RatingKey Item { get; init; }

        public required RatingKey Other { get; init; }

        public ulong Work { get; set; }

        public ulong Listed { get; set; }

        public ulong Watched { get; set; }

        /// <summary>Who has not watched it all the time from before the run.</summary>
        public ulong News { get; set; }

        /// <summary>From whom it is taken away.</summary>
        public ulong Unwatching { get; set; }
    }
}
