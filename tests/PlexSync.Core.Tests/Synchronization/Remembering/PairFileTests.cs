using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What is remembered of two users survives runs that change it at the same time, and damage of its file.</summary>
public sealed class PairFileTests : IDisposable
{
    private static readonly MachineIdentifier Machine = MachineIdentifier.Parse("m");
    private static readonly BaselineSide Owner = new(Machine, new UserId(1));
    private static readonly BaselineSide Kid = new(Machine, new UserId(2));
    private static readonly BaselineSide Teen = new(Machine, new UserId(3));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-pairs-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Pairs => Path.Combine(_folder.FullName, "pairs");

    /// <summary>As another process would have it: with nothing in common but the files.</summary>
    private IBaselineStore Store => new FileJournal(_folder.FullName, new HurriedTime());

    [Fact]
    public async Task Pair_file_is_whole_and_loses_nothing_when_many_change_it_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() => AddAsync(Owner, Kid, $"{number}"))));

        var baseline = await Store.ReadBaselineAsync(Owner, Kid, Cancellation);
        Assert.Equal(Enumerable.Range(0, 16), baseline!.Items.Keys.Select(int.Parse).Order());
        Assert.DoesNotContain(Directory.GetFiles(Pairs), static path => path.EndsWith(".draft", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_forgotten_stays_forgotten_when_others_change_the_file_at_once()
    {
        await AddAsync(Owner, Kid, [.. Enumerable.Range(0, 40).Select(number => $"{number}")]);

        await Task.WhenAll(
            Enumerable.Range(0, 20)
                .Select(number => Task.Run(() => Store.ForgetAsync(Kid, new HashSet<string> { $"{number}" }, Cancellation)))
                .Concat(Enumerable.Range(100, 10).Select(number => Task.Run(() => AddAsync(Owner, Kid, $"{number}")))));

        var items = (await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!.Items.Keys.Select(int.Parse).Order();
        Assert.Equal(Enumerable.Range(20, 20).Concat(Enumerable.Range(100, 10)), items);
    }

    [Fact]
    public async Task What_was_forgotten_since_it_was_read_is_not_brought_back_by_a_run_that_still_has_it()
    {
        await AddAsync(Owner, Kid, "1", "2", "3");
        var read = (await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!;
        await Store.ForgetAsync(Kid, new HashSet<string> { "2" }, Cancellation);
        read.Add(Owner, RatingKey.Parse("4"), RatingKey.Parse("4"), 42);
        read.Remove(Owner, RatingKey.Parse("1"), RatingKey.Parse("1"));

        using (var changes = await Store.ChangeAsync(Cancellation))
        {
            var now = changes.Read(Owner, Kid)!;
            read.CarryTo(now, isCurrent: true);
            changes.Write(now);
        }

        Assert.Equal(["3", "4"], (await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!.Items.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_agreed_on_anew_by_a_run_that_another_one_has_overtaken()
    {
        await AddAsync(Owner, Kid, "1", "2");
        var read = (await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!;
        read.Add(Owner, RatingKey.Parse("3"), RatingKey.Parse("3"), 42);
        var now = (await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!;

        read.CarryTo(now, isCurrent: false);

        Assert.Equal(["1", "2"], now.Items.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Change_that_never_ends_is_not_waited_for_without_end()
    {
        using var held = await Store.ChangeAsync(Cancellation);

        var error = await Assert.ThrowsAsync<PlexException>(() => Store.ForgetAsync(Kid, new HashSet<string> { "1" }, Cancellation));

        Assert.Equal(PlexErrorKind.JournalFailed, error.Kind);
    }

    [Fact]
    public async Task Waiting_for_a_change_can_be_cancelled()
    {
        using var held = await Store.ChangeAsync(Cancellation);
        using var stop = new CancellationTokenSource();
        var waiting = ((IBaselineStore)new FileJournal(_folder.FullName)).ChangeAsync(stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Pairs_of_other_users_are_left_alone_by_a_forget()
    {
        await AddAsync(Owner, Kid, "1");
        await AddAsync(Owner, Teen, "1");

        await Store.ForgetAsync(Kid, new HashSet<string> { "1" }, Cancellation);

        Assert.Empty((await Store.ReadBaselineAsync(Owner, Kid, Cancellation))!.Items);
        Assert.Single((await Store.ReadBaselineAsync(Owner, Teen, Cancellation))!.Items);
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

        var baseline = await Store.ReadBaselineAsync(Owner, Kid, Cancellation);
        await Store.ForgetAsync(Kid, new HashSet<string> { "1" }, Cancellation);

        Assert.Empty(baseline?.Items ?? new Dictionary<string, ulong>());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task AddAsync(BaselineSide one, BaselineSide other, params string[] items)
    {
        using var changes = await Store.ChangeAsync(Cancellation);
        var baseline = changes.Read(one, other) ?? new Baseline(one, other);
        foreach (var item in items)
        {
            baseline.Add(one, RatingKey.Parse(item), RatingKey.Parse(item), 42);
        }

        changes.Write(baseline);
    }
}
