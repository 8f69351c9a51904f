using System.Globalization;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What is remembered of two users survives runs that change it at the same time, and damage of its file.</summary>
public sealed class PairFileTests : IDisposable
{
    private static readonly MachineIdentifier Machine = MachineIdentifier.Parse("m");
    private static readonly ServerUser Owner = new(Machine, new UserId(1));
    private static readonly ServerUser Kid = new(Machine, new UserId(2));
    private static readonly ServerUser Teen = new(Machine, new UserId(3));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-pairs-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Pairs => Path.Combine(_folder.FullName, "pairs");

    /// <summary>As another process would have it: with nothing in common but the files.</summary>
    private FileStore Store => new FileStore(_folder.FullName, new HurriedTime());

    [Fact]
    public async Task Pair_file_is_whole_and_loses_nothing_when_many_change_it_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => AddAsync(Owner, Kid, $"{number}"))));

        var agreements = await Store.ReadAgreementsAsync(Owner, Kid, Cancellation);
        Assert.Equal(Enumerable.Range(0, 16), NumbersOf(agreements).Order());
        Assert.DoesNotContain(Directory.GetFiles(Pairs), static path => path.EndsWith(".draft", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_forgotten_stays_forgotten_when_others_change_the_file_at_once()
    {
        await AddAsync(Owner, Kid, [.. Enumerable.Range(0, 40).Select(number => $"{number}")]);

        await Task.WhenAll(
            Enumerable.Range(0, 20)
                .Select(number => Task.Run(() => ForgetAsync($"{number}")))
                .Concat(Enumerable.Range(100, 10).Select(number => Task.Run(() => AddAsync(Owner, Kid, $"{number}")))));

        var items = NumbersOf(await Store.ReadAgreementsAsync(Owner, Kid, Cancellation)).Order();
        Assert.Equal(Enumerable.Range(20, 20).Concat(Enumerable.Range(100, 10)), items);
    }

    [Fact]
    public Task Change_that_never_ends_is_not_waited_for_without_end() => Store.ChangeAgreementsAsync(
        async _ =>
        {
            var error = await Assert.ThrowsAsync<PlexException>(() => ForgetAsync("1"));

            Assert.Equal(PlexErrorKind.JournalFailed, error.Kind);
        },
        Cancellation);

    [Fact]
    public Task Waiting_for_a_change_can_be_cancelled() => Store.ChangeAgreementsAsync(
        async _ =>
        {
            using var stop = new CancellationTokenSource();
            var waiting = new FileStore(_folder.FullName).ChangeAgreementsAsync(static _ => Task.CompletedTask, stop.Token);

            await stop.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        },
        Cancellation);

    [Fact]
    public async Task Pairs_of_other_users_are_left_alone_by_a_forget()
    {
        await AddAsync(Owner, Kid, "1");
        await AddAsync(Owner, Teen, "1");

        await ForgetAsync("1");

        Assert.Empty((await Store.ReadAgreementsAsync(Owner, Kid, Cancellation))!.Items);
        Assert.Single((await Store.ReadAgreementsAsync(Owner, Teen, Cancellation))!.Items);
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[\"\"]")]
    [InlineData("[\" \"]")]
    [InlineData("[\"1 zz\"]")]
    [InlineData("[1]")]
    [InlineData("[[]]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[\"\\ud800 1\"]")]
    public async Task Pair_file_with_damaged_items_remembers_nothing(string items)
    {
        await AddAsync(Owner, Kid, "1");
        var file = Directory.GetFiles(Pairs, "*.json").Single();
        var text = await File.ReadAllTextAsync(file, Cancellation);
        await File.WriteAllTextAsync(file, text[..text.IndexOf('[')] + items + "}", Cancellation);

        var agreements = await Store.ReadAgreementsAsync(Owner, Kid, Cancellation);
        await ForgetAsync("1");

        Assert.Empty(agreements?.Items ?? []);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<int> NumbersOf(Agreements? agreements) =>
        agreements!.Items.Select(static item => int.Parse($"{item.One}", CultureInfo.InvariantCulture));

    private Task ForgetAsync(string item) =>
        RunAgreements.ForgetAsync(Store, Kid, new HashSet<RatingKey> { RatingKey.Parse(item) }, Cancellation);

    private Task AddAsync(ServerUser one, ServerUser other, params string[] items) => Store.ChangeAgreementsAsync(
        async change =>
        {
            var agreements = await change.ReadAsync(one, other, Cancellation) ?? new Agreements(one, other);
            foreach (var item in items)
            {
                agreements.Add(new AgreedItem(RatingKey.Parse(item), RatingKey.Parse(item), 42));
            }

            await change.WriteAsync(agreements, Cancellation);
        },
        Cancellation);
}
