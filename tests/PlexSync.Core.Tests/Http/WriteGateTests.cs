using Microsoft.Extensions.Time.Testing;

namespace PlexSync.Core.Tests.Http;

/// <summary>The gate before modelled servers, in a time of their own: counts and ratios are exact.</summary>
public sealed class WriteGateTests
{
    private const int Auto = 8;

    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(5);

    /// <summary>A first run of the yardstick.</summary>
    private const int Writes = 10_900;

    [Theory]
    [InlineData(Auto, 1.7)]
    [InlineData(16, 2.5)]
    public void Server_that_does_more_at_once_is_asked_for_more_up_to_the_bound(int bound, double faster)
    {
        var (four, more) = (new Model(4), new Model(bound));

        four.Write(Writes);
        more.Write(Writes);

        Assert.Equal((4, bound), (four.LongestQueue, more.LongestQueue));
        Assert.Equal(bound, more.Gate.Limit);
        Assert.True(four.Took / more.Took >= faster, $"{four.Took / more.Took:0.00} times as fast");
    }

    [Theory]
    [InlineData(Auto)]
    [InlineData(16)]
    public void Server_that_does_one_write_after_the_other_is_not_pushed(int bound)
    {
        var (four, more) = (new Model(4) { Workers = 1 }, new Model(bound) { Workers = 1 });

        four.Write(Writes);
        more.Write(Writes);

        Assert.InRange(more.LongestQueue, 4, 6);
        Assert.InRange(four.Took / more.Took, 0.95, 1.05);
        Assert.InRange(more.Trials, 1, 5);
    }

    [Fact]
    public void Server_that_does_one_write_after_the_other_far_away_is_asked_for_what_the_way_takes()
    {
        // The way takes as long as nine writes: ten at once keep the server busy.
        var far = new Model(16) { Workers = 1, Way = 9 * Latency };

        far.Write(Writes);

        Assert.InRange(far.Gate.Limit, 8, 14);
        Assert.InRange(far.LongestQueue, 1, 6);
    }

    [Fact]
    public void Server_with_some_workers_is_asked_for_little_more_than_they_can_do()
    {
        var some = new Model(16) { Workers = 6 };

        some.Write(Writes);

        Assert.InRange(some.LongestQueue, 6, 9);
        Assert.InRange(some.Gate.Limit, 5, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Noise_hides_neither_of_the_two(int seed)
    {
        var scaling = new Model(Auto) { Noise = new Random(seed) };
        var serial = new Model(Auto) { Noise = new Random(seed), Workers = 1 };

        scaling.Write(Writes);
        serial.Write(Writes);

        Assert.Equal(Auto, scaling.Gate.Limit);
        Assert.InRange(serial.LongestQueue, 4, 6);
    }

    [Fact]
    public void Server_that_is_slow_for_a_while_recovers()
    {
        var server = new Model(Auto);
        server.Write(2000);
        Assert.Equal(Auto, server.Gate.Limit);

        server.Slowness = 5;
        server.Write(500);
        Assert.InRange(server.Gate.Limit, 4, 7);

        server.Slowness = 1;
        server.Write(3000);
        Assert.Equal(Auto, server.Gate.Limit);
    }

    [Fact]
    public void Server_that_stays_slow_is_measured_anew()
    {
        var server = new Model(Auto);
        server.Write(2000);

        server.Slowness = 5;
        server.Write(8000);

        Assert.Equal(Auto, server.Gate.Limit);
    }

    [Fact]
    public void Single_answers_that_take_very_long_change_nothing()
    {
        var server = new Model(Auto) { StallsEach = 50 };

        server.Write(2000);

        Assert.Equal(Auto, server.Gate.Limit);
        Assert.Equal(1, server.Trials);
    }

    [Theory]
    [InlineData(PlexErrorKind.ServerError)]
    [InlineData(PlexErrorKind.Unavailable)]
    [InlineData(PlexErrorKind.RateLimited)]
    [InlineData(PlexErrorKind.Timeout)]
    public void Server_that_fails_is_asked_for_half_and_a_burst_of_failures_counts_once(PlexErrorKind kind)
    {
        var server = new Model(Auto);
        server.Write(2000);

        server.Failing = kind;
        server.Write(Auto);
        Assert.Equal(4, server.Gate.Limit);

        server.Write(4);
        Assert.Equal(2, server.Gate.Limit);

        // Up to four it grows without a rest, and beyond after it.
        server.Failing = null;
        server.Write(12 * (2 + 3));
        Assert.Equal(4, server.Gate.Limit);
        server.Write(300);
        Assert.Equal(4, server.Gate.Limit);
        server.Write(1000);
        Assert.Equal(Auto, server.Gate.Limit);
    }

    [Theory]
    [InlineData(PlexErrorKind.NotFound)]
    [InlineData(PlexErrorKind.Forbidden)]
    [InlineData(PlexErrorKind.Rejected)]
    public void Refusal_of_an_item_changes_nothing(PlexErrorKind kind)
    {
        var server = new Model(Auto) { Failing = kind };

        server.Write(1000);

        Assert.Equal(4, server.Gate.Limit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Bound_of_four_or_less_is_the_limit_from_the_beginning(int bound)
    {
        var server = new Model(bound);

        server.Write(1000);

        Assert.Equal((bound, bound), (server.Gate.Limit, server.LongestQueue));
    }

    [Fact]
    public void Few_writes_now_and_then_tell_nothing()
    {
        var server = new Model(Auto);

        for (var times = 0; times < 100; times++)
        {
            server.Write(10);
            server.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(4, server.Gate.Limit);
    }

    [Fact]
    public void Server_that_seldom_has_as_many_writes_as_it_might_is_asked_for_no_more()
    {
        // The client is the slow one: it takes twice as long for a write as the server.
        var server = new Model(Auto) { Client = 2 * Latency };

        server.Write(2000);

        Assert.Equal(4, server.Gate.Limit);
    }

    [Fact]
    public async Task Writes_pass_in_the_order_in_which_they_ask()
    {
        var gate = new WriteGate(2, new FakeTimeProvider());
        var tasks = Enumerable.Range(0, 6).Select(_ => gate.EnterAsync(CancellationToken.None)).ToList();

        for (var left = 0; left <= 4; left++)
        {
            await tasks[left + 1];
            Assert.Equal(left + 2, tasks.Count(static task => task.IsCompletedSuccessfully));
            gate.Leave();
        }
    }

    [Fact]
    public async Task Cancelled_waiter_takes_no_place_and_loses_none()
    {
        using var cancellation = new CancellationTokenSource();
        var gate = new WriteGate(1, new FakeTimeProvider());
        await gate.EnterAsync(CancellationToken.None);
        var cancelled = gate.EnterAsync(cancellation.Token);
        var next = gate.EnterAsync(CancellationToken.None);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.EnterAsync(cancellation.Token));
        Assert.False(next.IsCompleted);
        gate.Leave();
        await next;
        gate.Leave();

        Assert.True(gate.EnterAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    /// <summary>A server, and a client that has as many writers as the gate lets through at most.</summary>
    private sealed class Model
    {
        private readonly int _bound;
        private readonly PriorityQueue<Action, (long At, int Number)> _events = new();
        private readonly Queue<Task> _entering = new();
        private readonly Queue<(Action Done, TimeSpan Work)> _queue = new();
        private int _numbers;
        private int _left;
        private int _atServer;
        private int _working;
        private int _answers;
        private int _limit;

        public Model(int bound)
        {
            _bound = bound;
            Gate = new WriteGate(bound, Time);
            _limit = Gate.Limit;
        }

        public FakeTimeProvider Time { get; } = new();

        public WriteGate Gate { get; }

        /// <summary>How many writes the server does at once.</summary>
        public int Workers { get; init; } = int.MaxValue;

        /// <summary>How long a write is on its way to the server and back.</summary>
        public TimeSpan Way { get; init; }

        /// <summary>How long the client takes between two writes.</summary>
        public TimeSpan Client { get; init; }

        /// <summary>Half as long to one and a half times as long.</summary>
        public Random? Noise { get; init; }

        /// <summary>One write of so many takes a second.</summary>
        public int StallsEach { get; init; }

        public double Slowness { get; set; } = 1;

        public PlexErrorKind? Failing { get; set; }

        /// <summary>The most writes that were at the server at once, waiting or being done.</summary>
        public int LongestQueue { get; private set; }

        /// <summary>How often the limit went from four to five.</summary>
        public int Trials { get; private set; }

        public TimeSpan Took { get; private set; }

        public void Write(int count)
        {
            _left = count;
            var began = Time.GetTimestamp();
            for (var writer = 0; writer < _bound; writer++)
            {
                Ask();
            }

            while (_events.TryDequeue(out var happens, out var due))
            {
                Time.Advance(TimeSpan.FromTicks(due.At - Time.GetTimestamp()));
                happens();
            }

            Took += Time.GetElapsedTime(began);
        }

        private void Ask()
        {
            if (_left-- > 0)
            {
                _entering.Enqueue(Gate.EnterAsync(CancellationToken.None));
                Send();
            }
        }

        private void Send()
        {
            while (_entering.TryPeek(out var first) && first.IsCompleted)
            {
                _entering.Dequeue();
                var sent = Time.GetTimestamp();
                After(Way / 2, () => Arrive(() => After(Way / 2, () => Answer(Time.GetElapsedTime(sent)))));
            }
        }

        private void Arrive(Action done)
        {
            LongestQueue = Math.Max(LongestQueue, ++_atServer);
            var work = Latency * Slowness * (Noise is null ? 1 : 0.5 + Noise.NextDouble());
            work = StallsEach > 0 && ++_answers % StallsEach == 0 ? TimeSpan.FromSeconds(1) : work;
            _queue.Enqueue((done, work));
            Work();
        }

        private void Work()
        {
            if (_working < Workers && _queue.TryDequeue(out var next))
            {
                _working++;
                After(next.Work, () =>
                {
                    _working--;
                    _atServer--;
                    next.Done();
                    Work();
                });
            }
        }

        private void Answer(TimeSpan elapsed)
        {
            Gate.Note(elapsed, Failing is { } kind ? new PlexException(kind, "No.") : null);
            Trials += _limit == 4 && Gate.Limit == 5 ? 1 : 0;
            _limit = Gate.Limit;
            Gate.Leave();
            Send();
            After(Client, Ask);
        }

        private void After(TimeSpan time, Action happens) =>
            _events.Enqueue(happens, (Time.GetTimestamp() + time.Ticks, _numbers++));
    }
}
