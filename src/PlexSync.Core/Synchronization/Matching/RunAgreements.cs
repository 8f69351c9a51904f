using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync;

/// <summary>
/// The agreements of the users of a run: read before planning, noted while planning, and stored after the changes were read back.
/// </summary>
internal sealed class RunAgreements
{
    private readonly ISyncStore _store;

    /// <summary>Names only: a plan keeps this until it is applied, and must not keep the catalogues along with it.</summary>
    private readonly List<(ServerUser Name, TargetHistory History)> _users;
    private readonly List<Observation> _observations = [];

    /// <summary>What two users agreed on before; null in a merge, which does not need it.</summary>
    private readonly Agreements? _known;

    /// <summary>Agreements on items that neither of the two has watched any more.</summary>
    private readonly List<AgreedItem> _gone = [];
    private readonly bool _arms;

    private RunAgreements(ISyncStore store, List<Participant> users, Agreements? known, bool arms)
    {
        _store = store;
        _users = users.ConvertAll(static user => (user.Server!.ServerUser, user.History!));
        _known = known;
        _arms = arms;
    }

    /// <summary>
    /// Whether this is the first run of the two users with <see cref="SyncOptions.Unwatched"/>, which only remembers what both have
    /// watched.
    /// </summary>
    public bool IsFirst => _arms && _known is { IsArmed: false };

    /// <summary>The agreements of two users.</summary>
    /// <param name="store">Keeps what is agreed on.</param>
    /// <param name="source">One of the two.</param>
    /// <param name="target">The other.</param>
    /// <param name="unwatched">Whether un-watching is to travel between the two.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<RunAgreements> ReadAsync(
        ISyncStore store, Participant source, Participant target, bool unwatched, CancellationToken cancellationToken)
    {
        var (one, other) = (source.Server!.ServerUser, target.Server!.ServerUser);
        var known = await store.ReadAgreementsAsync(one, other, cancellationToken).ConfigureAwait(false) ?? new Agreements(one, other);
        return new RunAgreements(store, [source, target], known, unwatched);
    }

    /// <summary>
    /// The agreements of several users of one server: notes what they will have watched once everything that is planned is done.
    /// </summary>
    public static RunAgreements Observe(ISyncStore store, List<Participant> users)
    {
        var agreements = new RunAgreements(store, users, known: null, arms: false);
        foreach (var item in users[0].Catalogue.Items)
        {
            agreements.Observe(users, item, item, isConsidered: true);
        }

        return agreements;
    }

    /// <summary>
    /// Whether both had watched a copy of the work at the end of an earlier run; false until their first run with
    /// <see cref="SyncOptions.Unwatched"/> is over.
    /// </summary>
    public bool WasWatched(WorkMatch match) => _known is { IsArmed: true }
        && match.Source.Exists(item => match.Target.Exists(other => _known.Contains(Pair(item, other))));

    /// <summary>Notes what the users will have watched once everything that is planned is done.</summary>
    /// <param name="users">The users, in the order in which they were given.</param>
    /// <param name="item">An item of the first user.</param>
    /// <param name="other">The same item at the others.</param>
    /// <param name="isConsidered">Whether the run was asked about the item; if not, its agreement stays as the last run left it.</param>
    public void Observe(IReadOnlyList<Participant> users, CatalogueItem item, CatalogueItem other, bool isConsidered)
    {
        var seen = new Observation { Item = item.Key, Other = other.Key };
        var isSpared = false;
        for (var at = 0; at < users.Count; at++)
        {
            var (user, own) = (users[at], at == 0 ? item : other);
            if (user.IsDamaged(own))
            {
                // The state is not known, so that the agreement stays.
                return;
            }

            if (own.IsListedBy(user.Number))
            {
                var (wasWatched, isWatched) = (own.StateOf(user.Number).IsWatched, user.StateOf(own).IsWatched);
                var bit = 1UL << at;
                seen.Listed |= bit;
                seen.Watched |= isWatched ? bit : 0;
                // An item that is marked again is unwatched on the way: it counts as watched only once that is done.
                seen.News |= isWatched && !user.IsLeftWatched(own) ? bit : 0;
                seen.Unwatching |= wasWatched && !isWatched ? bit : 0;
                isSpared |= user.IsSpared(own);
            }
        }

        var isAgreed = seen.Watched == seen.Listed;
        // If a removal could not be proved, the agreement stays for a later run. It also stays if the run was not asked about the item,
        // unless nobody has watched it.
        if (isAgreed || seen.Unwatching != 0 || (!isSpared && (isConsidered || seen.Watched == 0)))
        {
            seen.Work = (seen.Watched | seen.Unwatching) == 0 ? 0 : WorkOf(_known is null || _known.One == UserAt(0) ? item : other);
            if (_known is null || HasNews(seen, isAgreed))
            {
                _observations.Add(seen);
            }
        }
    }

    /// <summary>
    /// Drops the agreements on items that both users list and neither has watched, however they were matched at the time.
    /// </summary>
    /// <param name="users">The two, in the order in which they were given.</param>
    public void Sweep(IReadOnlyList<Participant> users)
    {
        var (one, other) = (UserAt(0), UserAt(1));
        _gone.AddRange(_known!.Items.Where(item =>
            IsUnwatched(users[0], _known.KeyOf(one, item)) && IsUnwatched(users[1], _known.KeyOf(other, item))));
        // If one of them watches another copy now, the other has not unwatched it since.
        _gone.ForEach(item => _known.Remove(item));

        static bool IsUnwatched(Participant user, RatingKey key) => user.Catalogue.Find(key) is { } item
            && item.IsListedBy(user.Number) && !user.IsDamaged(item) && !item.StateOf(user.Number).IsWatched;
    }

    /// <summary>
    /// Strikes from the agreements what the run is about to unwatch. Call it before the first write: if the run is killed, its own work
    /// must not pass for the user's.
    /// </summary>
    public async Task ForgetAsync(IReadOnlyList<SyncPlan> plans, CancellationToken cancellationToken)
    {
        var planned = _users.ConvertAll(user => ItemsOf(plans.FirstOrDefault(plan => plan.TargetUser == user.Name)?.Changes));
        // Items that the final plan leaves out stay agreed on.
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

    /// <summary>
    /// Strikes items from the agreements of a user with every other user: they are about to change in a way that nobody has agreed on.
    /// </summary>
    public static Task ForgetAsync(ISyncStore store, ServerUser user, IReadOnlySet<RatingKey> items, CancellationToken cancellationToken) =>
        store.ChangeAgreementsAsync(
            async change =>
            {
                await foreach (var agreements in change.ListAsync(user, cancellationToken).ConfigureAwait(false))
                {
                    if (agreements.RemoveWhere(item => items.Contains(agreements.KeyOf(user, item))))
                    {
                        await change.WriteAsync(agreements, cancellationToken).ConfigureAwait(false);
                    }
                }
            },
            cancellationToken);

    /// <summary>Stores what the run has brought about, as far as it was read back.</summary>
    public async Task RememberAsync(IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        if (_observations.Count + _gone.Count > 0 || IsFirst)
        {
            await _store.ChangeAgreementsAsync(change => RememberAsync(change, reports, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        // A plan that is applied twice remembers once.
        _known?.IsArmed |= _arms;
        _observations.Clear();
        _gone.Clear();
    }

    private async Task RememberAsync(IAgreementsChange change, IReadOnlyList<SyncReport> reports, CancellationToken cancellationToken)
    {
        // From here on, other runs have to wait before they change agreements. If one has written to a user since that user was read, the
        // state that was read no longer counts, and nothing new is agreed on.
        var own = reports.Select(static report => report.Run).FirstOrDefault(static run => run is not null);
        var isCurrent = true;
        foreach (var user in _users)
        {
            // A run that was open all the while looks the same at both ends.
            isCurrent &= !user.History.HasOpenRun && await user.History.IsCurrentAsync(own, cancellationToken).ConfigureAwait(false);
        }

        var ofUsers = _users.ConvertAll(user => reports.FirstOrDefault(report => report.Plan.TargetUser == user.Name));
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
                    // An item that was to be unwatched and was left untouched is still to be unwatched.
                    : seen.Unwatching != 0 && IsIn(seen, seen.Unwatching, untouched));
            var item = Pair(now, one, seen);
            hasChanged |= isAgreed ? now.Add(item) : now.Remove(item);
        }

        return hasChanged;
    }

    /// <summary>Whether it changes what the two users agreed on before.</summary>
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

    /// <summary>Whether, for each of these users, their item is in their set.</summary>
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

    private ServerUser UserAt(int at) => _users[at].Name;

    private AgreedItem Pair(Agreements agreements, int one, Observation seen) =>
        agreements.Pair(UserAt(one), seen.Item, seen.Other, seen.Work);

    private AgreedItem Pair(CatalogueItem item, CatalogueItem other) =>
        _known!.Pair(UserAt(0), item.Key, other.Key, WorkOf(_known.One == UserAt(0) ? item : other));

    /// <summary>
    /// A number made of what the item is called. By it one sees that a rating key still belongs to the same work: a server whose database
    /// is rebuilt gives its keys to other items.
    /// </summary>
    internal static ulong WorkOf(CatalogueItem item)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{item.Type}\n{item.Title}\n{item.Year}\n{item.Show}\n{item.Number}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> bytes = stackalloc byte[512];
        SHA256.HashData(Encoding.UTF8.TryGetBytes(name, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>What was noted about one item, with a bit for each user: who sees it, who will have watched it.</summary>
    private sealed class Observation
    {
        public required RatingKey Item { get; init; }

        public required RatingKey Other { get; init; }

        public ulong Work { get; set; }

        public ulong Listed { get; set; }

        public ulong Watched { get; set; }

        /// <summary>The users who will have watched it only because of this run.</summary>
        public ulong News { get; set; }

        /// <summary>The users for whom it is unwatched.</summary>
        public ulong Unwatching { get; set; }
    }
}
