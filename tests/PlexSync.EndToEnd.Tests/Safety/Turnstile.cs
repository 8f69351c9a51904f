namespace PlexSync.EndToEnd.Tests.Safety;

/// <summary>Lets one of several runs proceed at a time, from one request to the next; which one is drawn from a seed.</summary>
internal sealed class Turnstile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly object _gate = new();
    private readonly Queue<TaskCompletionSource>[] _waiting;
    private readonly TaskCompletionSource[] _arrivals;
    private readonly HttpMessageHandler[] _handlers;
    private bool _isOn;

    public Turnstile(int runs)
    {
        _waiting = Enumerable.Range(0, runs).Select(_ => new Queue<TaskCompletionSource>()).ToArray();
        _arrivals = Enumerable.Range(0, runs).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .ToArray();
        _handlers = Enumerable.Range(0, runs).Select(run => (HttpMessageHandler)new Handler(this, run)).ToArray();
    }

    /// <summary>What the requests of a run pass through.</summary>
    public HttpMessageHandler HandlerOf(int run) => _handlers[run];

    /// <summary>Plays the runs to their ends and returns in which order they proceeded.</summary>
    public async Task<IReadOnlyList<int>> PlayAsync(Random random, params Func<Task>[] runs)
    {
        _isOn = true;
        var order = new List<int>();
        var tasks = new List<Task>();
        for (var run = 0; run < runs.Length; run++)
        {
            tasks.Add(Task.Run(runs[run]));
            await ArriveAsync(run, tasks[run]);
        }

        // Some cases change at every request, others let one run go far ahead.
        var (patience, current) = (random.NextDouble(), random.Next(runs.Length));
        while (tasks.Exists(static task => !task.IsCompleted))
        {
            if (tasks[current].IsCompleted || random.NextDouble() > patience)
            {
                var open = Enumerable.Range(0, runs.Length).Where(run => !tasks[run].IsCompleted).ToArray();
                current = open[random.Next(open.Length)];
            }

            order.Add(current);
            Release(current);
            await ArriveAsync(current, tasks[current]);
        }

        _isOn = false;
        await Task.WhenAll(tasks);
        return order;
    }

    private async Task ArriveAsync(int run, Task task)
    {
        Task arrival;
        lock (_gate)
        {
            arrival = _waiting[run].Count > 0 ? Task.CompletedTask : _arrivals[run].Task;
        }

        await (await Task.WhenAny(task, arrival).WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    private void Release(int run)
    {
        lock (_gate)
        {
            var next = _waiting[run].Dequeue();
            _arrivals[run] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            next.SetResult();
        }
    }

    private Task WaitAsync(int run)
    {
        lock (_gate)
        {
            if (!_isOn)
            {
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[run].Enqueue(turn);
            _arrivals[run].TrySetResult();
            return turn.Task;
        }
    }

    private sealed class Handler(Turnstile turnstile, int run) : DelegatingHandler(PlexClient.CreateHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await turnstile.WaitAsync(run).WaitAsync(cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
