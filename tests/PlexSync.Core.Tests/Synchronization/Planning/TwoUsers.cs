using System.Globalization;
using PlexSync.Core.Tests.Damage;
using PlexSync.Testing;

namespace PlexSync.Core.Tests.Synchronization.Planning;

/// <summary>
/// What two users have seen of some movies, and what becomes of it: "Owner" is the source, "Kid" the target on another server. States read
/// as in <see cref="States.Parse"/>, with <c>*8</c> for a rating.
/// </summary>
internal sealed class TwoUsers
{
    private const int Owner = 0, Kid = 1, Somebody = 2;

    private static readonly Library Movies = new() { Key = LibraryKey.Parse("1"), Title = "Movies", Type = "movie" };
    private static readonly Library NotRead = new() { Key = LibraryKey.Parse("2"), Title = "Movies in 4K", Type = "movie" };

    private readonly SyncOptions _options;
    private readonly Participant[] _sides;
    private readonly Matcher _pair;

    private TwoUsers(PlexHistory owner, PlexHistory kid, SyncOptions options, bool isSourceWhole)
    {
        _options = options;
        _sides =
        [
            Join(owner, Owner, isSourceWhole, isWritten: options.Direction is SyncDirection.TwoWay),
            Join(kid, Kid, isWhole: true, isWritten: true),
        ];
        _pair = new Matcher(_sides, MatchMode.Ids, options.Direction);

        static Participant Join(PlexHistory user, int number, bool isWhole, bool isWritten)
        {
            var (server, history) = user;
            var side = new Participant(server, new Catalogue(3), number)
            {
                Shared = isWhole ? [Movies] : [Movies, NotRead],
                History = history,
                Facts = isWritten ? new TargetFacts(server, playing: null, history) : null,
            };
            side.Choose(Movies);
            return side;
        }
    }

    /// <param name="options">What the run is asked for.</param>
    /// <param name="isSourceWhole">Every library of the source was read.</param>
    public static async Task<TwoUsers> CreateAsync(SyncOptions? options = null, bool isSourceWhole = true)
    {
        using var household = new DamagedHousehold();
        var (owner, kid) = await household.ConnectAsync();
        return new TwoUsers(
            await ReadAsync(owner), await ReadAsync(kid), options ?? new SyncOptions(), isSourceWhole);

        static async Task<PlexHistory> ReadAsync(PlexServer server) =>
            new(server, await TargetHistory.ReadAsync(store: null, server, TestContext.Current.CancellationToken));
    }

    /// <summary>A run on the source is not settled.</summary>
    public TwoUsers Unsettled()
    {
        _sides[Owner].IsUnsettled = true;
        return this;
    }

    /// <summary>A movie of the source; movies with one number are copies of one work.</summary>
    public TwoUsers Source(string key, string state, int work = 1, bool isDamaged = false) => Add(Owner, key, state, work, isDamaged);

    /// <summary>A movie of the target.</summary>
    public TwoUsers Target(string key, string state, int work = 1, bool isDamaged = false) => Add(Kid, key, state, work, isDamaged);

    /// <summary>What a third user of the run has of the source's movie is damaged.</summary>
    public TwoUsers DamagedForSomebody(string key)
    {
        _sides[Owner].Catalogue.Add(Somebody, Movies, ItemRow.Of(Movie(key, "0/0") with { IsStateDamaged = true }), []);
        return this;
    }

    /// <summary>Something else has already been planned for the source's movie.</summary>
    public TwoUsers Move(string key, string state)
    {
        var item = _sides[Owner].Catalogue.Find(RatingKey.Parse(key))!;
        _sides[Owner].Move(item, Read(state), ChangeReason.SourceWatched, Read(state), _options);
        return this;
    }

    /// <summary>At the end of the last run, both had watched these two.</summary>
    public async Task<TwoUsers> AgreedAsync(string source, string target)
    {
        using var store = new MemoryStore();
        var cancellation = TestContext.Current.CancellationToken;
        var (one, other) = (_sides[Owner].Server!.ServerUser, _sides[Kid].Server!.ServerUser);
        var (mine, theirs) = (
            _sides[Owner].Catalogue.Find(RatingKey.Parse(source))!, _sides[Kid].Catalogue.Find(RatingKey.Parse(target))!);
        var agreements = new Agreements(one, other) { IsArmed = true };
        var work = RunAgreements.WorkOf(agreements.One == one ? mine : theirs);
        agreements.Add(agreements.Pair(one, mine.Key, theirs.Key, work));
        await store.ChangeAgreementsAsync(change => change.WriteAsync(agreements, cancellation), cancellation);

        _pair.Agreements = await RunAgreements.ReadAsync(store, _sides[Owner], _sides[Kid], _options.Unwatched, cancellation);
        return this;
    }

    /// <summary>Forgets, as planning does before it decides, what neither has watched any more.</summary>
    public TwoUsers Swept()
    {
        _pair.Agreements!.Sweep(_sides);
        return this;
    }

    /// <summary>Decides, and tells for whom what is planned, or left out and why.</summary>
    public IReadOnlyList<string> Resolve()
    {
        TryResolve();
        return Planned;
    }

    /// <summary>Decides; true if that has changed anything.</summary>
    public bool TryResolve()
    {
        _pair.MatchById();
        return new Resolver(_pair, _options).Resolve();
    }

    private IReadOnlyList<string> Planned => [.. _sides.SelectMany(static side => side.Pending.Select(change =>
        $"{(side.Number == Owner ? "Owner" : "Kid")} {change.Key.Key}: {Describe(change.Value)}")).Order(StringComparer.Ordinal)];

    private static string Describe(PendingChange change) =>
        change.Skipped is { } reason ? $"{reason}" : $"{Write(change.After)}{(change.Reason == default ? "" : $" {change.Reason}")}";

    private TwoUsers Add(int side, string key, string state, int work, bool isDamaged)
    {
        var item = Movie(key, state, work) with { IsStateDamaged = isDamaged };
        _sides[side].Catalogue.Add(side, Movies, ItemRow.Of(item), WorkId.Of(item));
        return this;
    }

    private static MediaItem Movie(string key, string state, int work = 1) => new()
    {
        RatingKey = RatingKey.Parse(key),
        Type = MediaType.Movie,
        Title = $"Movie {work}",
        Duration = TimeSpan.FromMinutes(100),
        ExternalIds = [$"imdb://tt{work}"],
        State = Read(state),
    };

    private static WatchState Read(string text)
    {
        var parts = text.Split('*');
        return States.Parse(parts[0]) with { UserRating = parts.Length > 1 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : null };
    }

    private static string Write(WatchState state) => States.Write(state) + (state.UserRating is { } rating ? $"*{rating}" : "");

    private sealed record PlexHistory(PlexServer Server, TargetHistory History);
}
