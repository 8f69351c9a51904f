using PlexSync.Testing;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>
/// A run of users who have watched movies, as far as it is about what they agree on. States read as in <see cref="States.Parse"/>.
/// </summary>
internal sealed class AgreeingUsers
{
    public const int Owner = 0, Kid = 1, Teen = 2;

    private static readonly Library Movies = new() { Key = LibraryKey.Parse("1"), Title = "Movies", Type = "movie" };

    private readonly MemoryStore _store;
    private readonly List<Participant> _users;
    private RunAgreements? _agreements;

    private AgreeingUsers(MemoryStore store, List<Participant> users, RunAgreements? agreements) =>
        (_store, _users, _agreements) = (store, users, agreements);

    /// <summary>It only remembers what a later run may need.</summary>
    public bool IsFirst => _agreements!.IsFirst;

    /// <summary>Reads what is known of the users; two of them make a pair, more a merge.</summary>
    public static async Task<AgreeingUsers> ReadAsync(
        MemoryStore store, IReadOnlyList<PlexServer> servers, bool unwatched, CancellationToken cancellationToken)
    {
        var catalogues = servers.Select(static server => server.MachineIdentifier).Distinct()
            .ToDictionary(static machine => machine, _ => new Catalogue(servers.Count));
        var users = new List<Participant>();
        foreach (var server in servers)
        {
            var history = await TargetHistory.ReadAsync(store, server, cancellationToken);
            users.Add(new Participant(server, catalogues[server.MachineIdentifier], users.Count) { History = history });
        }

        return new AgreeingUsers(
            store,
            users,
            users.Count > 2 ? null : await RunAgreements.ReadAsync(store, users[Owner], users[Kid], unwatched, cancellationToken));
    }

    /// <summary>Users list a movie, each with a state in the order of the users, null where they do not see it.</summary>
    public AgreeingUsers Has(string key, params string?[] states)
    {
        for (var user = 0; user < states.Length; user++)
        {
            if (states[user] is { } state)
            {
                Add(user, key, state, work: key);
            }
        }

        return this;
    }

    /// <summary>A user lists a movie, which is of some work, or has a state that cannot be.</summary>
    public AgreeingUsers Add(int user, string key, string state, string work, bool isDamaged = false)
    {
        var item = new MediaItem
        {
            RatingKey = RatingKey.Parse(key),
            Type = MediaType.Movie,
            // Servers name a work in languages of their own.
            Title = $"Movie {work} on {_users[user].Server!.MachineIdentifier}",
            ExternalIds = [$"imdb://tt{work}"],
            State = States.Parse(state),
            IsStateDamaged = isDamaged,
        };
        _users[user].Catalogue.Add(user, Movies, ItemRow.Of(item), WorkId.Of(item));
        return this;
    }

    /// <summary>What a user has is to change.</summary>
    public AgreeingUsers Plans(int user, string key, string state)
    {
        _users[user].Decide(ItemOf(user, key), new PendingChange { After = States.Parse(state) });
        return this;
    }

    /// <summary>What a user has would change, if there were a proof.</summary>
    public AgreeingUsers Spares(int user, string key)
    {
        _users[user].Leave(ItemOf(user, key), SkipReason.CopyNotRead);
        return this;
    }

    public bool WasWatched(string key, string? other = null)
    {
        var match = new WorkMatch(_users);
        match.Set([.. new[] { ItemOf(Owner, key), ItemOf(Kid, other ?? key) }.Distinct()]);
        return _agreements!.WasWatched(match);
    }

    public AgreeingUsers Sweep()
    {
        _agreements!.Sweep(_users);
        return this;
    }

    /// <summary>All that a run does before it writes.</summary>
    /// <param name="isConsidered">The run was asked about these movies.</param>
    /// <param name="isPlanned">What is to change has come into the plans.</param>
    public async Task BeginWritingAsync(bool isConsidered = true, bool isPlanned = true)
    {
        _agreements ??= RunAgreements.Observe(_store, _users);
        foreach (var item in _users.Count > 2 ? [] : _users[Owner].Catalogue.Items.Where(static item => item.IsListedBy(Owner)))
        {
            foreach (var other in _users[Kid].Catalogue.Items.Where(other => other.IsListedBy(Kid) && other.Ids.Intersect(item.Ids).Any()))
            {
                _agreements.Observe(_users, item, other, isConsidered);
            }
        }

        await _agreements.ForgetAsync(isPlanned ? _users.ConvertAll(PlanOf) : [], CancellationToken.None);
    }

    /// <summary>All that it does after it has written.</summary>
    /// <param name="outcome">What became of every change; null where the run did not come to the targets.</param>
    /// <param name="left">The state that a change left behind; what was planned if it is applied, or else nothing.</param>
    /// <param name="isReadBack">What was applied was read back.</param>
    /// <param name="run">The run's own name.</param>
    public Task RememberAsync(
        ChangeOutcome? outcome = ChangeOutcome.Applied, string? left = null, bool isReadBack = true, RunId? run = null)
    {
        return _agreements!.RememberAsync(outcome is null ? [] : _users.ConvertAll(Report), CancellationToken.None);

        SyncReport Report(Participant user)
        {
            var plan = PlanOf(user);
            var results = plan.Changes.Select(change => new ChangeResult
            {
                Change = change,
                Outcome = outcome!.Value,
                StateAfterRun = left is not null ? States.Parse(left) : outcome is ChangeOutcome.Applied ? change.After : null,
            });
            var report = Recorded.ReportOf(plan, [.. results]) with { Run = run };
            return isReadBack ? report : report with { Verified = 0 };
        }
    }

    private static SyncPlan PlanOf(Participant user) => Recorded.PlanFor(
        user.Server!.ServerUser,
        [.. user.Pending.Where(static pair => pair.Value.Skipped is null).Select(pair => Recorded.Change(
            $"{pair.Key.Key}", States.Write(pair.Key.StateOf(user.Number)), States.Write(pair.Value.After)))]);

    private CatalogueItem ItemOf(int user, string key) => _users[user].Catalogue.Find(RatingKey.Parse(key))!;
}
