using System.Globalization;
using System.Net;
using System.Text;

namespace PlexSync.Core.Tests.Servers;

/// <summary>Pages of one listing are asked for together, and read as if they had come one after the other.</summary>
public sealed class PagesAheadTests
{
    [Fact]
    public async Task First_page_comes_alone_and_then_as_many_together_as_may_be_under_way()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 15);
        var reading = pages.ReadAsync();

        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(5);

        Assert.Equal([0, 2, 4, 6, 8], pages.Asked.Order());
        // The last of them makes no room in the order of the listing.
        pages.Answer(8);
        pages.Answer(6);
        pages.Answer(4);
        pages.Answer(2);
        await pages.AskedAsync(8);
        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14], pages.Asked.Order());
        pages.Answer(14);
        pages.Answer(12);
        pages.Answer(10);
        Assert.Equal(Enumerable.Range(1, 15), await reading);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Bound_on_reads_is_the_bound_on_pages_under_way(int bound)
    {
        using var pages = new HeldPages(PageSize: 1, Total: 9, bound);
        var reading = pages.ReadAsync();
        await pages.AskedAsync(1);
        pages.Answer(0);

        await pages.AskedAsync(1 + bound);
        await pages.AnswerAllAsync(reading);

        Assert.Equal(bound, pages.MostUnderWay);
        Assert.Equal(Enumerable.Range(1, 9), await reading);
    }

    [Fact]
    public async Task Pages_come_one_by_one_after_one_that_is_shorter_than_asked()
    {
        using var pages = new HeldPages(PageSize: 4, Total: 11) { Sent = (start, size) => start == 4 ? 1 : size };
        var reading = pages.ReadAsync();

        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(3);
        pages.Answer(8);
        pages.Answer(4);
        await pages.AskedAsync(4);
        pages.Answer(5);
        await pages.AskedAsync(5);
        pages.Answer(9);

        Assert.Equal(Enumerable.Range(1, 11), await reading);
        Assert.Equal([5, 9], pages.Asked.Skip(3));
    }

    [Fact]
    public async Task Pages_come_one_by_one_when_no_total_is_given()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 5) { TellsTotal = _ => false };
        var reading = pages.ReadAsync();

        await pages.AnswerAllAsync(reading);

        Assert.Equal(1, pages.MostUnderWay);
        Assert.Equal(Enumerable.Range(1, 5), await reading);
        Assert.Equal([0, 2, 4, 5], pages.Asked);
    }

    [Fact]
    public async Task Listing_is_refused_and_the_pages_under_way_are_let_go_when_the_total_changes()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 10);
        var reading = pages.ReadAsync();
        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(5);

        pages.Total = 11;
        pages.Answer(2);

        var error = await Assert.ThrowsAsync<PlexException>(() => reading);
        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
        Assert.Equal([4, 6, 8], pages.LetGo.Order());
    }

    [Fact]
    public async Task Listing_is_refused_when_an_item_moves_to_another_page_meanwhile()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 6) { Key = at => at == 4 ? 2 : at + 1 };

        var error = await Assert.ThrowsAsync<PlexException>(() => pages.AnswerAllAsync(pages.ReadAsync()));

        Assert.Equal(PlexErrorKind.IncompleteListing, error.Kind);
    }

    [Fact]
    public async Task Pages_that_a_server_chokes_on_are_asked_for_anew_in_smaller_parts()
    {
        using var pages = new HeldPages(PageSize: 400, Total: 1500) { Most = 400 };
        var reading = pages.ReadAsync();
        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(4);

        pages.Most = 200;
        await pages.AnswerAllAsync(reading);

        Assert.Equal(Enumerable.Range(1, 1500), await reading);
        Assert.Equal([400, 600, 800, 1000, 1200, 1400], pages.Asked.Skip(4).Distinct().Order());
    }

    [Fact]
    public async Task Pages_under_way_are_let_go_when_the_caller_cancels()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 10);
        using var cancellation = new CancellationTokenSource();
        var reading = pages.ReadAsync(cancellationToken: cancellation.Token);
        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(5);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal([2, 4, 6, 8], pages.LetGo.Order());
    }

    [Fact]
    public async Task Pages_under_way_are_let_go_when_the_caller_stops_reading()
    {
        using var pages = new HeldPages(PageSize: 2, Total: 10);
        var reading = pages.ReadAsync(atMost: 3);
        await pages.AskedAsync(1);
        pages.Answer(0);
        await pages.AskedAsync(5);

        pages.Answer(2);

        Assert.Equal([1, 2, 3], await reading);
        Assert.Equal([4, 6, 8], pages.LetGo.Order());
    }

    /// <summary>
    /// A server that may leave totals out, send pages short, answer in any order, and whose listing may change once: what is read is what
    /// it had before or after, or the listing is refused.
    /// </summary>
    [Fact]
    public async Task Listing_is_whole_or_refused_in_any_order_of_answers()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (isShort, hasTotal) = (random.Next(3) == 0, random.Next(4) > 0);
            // Without a total nothing tells of a change between two pages.
            var changesAt = hasTotal ? random.Next(-4, 8) : -1;
            using var pages = new HeldPages(PageSize: random.Next(1, 8), Total: random.Next(40))
            {
                Sent = (_, size) => isShort ? Math.Max(1, size - random.Next(2)) : size,
                TellsTotal = _ => hasTotal,
            };
            var before = pages.Keys;
            var answers = 0;
            pages.Answering = () =>
            {
                if (answers++ == changesAt)
                {
                    // An item comes or goes at the front, so that each other one moves.
                    var comes = pages.Total == 0 || random.Next(2) == 0;
                    pages.Total += comes ? 1 : -1;
                    pages.Key = comes ? static at => at == 0 ? 999 : at : static at => at + 2;
                }
            };
            var reading = pages.ReadAsync();
            try
            {
                await pages.AnswerAllAsync(reading, random);
                var read = await reading;
                Assert.True(read.SequenceEqual(before) || read.SequenceEqual(pages.Keys), $"seed {seed}: {string.Join(' ', read)}");
            }
            catch (PlexException e)
            {
                Assert.True(answers > changesAt && changesAt >= 0 && e.Kind == PlexErrorKind.IncompleteListing, $"seed {seed}: {e}");
            }
        }
    }

    /// <summary>A library whose pages are answered when, and in the order in which, the test says so.</summary>
    private sealed class HeldPages : IDisposable
    {
        private readonly PlexFake _fake;
        private readonly Lock _lock = new();
        private readonly List<(int Start, int Size, TaskCompletionSource Answer)> _held = [];
        private readonly List<int> _asked = [];
        private readonly List<int> _letGo = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldPages(int PageSize, int Total, int? bound = null)
        {
            this.Total = Total;
            _fake = new PlexFake(options => (options.PageSize, options.MaxConcurrency) = (PageSize, bound), before: new Handler(this));
        }

        public int Total { get; set; }

        /// <summary>The most items that the server can send at once.</summary>
        public int Most { get; set; } = int.MaxValue;

        /// <summary>How many items come of those asked for.</summary>
        public Func<int, int, int> Sent { get; init; } = static (_, size) => size;

        public Func<int, bool> TellsTotal { get; init; } = static _ => true;

        /// <summary>The key of the item at a place of the listing.</summary>
        public Func<int, int> Key { get; set; } = static at => at + 1;

        public int MostUnderWay { get; private set; }

        public List<int> Keys => [.. Enumerable.Range(0, Total).Select(Key)];

        /// <summary>Called before each answer.</summary>
        public Action Answering { get; set; } = static () => { };

        public IReadOnlyList<int> Asked => Locked(() => _asked.ToList());

        public IReadOnlyList<int> LetGo => Locked(() => _letGo.ToList());

        public async Task<List<int>> ReadAsync(int atMost = int.MaxValue, CancellationToken cancellationToken = default)
        {
            var (server, library) = await _fake.WithMoviesAsync();
            var read = new List<int>();
            await foreach (var item in server.GetItemsAsync(library, cancellationToken: cancellationToken))
            {
                read.Add(int.Parse(item.RatingKey.ToString(), CultureInfo.InvariantCulture));
                if (read.Count == atMost) break;
            }

            return read;
        }

        /// <summary>Waits until so many pages were asked for.</summary>
        public async Task AskedAsync(int count)
        {
            while (Locked(() => (_asked.Count, _changed.Task)) is var (asked, changed) && asked < count)
            {
                await changed.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        public void Answer(int start) => Take(held => held.FindIndex(page => page.Start == start)).SetResult();

        /// <summary>Answers whatever is asked for, one page at a time, until the listing was read.</summary>
        public async Task AnswerAllAsync(Task<List<int>> reading, Random? random = null)
        {
            while (!reading.IsCompleted)
            {
                var (held, changed) = Locked(() => (_held.Count, _changed.Task));
                if (held == 0)
                {
                    await Task.WhenAny(reading, changed);
                }
                else
                {
                    Take(pages => random?.Next(pages.Count) ?? 0).SetResult();
                }
            }

            await reading;
        }

        public void Dispose() => _fake.Dispose();

        private async Task<HttpResponseMessage> RespondAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            int Header(string name) => int.Parse(request.Headers.GetValues(name).Single(), CultureInfo.InvariantCulture);
            var (start, size) = (Header("X-Plex-Container-Start"), Header("X-Plex-Container-Size"));
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Change(() =>
            {
                _asked.Add(start);
                _held.Add((start, size, answer));
                MostUnderWay = Math.Max(MostUnderWay, _held.Count);
            });
            try
            {
                await answer.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Change(() =>
                {
                    _held.RemoveAll(held => held.Answer == answer);
                    _letGo.Add(start);
                });
                throw;
            }

            return Locked(() =>
            {
                Answering();
                if (size > Most) return new HttpResponseMessage(HttpStatusCode.InternalServerError);
                var count = Math.Clamp(Math.Min(Sent(start, size), Total - start), 0, int.MaxValue);
                var total = TellsTotal(start) ? $",\"totalSize\":{Total}" : "";
                var items = Enumerable.Range(start, count).Select(at => $$"""{"ratingKey":"{{Key(at)}}","type":"movie"}""");
                var body = PlexFake.Container($"\"size\":{count}{total},\"offset\":{start}", items);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            });
        }

        private TaskCompletionSource Take(Func<List<(int Start, int Size, TaskCompletionSource Answer)>, int> choose) => Locked(() =>
        {
            var at = choose(_held);
            var answer = _held[at].Answer;
            _held.RemoveAt(at);
            return answer;
        });

        private void Change(Action change)
        {
            TaskCompletionSource changed;
            lock (_lock)
            {
                change();
                (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            changed.SetResult();
        }

        private T Locked<T>(Func<T> take)
        {
            lock (_lock)
            {
                return take();
            }
        }

        private sealed class Handler(HeldPages pages) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
                request.RequestUri!.AbsolutePath == "/library/sections/1/all"
                    ? pages.RespondAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);
        }
    }
}
