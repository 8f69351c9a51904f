using PlexSync.Testing;
using static PlexSync.Core.Tests.Synchronization.Matching.AgreeingUsers;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>What users agree on: what was read back, until one of them unwatches it or nobody can tell any more.</summary>
public sealed class RunAgreementsTests : IAsyncLifetime
{
    private readonly MemoryStore _store = new();
    private readonly List<PlexFake> _plex = [];
    private readonly List<PlexServer> _servers = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_both_have_watched_is_agreed_on()
    {
        var users = (await ReadAsync()).Has("1", "1/0", "2/10").Has("2", "1/0", "0/0").Has("3", "1/0", null).Has("4", "0/10", "0/10");

        await RunAsync(users);

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Theory]
    [InlineData(ChangeOutcome.Applied, true, true)]
    [InlineData(ChangeOutcome.Applied, false, false)]
    [InlineData(ChangeOutcome.Failed, true, false)]
    [InlineData(ChangeOutcome.Unknown, true, false)]
    [InlineData(ChangeOutcome.Planned, true, false)]
    [InlineData(null, true, false)]
    public async Task What_a_run_marks_is_agreed_on_only_if_it_was_read_back(ChangeOutcome? outcome, bool isReadBack, bool expected)
    {
        var users = (await ReadAsync()).Has("1", "1/0", "0/0").Plans(Kid, "1", "1/0");

        await users.BeginWritingAsync();
        await users.RememberAsync(outcome, isReadBack: isReadBack);

        Assert.Equal(expected ? ["1"] : [], await AgreedAsync());
    }

    [Theory]
    [InlineData(ChangeOutcome.Applied, null, true)]
    [InlineData(ChangeOutcome.Failed, "0/0", false)]
    public async Task What_is_marked_anew_is_unwatched_on_the_way(ChangeOutcome outcome, string? left, bool expected)
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "1/0", "1/10").Plans(Kid, "1", "1/0");

        await users.BeginWritingAsync();
        await users.RememberAsync(outcome, left);

        Assert.Equal(expected ? ["1"] : [], await AgreedAsync());
    }

    [Theory]
    [InlineData("0/0", "1/0", true, false)]
    [InlineData("0/0", "1/0", false, true)]
    [InlineData("0/0", "0/0", true, false)]
    [InlineData("0/0", "0/0", false, false)]
    public async Task What_one_has_unwatched_is_forgotten_unless_the_run_was_not_asked_about_it(
        string owner, string kid, bool isConsidered, bool stays)
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", owner, kid);

        await users.BeginWritingAsync(isConsidered);
        await users.RememberAsync();

        Assert.Equal(stays ? ["1"] : [], await AgreedAsync());
    }

    [Fact]
    public async Task What_is_about_to_be_unwatched_is_forgotten_before_it_is_written()
    {
        await AgreeAsync("1", "2");
        var users = (await ReadAsync()).Has("1", "0/0", "1/0").Has("2", "1/0", "1/0").Plans(Kid, "1", "0/0");

        await users.BeginWritingAsync();

        Assert.Equal(["2"], await AgreedAsync());
    }

    [Theory]
    [InlineData(ChangeOutcome.Applied, null, false)]
    [InlineData(ChangeOutcome.Skipped, null, true)]
    [InlineData(ChangeOutcome.Planned, null, true)]
    [InlineData(ChangeOutcome.Failed, null, true)]
    [InlineData(ChangeOutcome.Failed, "0/0", false)]
    [InlineData(ChangeOutcome.Unknown, null, false)]
    public async Task What_was_to_be_unwatched_and_was_left_untouched_is_agreed_on_still(ChangeOutcome outcome, string? left, bool expected)
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "0/0", "1/0").Plans(Kid, "1", "0/0");

        await users.BeginWritingAsync();
        await users.RememberAsync(outcome, left);

        Assert.Equal(expected ? ["1"] : [], await AgreedAsync());
    }

    [Fact]
    public async Task What_was_not_planned_in_the_end_is_agreed_on_still()
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "0/0", "1/0").Plans(Kid, "1", "0/0");

        await users.BeginWritingAsync(isPlanned: false);
        await users.RememberAsync(outcome: null);

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Fact]
    public async Task What_was_spared_for_want_of_a_proof_is_agreed_on_still()
    {
        await AgreeAsync("1");

        await RunAsync((await ReadAsync()).Has("1", "0/0", "1/0").Spares(Kid, "1"));

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Fact]
    public async Task What_is_damaged_is_agreed_on_as_before()
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "0/0").Has("2", "1/0");

        await RunAsync(
            users.Add(Kid, "1", "0/0", work: "1", isDamaged: true).Add(Kid, "2", "1/0", work: "2", isDamaged: true));

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Theory]
    [InlineData("0/0", false, false)]
    [InlineData("0/0", true, true)]
    [InlineData("1/0", false, true)]
    [InlineData(null, false, true)]
    public async Task What_neither_has_watched_is_forgotten_however_it_was_matched(string? kid, bool isDamaged, bool stays)
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "0/0");
        if (kid is not null)
        {
            users.Add(Kid, "1", kid, work: "1", isDamaged);
        }

        await users.Sweep().RememberAsync();

        Assert.Equal(stays ? ["1"] : [], await AgreedAsync());
    }

    [Fact]
    public async Task Nothing_new_is_agreed_on_where_another_run_has_written_since()
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "1/0", "1/0").Has("2", "1/0", "1/0");
        await WriteToAsync(_servers[Kid]);

        await RunAsync(users);

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Fact]
    public async Task What_another_run_has_agreed_on_meanwhile_is_forgotten_where_it_has_written_since()
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Has("1", "1/0", "1/0").Has("2", "1/0", "1/0");
        await AgreeAsync("1", "3");
        await WriteToAsync(_servers[Owner]);

        await RunAsync(users);

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Fact]
    public async Task Own_run_does_not_overtake_itself()
    {
        var users = (await ReadAsync()).Has("1", "1/0", "0/0").Plans(Kid, "1", "1/0");
        await users.BeginWritingAsync();
        var run = await WriteToAsync(_servers[Kid]);

        await users.RememberAsync(run: run);

        Assert.Equal(["1"], await AgreedAsync());
    }

    [Fact]
    public async Task First_run_that_is_asked_to_let_unwatching_travel_only_remembers()
    {
        await AgreeAsync("1");
        await ForgetArmingAsync();
        var first = (await ReadAsync()).Has("1", "0/0", "1/0");
        var second = (await ReadAsync(unwatched: false)).Has("1", "1/0", "1/0");

        Assert.True(first.IsFirst);
        Assert.False(first.WasWatched("1"));
        Assert.False(second.IsFirst);
    }

    [Fact]
    public async Task Unwatching_travels_from_the_second_run_on()
    {
        await RunAsync(await ReadAsync());
        await AgreeAsync("1");

        var users = (await ReadAsync()).Has("1", "0/0", "1/0").Has("2", "0/0", "1/0");

        Assert.False(users.IsFirst);
        Assert.True(users.WasWatched("1"));
        Assert.False(users.WasWatched("2"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_lets_unwatching_travel_only_if_it_is_asked_to(bool unwatched)
    {
        await RunAsync((await ReadAsync(unwatched)).Has("1", "1/0", "1/0"));

        Assert.Equal(unwatched, (await FindAsync(Owner, Kid))!.IsArmed);
    }

    [Fact]
    public async Task Rating_key_that_was_given_to_another_work_is_not_what_was_agreed_on()
    {
        await AgreeAsync("1");
        var users = (await ReadAsync()).Add(Owner, "1", "1/0", work: "9").Add(Kid, "1", "1/0", work: "9");
        var before = users.WasWatched("1");

        await RunAsync(users);

        Assert.False(before);
        Assert.True((await ReadAsync()).Add(Owner, "1", "1/0", work: "9").Add(Kid, "1", "1/0", work: "9").WasWatched("1"));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffff")]
    public async Task Users_of_two_servers_agree_by_the_keys_of_each(string machine)
    {
        _servers[Kid] = await ConnectAsync(1002, machine);
        await RunAsync(Watched(await ReadAsync()));

        var users = (await ReadAsync()).Add(Owner, "1", "0/0", work: "7").Add(Kid, "11", "1/0", work: "7").Plans(Kid, "11", "0/0");
        var wasWatched = users.WasWatched("1", "11");
        var agreed = await AgreedAsync();
        await users.BeginWritingAsync();

        Assert.True(wasWatched);
        Assert.Equal(["1 11"], agreed);
        Assert.Empty(await AgreedAsync());

        static AgreeingUsers Watched(AgreeingUsers users) => users.Add(Owner, "1", "1/0", work: "7").Add(Kid, "11", "1/0", work: "7");
    }

    [Fact]
    public async Task Merge_agrees_in_pairs_on_what_both_of_each_see_and_have_watched()
    {
        _servers.Add(await ConnectAsync(1003));

        await RunAsync((await ReadAsync())
            .Has("1", "1/0", "1/0", "1/0").Has("2", "1/0", "1/0", null).Has("3", "1/0", "1/0", "0/0").Has("4", "1/0", null, "0/10")
            .Has("5", "0/0", "0/0", "1/0").Plans(Owner, "5", "1/0").Plans(Kid, "5", "1/0"));

        Assert.Equal(["1", "2", "3", "5"], await AgreedAsync());
        Assert.Equal(["1", "5"], await AgreedAsync(Owner, Teen));
        Assert.Equal(["1", "5"], await AgreedAsync(Kid, Teen));
        Assert.False((await FindAsync(Owner, Kid))!.IsArmed);
    }

    [Fact]
    public async Task Merge_forgets_what_one_has_unwatched_and_does_not_get_back()
    {
        _servers.Add(await ConnectAsync(1003));
        await RunAsync((await ReadAsync()).Has("1", "1/0", "1/0", "1/0"));
        var users = (await ReadAsync()).Has("1", "1/0", "1/0", "0/0").Plans(Teen, "1", "1/0");

        await users.BeginWritingAsync();
        await users.RememberAsync(ChangeOutcome.Failed);

        Assert.Equal(["1"], await AgreedAsync());
        Assert.Empty(await AgreedAsync(Owner, Teen));
        Assert.Empty(await AgreedAsync(Kid, Teen));
    }

    [Fact]
    public async Task What_a_user_is_about_to_lose_is_forgotten_by_all_pairs_of_that_user()
    {
        _servers.Add(await ConnectAsync(1003));
        await RunAsync((await ReadAsync()).Has("1", "1/0", "1/0", "1/0").Has("2", "1/0", "1/0", "1/0"));

        await RunAgreements.ForgetAsync(
            _store, _servers[Kid].ServerUser, new HashSet<RatingKey> { RatingKey.Parse("1") }, Cancellation);

        Assert.Equal(["2"], await AgreedAsync());
        Assert.Equal(["1", "2"], await AgreedAsync(Owner, Teen));
        Assert.Equal(["2"], await AgreedAsync(Kid, Teen));
    }

    public async ValueTask InitializeAsync() => _servers.AddRange([await ConnectAsync(1001), await ConnectAsync(1002)]);

    public ValueTask DisposeAsync()
    {
        _plex.ForEach(static plex => plex.Dispose());
        _store.Dispose();
        return default;
    }

    private async Task<PlexServer> ConnectAsync(long user, string machine = PlexFake.Machine)
    {
        _plex.Add(new PlexFake());
        return await _plex[^1].ConnectAsync(user, machine);
    }

    private Task<AgreeingUsers> ReadAsync(bool unwatched = true) => AgreeingUsers.ReadAsync(_store, _servers, unwatched, Cancellation);

    private static async Task RunAsync(AgreeingUsers users)
    {
        await users.BeginWritingAsync();
        await users.RememberAsync();
    }

    /// <summary>A run finds that Owner and Kid have both watched these.</summary>
    private async Task AgreeAsync(params string[] keys)
    {
        var users = await ReadAsync();
        Array.ForEach(keys, key => users.Has(key, "1/0", "1/0"));
        await RunAsync(users);
    }

    private Task ForgetArmingAsync() => _store.ChangeAgreementsAsync(
        async change =>
        {
            var agreements = (await FindAsync(Owner, Kid))!;
            agreements.IsArmed = false;
            await change.WriteAsync(agreements, Cancellation);
        },
        Cancellation);

    private Task<RunId> WriteToAsync(PlexServer user) =>
        _store.RunAsync(user.ServerUser, sentAt: null, Recorded.Applied(Recorded.Change("8", "0/0", "1/0"), "1/0@1"));

    private Task<Agreements?> FindAsync(int one, int other) =>
        _store.ReadAgreementsAsync(_servers[one].ServerUser, _servers[other].ServerUser, Cancellation);

    /// <summary>The rating keys that two users agree on; both of them where they differ.</summary>
    private async Task<IEnumerable<string>> AgreedAsync(int one = Owner, int other = Kid)
    {
        var agreements = await FindAsync(one, other);
        return (agreements?.Items ?? []).Select(item => string.Join(' ', new[] { one, other }
            .Select(user => $"{agreements!.KeyOf(_servers[user].ServerUser, item)}").Distinct())).Order(StringComparer.Ordinal);
    }
}
