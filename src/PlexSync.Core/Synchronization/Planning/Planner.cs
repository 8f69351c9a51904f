using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Makes the plans of a run: lists what everybody has seen, once; matches the items; resolves what they become.</summary>
internal sealed partial class Planner
{
    private readonly ILogger _logger;
    private readonly SyncOptions _options;
    private readonly ISyncStore? _store;
    private readonly WrittenStates _written;
    private readonly ItemFilter _filter;
    private readonly LibraryReader _reader;
    private readonly Dictionary<MachineIdentifier, Catalogue> _catalogues = [];

    /// <summary>Null without a store, which alone knows what was read before.</summary>
    private readonly ChangeReader? _changes;

    public Planner(
        ILogger logger, SyncOptions options, ISyncStore? store, WrittenStates written, IProgress<SyncProgress>? progress)
    {
        _logger = logger;
        _options = options;
        _store = store;
        _written = written;
        _filter = new ItemFilter(options.Shows);
        _reader = new LibraryReader(logger, progress, _filter);
        _changes = store is null ? null : new ChangeReader(logger, options, store, progress);
    }

    /// <summary>A policy of one's own may take something away, too.</summary>
    private bool MayRemove => _options.Unwatched || _options.Policy is MirrorPolicy or not (null or BuiltInPolicy);

    private bool IsTwoWay => _options.Direction is SyncDirection.TwoWay;

    /// <summary>One plan for each target and, in two directions, one for the source.</summary>
    public async Task<IReadOnlyList<MadePlan>> PlanAsync(
        PlexServer source, IReadOnlyList<PlexServer> targets, CancellationToken cancellationToken)
    {
        var createdAt = source.Time.GetUtcNow();
        var pairs = await CompareAsync(source, targets, _changes, cancellationToken).ConfigureAwait(false);
        DropWhatNobodyHasSeen(pairs);
        Resolver.Resolve(pairs, _options);
        return Note(Write(pairs, createdAt));
    }

    /// <summary>Why the items of that title would change, or would not.</summary>
    public async Task<IReadOnlyList<ItemExplanation>> ExplainAsync(
        PlexServer source, PlexServer target, string title, CancellationToken cancellationToken)
    {
        var createdAt = source.Time.GetUtcNow();
        var pairs = await CompareAsync(source, [target], changes: null, cancellationToken).ConfigureAwait(false);
        var before = new Resolver(pairs[0], _options);
        Resolver.Resolve(pairs, _options);
        return new Explainer(pairs[0], before, Write(pairs, createdAt).ConvertAll(static made => made.Plan)).Explain(title);
    }

    /// <summary>One plan for each user, so that all of them have what any of them has.</summary>
    public async Task<IReadOnlyList<MadePlan>> MergeAsync(IReadOnlyList<PlexServer> users, CancellationToken cancellationToken)
    {
        var createdAt = users[0].Time.GetUtcNow();
        var ((shared, chosen), known) = await Together.RunAsync(
            ListAsync, either => LookUpAsync(users, isFirstWritten: true, either), cancellationToken).ConfigureAwait(false);
        var sides = Join(users, shared, known);
        _filter.Home = sides[0].Catalogue;
        IReadOnlyList<IReadOnlyList<Library>> libraries = [.. shared.Select(
            some => some.Where(library => chosen.Exists(known => known.Key == library.Key)).ToList())];
        if (_changes is null || !await _changes.TryReadAsync(sides, libraries, isMerge: true, isFirst: false, cancellationToken)
            .ConfigureAwait(false))
        {
            await Task.WhenAll(sides.Select((side, at) => _reader.ReadAsync(
                side, libraries[at].Select(static library => (library, false)), cancellationToken))).ConfigureAwait(false);
            await _filter.RequireShowsAsync(users, cancellationToken).ConfigureAwait(false);
            _changes?.NoteAll(sides, libraries);
        }

        var group = new Matcher(sides, MatchMode.Key, SyncDirection.TwoWay)
        {
            IsMerge = true,
            Choice = await TagChoice.ReadAsync(users[0], chosen, _options, cancellationToken).ConfigureAwait(false),
            IsPartial = _changes is { IsPartial: true },
            OnlyAdds = _options.OnlyAdds,
        };
        Resolver.Resolve([group], _options);
        IReadOnlyList<RunAgreements> agreements = _store is null ? [] : [RunAgreements.Observe(_store, sides)];
        var policy = Resolver.PolicyOf(group, _options).Name;
        return Note(sides.ConvertAll(
            side => new PlanBuilder(side, sides.FindAll(other => other != side))
            {
                Agreements = agreements,
                WaitsForPlayers = _options.WaitsForPlayers,
            }.Build(policy, createdAt)));

        async Task<(IReadOnlyList<Library>[] Shared, List<Library> Chosen)> ListAsync(CancellationToken either)
        {
            var lists = await Task.WhenAll(users.Select(user => LibrarySelection.GetSharedAsync(user, either))).ConfigureAwait(false);
            var all = lists.SelectMany(static libraries => libraries).DistinctBy(static library => library.Key).ToList();
            return (lists, LibrarySelection.Choose(all, _options));
        }
    }

    /// <summary>
    /// The plan that brings a user back to a snapshot, or to what another user had seen when it was taken: a sync whose source is a file.
    /// </summary>
    public async Task<MadePlan> RestoreAsync(SnapshotSource source, PlexServer target, CancellationToken cancellationToken)
    {
        source.Require(target);
        var createdAt = target.Time.GetUtcNow();
        var (side, shared) = await Together.RunAsync(
            either => JoinAsync(target, either), either => LibrarySelection.GetSharedAsync(target, either), cancellationToken)
            .ConfigureAwait(false);
        var saved = source.Join(side.Catalogue);
        // A rebuilt server gives the keys of libraries to others, too: a key that now has another type is another library.
        var libraries = shared.Where(library => saved.Find(library.Key)?.Library.Type == library.Type);
        await _reader.ReadAsync(side, libraries.Select(static library => (library, true)), cancellationToken).ConfigureAwait(false);
        var pair = new Matcher([saved, side], MatchMode.Key, SyncDirection.OneWay);
        Resolver.Resolve([pair], _options);
        return new PlanBuilder(side, [saved]) { Unmatched = pair.Unmatched }.Build(source.Policy, createdAt);
    }

    /// <summary>The plan that adds what a history says a user has seen: a sync whose source is that history.</summary>
    public async Task<MadePlan> ImportAsync(ImportSource source, PlexServer target, CancellationToken cancellationToken)
    {
        var createdAt = target.Time.GetUtcNow();
        var (side, shared) = await Together.RunAsync(
            either => JoinAsync(target, either), either => LibrarySelection.GetSharedAsync(target, either), cancellationToken)
            .ConfigureAwait(false);
        var libraries = LibrarySelection.Choose(shared, _options);
        await _reader.ReadAsync(side, libraries.Select(static library => (library, true)), cancellationToken).ConfigureAwait(false);
        var history = source.Join(side);
        Resolver.Resolve([new Matcher([history, side], MatchMode.Key, SyncDirection.OneWay)], _options);
        var made = new PlanBuilder(side, [history]) { Unmatched = source.Unmatched }.Build(ImportSource.Policy, createdAt);
        return made with { Plan = source.Mark(made.Plan) };
    }

    /// <summary>The plan that takes a run back, from what the store says it left and what is there now.</summary>
    public async Task<MadePlan> UndoAsync(UndoSource source, PlexServer target, CancellationToken cancellationToken)
    {
        var createdAt = target.Time.GetUtcNow();
        var side = await JoinAsync(target, cancellationToken).ConfigureAwait(false);
        var current = await target.GetItemsAsync(source.Items, cancellationToken).ConfigureAwait(false);
        return source.Plan(side, current, createdAt);
    }

    /// <summary>The plan that marks items by hand.</summary>
    public async Task<MadePlan> MarkAsync(
        MarkSource source, PlexServer user, IReadOnlyList<RatingKey> keys, CancellationToken cancellationToken)
    {
        var createdAt = user.Time.GetUtcNow();
        var side = await JoinAsync(user, cancellationToken).ConfigureAwait(false);
        var (items, libraries) = await Together.RunAsync(
            either => MarkSource.ReadAsync(user, keys, either), user.GetRecentLibrariesAsync, cancellationToken).ConfigureAwait(false);
        return source.Plan(side, items, libraries, createdAt);
    }

    /// <summary>
    /// Drops items that nobody has a state on: nothing would be done with them, and they are a third of a large library. Identifiers are
    /// dropped too, since the items are matched by now.
    /// </summary>
    private void DropWhatNobodyHasSeen(List<Matcher> pairs)
    {
        pairs.ForEach(static pair => pair.Agreements?.Sweep(pair.Participants));
        foreach (var catalogue in _catalogues.Values)
        {
            // A choice of shows has few items, and their identifiers still tell which copies the choice has left out.
            catalogue.DropWithoutState(keepIds: !_filter.IsOpen);
        }
    }

    private List<MadePlan> Write(List<Matcher> pairs, DateTimeOffset createdAt)
    {
        var builders = pairs.ConvertAll(pair => new PlanBuilder(pair.Target, [pair.Source])
        {
            Unmatched = pair.Unmatched,
            Found = Observe(pair),
            Agreements = AgreementsOf(pair.Target),
            WaitsForPlayers = _options.WaitsForPlayers,
        });
        if (IsTwoWay)
        {
            builders.Add(
                new PlanBuilder(pairs[0].Source, pairs.ConvertAll(static pair => pair.Target))
                {
                    Unmatched = pairs.SelectMany(static pair => pair.UnmatchedBack),
                    Agreements = AgreementsOf(pairs[0].Source),
                    WaitsForPlayers = _options.WaitsForPlayers,
                });
        }

        var policy = Resolver.PolicyOf(pairs[0], _options).Name;
        return builders.ConvertAll(builder => builder.Build(policy, createdAt));

        List<RunAgreements> AgreementsOf(Participant user) => pairs.Where(pair => pair.Source == user || pair.Target == user)
            .Select(static pair => pair.Agreements).OfType<RunAgreements>().ToList();
    }

    /// <summary>Says of each plan how much was read, and what the next run is to know once all of them are applied.</summary>
    private List<MadePlan> Note(List<MadePlan> made)
    {
        var reading = _changes?.Reading;
        reading?.Expect(made.Select(static one => one.Plan));
        made.ForEach(one => one.Context.Reading = reading);
        WholeReadingReason? withoutStore = _options.Quick ? WholeReadingReason.NothingKnown : null;
        return made.ConvertAll(one => one with
        {
            Plan = one.Plan with
            {
                Reading = _changes is { IsPartial: true } ? ReadingScope.Changed : ReadingScope.Whole,
                WholeBecause = _changes is null ? withoutStore : _changes.Reason,
            },
        });
    }

    /// <summary>Lists what everybody has seen, and matches the items.</summary>
    /// <param name="source">The source.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="changes">Reads only the changes, where that is enough; null where it never is.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    private async Task<List<Matcher>> CompareAsync(
        PlexServer source, IReadOnlyList<PlexServer> targets, ChangeReader? changes, CancellationToken cancellationToken)
    {
        IReadOnlyList<PlexServer> users = [source, .. targets];
        var (((sourceLibraries, chosen), theirs), known) = await Together.RunAsync(
            either => Together.RunAsync(
                ListSourceAsync,
                any => Task.WhenAll(targets.Select(target => LibrarySelection.GetSharedAsync(target, any))),
                either),
            either => LookUpAsync(users, isFirstWritten: IsTwoWay || _options.WaitsForPlayers is not null, either),
            cancellationToken).ConfigureAwait(false);
        var sides = Join(users, [sourceLibraries, .. theirs], known);
        _filter.Home = sides[0].Catalogue;
        if (!_filter.IsOpen && targets.Any(target => target.MachineIdentifier != source.MachineIdentifier))
        {
            await _filter.ResolveKeysAsync(source, cancellationToken).ConfigureAwait(false);
        }

        var choice = await TagChoice.ReadAsync(source, chosen, _options, cancellationToken).ConfigureAwait(false);
        var pairs = await PairAsync(sides, choice, cancellationToken).ConfigureAwait(false);
        var isById = _options.Match is not MatchMode.Key;
        var candidates = pairs.Select((pair, at) => LibrarySelection.Candidates(
            theirs[at], sourceLibraries, _options, isSameServer: pair.Target.Catalogue == sides[0].Catalogue)).ToList();
        // Where the rating key decides, only the chosen libraries of the target are read; the others only if somebody turns out not to see
        // an item.
        IReadOnlyList<IReadOnlyList<Library>> libraries =
            [chosen, .. pairs.Select((pair, at) => candidates[at].FindAll(library => pair.IsAnywhere || IsChosen(library)))];
        if (changes is not null && await changes.TryReadAsync(
            sides, libraries, isMerge: false, isFirst: pairs.Exists(static pair => pair.Agreements is { IsFirst: true }), cancellationToken)
            .ConfigureAwait(false))
        {
            pairs.ForEach(static pair => pair.IsPartial = true);
            return pairs;
        }

        var readings = pairs.Select((pair, at) => _reader.ReadAsync(
            pair.Target, libraries[at + 1].Select(library => (library, NeedsIds(pair, library))), cancellationToken));
        var reading = _reader.ReadAsync(sides[0], chosen.Select(library => (library, isById)), cancellationToken);
        await Task.WhenAll(readings.Append(reading)).ConfigureAwait(false);
        var home = targets.Where(target => target.MachineIdentifier == source.MachineIdentifier).Prepend(source).ToList();
        await _filter.RequireShowsAsync(home, cancellationToken).ConfigureAwait(false);
        for (var at = 0; at < pairs.Count; at++)
        {
            await MatchAsync(pairs[at], candidates[at], cancellationToken).ConfigureAwait(false);
        }

        await NoteUnsettledAsync(sides, cancellationToken).ConfigureAwait(false);
        changes?.NoteAll(sides, libraries);
        return pairs;

        async Task<(IReadOnlyList<Library> All, List<Library> Chosen)> ListSourceAsync(CancellationToken either)
        {
            var all = await source.GetRecentLibrariesAsync(either).ConfigureAwait(false);
            return (all, LibrarySelection.Choose(all, _options));
        }

        bool IsChosen(Library library) => chosen.Exists(other => other.Key == library.Key);

        // The owner sees all that anybody sees: what the owner's listing identifies need not be identified again.
        bool NeedsIds(Matcher pair, Library library) =>
            isById && !(source.IsOwner && pair.Target.Catalogue == sides[0].Catalogue && IsChosen(library));
    }

    /// <summary>Pairs the source with each target, and reads what the two agreed on.</summary>
    private async Task<List<Matcher>> PairAsync(
        List<Participant> sides, IReadOnlyList<TaggedItems> choice, CancellationToken cancellationToken)
    {
        var pairs = new List<Matcher>();
        foreach (var target in sides.Skip(1))
        {
            pairs.Add(new Matcher([sides[0], target], _options.Match, _options.Direction)
            {
                OnlyAdds = _options.OnlyAdds,
                Choice = choice,
                Agreements = _store is null ? null
                    : await RunAgreements.ReadAsync(_store, sides[0], target, _options.Unwatched, cancellationToken).ConfigureAwait(false),
            });
        }

        return pairs;
    }

    /// <summary>Notes whose states no removal may rest on: a run was writing to that participant while they were read.</summary>
    private async Task NoteUnsettledAsync(List<Participant> sides, CancellationToken cancellationToken)
    {
        foreach (var side in !MayRemove ? [] : IsTwoWay ? sides : sides.Take(1))
        {
            side.IsUnsettled = side.History!.HasOpenRun
                || !await side.History.IsKnownToBeCurrentAsync(own: null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task MatchAsync(Matcher pair, List<Library> candidates, CancellationToken cancellationToken)
    {
        if (!pair.Seeds.Any())
        {
            return;
        }

        await _reader.ReadAsync(pair.Target, candidates.Select(static library => (library, true)), cancellationToken)
            .ConfigureAwait(false);
        pair.MatchById();
        if (pair.UndecidedEpisodes.Any())
        {
            var (mine, theirs) = await Together.RunAsync(
                either => _reader.ReadShowsAsync(pair.Source, either),
                either => _reader.ReadShowsAsync(pair.Target, either),
                cancellationToken).ConfigureAwait(false);
            pair.MatchByNumber(mine, theirs);
        }
    }

    /// <summary>Everybody in the run, the source first.</summary>
    private List<Participant> Join(IReadOnlyList<PlexServer> users, IReadOnlyList<Library>[] libraries, KnownUsers known) =>
        [.. users.Select((server, at) => new Participant(server, CatalogueOf(server.MachineIdentifier, users.Count), at)
        {
            Shared = libraries[at],
            History = known.Histories[at],
            Facts = known.Playing.TryGetValue(server, out var playing) ? new TargetFacts(server, playing, known.Histories[at]) : null,
        })];

    /// <summary>What the store and the servers tell of the users beside their libraries.</summary>
    private async Task<KnownUsers> LookUpAsync(IReadOnlyList<PlexServer> users, bool isFirstWritten, CancellationToken cancellationToken)
    {
        var written = users.Skip(isFirstWritten ? 0 : 1).ToList();
        var (histories, playing) = await Together.RunAsync(
            ReadHistoriesAsync,
            either => Task.WhenAll(written.DistinctBy(static server => server.MachineIdentifier).Select(async server =>
                (server.MachineIdentifier, Now: await TargetFacts.ReadPlayingAsync(_logger, server, either).ConfigureAwait(false)))),
            cancellationToken).ConfigureAwait(false);
        return new(histories, written.ToDictionary(
            static server => server,
            server => Array.Find(playing, one => one.MachineIdentifier == server.MachineIdentifier).Now));

        // One after the other: a store need not be thread-safe.
        async Task<List<TargetHistory>> ReadHistoriesAsync(CancellationToken either)
        {
            var read = new List<TargetHistory>();
            foreach (var server in users)
            {
                var history = await TargetHistory.ReadAsync(_store, server, either).ConfigureAwait(false);
                if (users.Count > 1 && (IsTwoWay || _options.Policy is NewestPolicy))
                {
                    await history.ReadWritesAsync(either, _written).ConfigureAwait(false);
                }

                if (written.Contains(server) && !_options.RetryUnkept)
                {
                    await history.ReadUnkeptAsync(either).ConfigureAwait(false);
                }

                read.Add(history);
            }

            return read;
        }
    }

    /// <summary>The only user in the run, where the source is a file.</summary>
    private async Task<Participant> JoinAsync(PlexServer target, CancellationToken cancellationToken)
    {
        var known = await LookUpAsync([target], isFirstWritten: true, cancellationToken).ConfigureAwait(false);
        return new Participant(target, CatalogueOf(target.MachineIdentifier, users: 2), number: 1)
        {
            History = known.Histories[0],
            Facts = new TargetFacts(target, known.Playing[target], known.Histories[0]),
        };
    }

    private Catalogue CatalogueOf(MachineIdentifier machine, int users)
    {
        if (!_catalogues.TryGetValue(machine, out var catalogue))
        {
            _catalogues.Add(machine, catalogue = new Catalogue(users));
        }

        return catalogue;
    }

    /// <summary>Notes what the two will agree on; returns how many items of the source were found in each library of the target.</summary>
    private Dictionary<LibraryKey, int> Observe(Matcher pair)
    {
        var found = new Dictionary<LibraryKey, int>();
        var resolver = new Resolver(pair, _options);
        foreach (var match in pair.Matches)
        {
            var library = match.Target[0].Library;
            CollectionsMarshal.GetValueRefOrAddDefault(found, library, out _) += match.Source.Count;
            if (pair.Agreements is { } agreements)
            {
                var isConsidered = _options.Only is not StateKind.Progress && resolver.IsInScope(match);
                foreach (var item in match.Source)
                {
                    foreach (var other in match.Target)
                    {
                        agreements.Observe(pair.Participants, item, other, isConsidered);
                    }
                }
            }
        }

        return found;
    }

    /// <param name="Histories">What earlier runs did to each user.</param>
    /// <param name="Playing">Those who may be written to, and what is being played on their server.</param>
    private sealed record KnownUsers(List<TargetHistory> Histories, Dictionary<PlexServer, PlayingNow?> Playing);
}
