using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace PlexSync.Testing.Hosting;

/// <summary>
/// Takes each request through the faults: who is asked, how long it takes, whether it is carried out, and what reaches the client.
/// </summary>
internal sealed class Delivering(Faults faults, RequestLog log, World world) : IDisposable
{
    /// <summary>How long a client has to notice that the connection was closed, before it is cut.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Stands among the items of a connection that was closed on purpose. Kestrel reads on after its own side is shut: what the client sent
    /// before it noticed would still be carried out, long after the client had given it up.
    /// </summary>
    private static readonly object Closed = new();

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _late = new();
    private readonly List<(DateTimeOffset Due, Action Effect)> _due = [];

    public async Task ProcessAsync(HttpContext http, Host host)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _stopping.Token);
        try
        {
            var request = await SimulatedRequest.ReadAsync(http, host.Role);
            if (ItemsOf(http).ContainsKey(Closed))
            {
                Abort(http);
                return;
            }

            request.UserId = host.UserOf(request);
            log.Add(request);
            CatchUp(world.Clock.GetUtcNow());
            var (latency, delivery) = faults.Apply(request);
            // A client that gives up meanwhile does not stop the server from doing what it was asked.
            if (latency > TimeSpan.Zero) await Latency.WaitAsync(latency, _stopping.Token);
            foreach (var others in request.Awaited) await others.WaitAsync(ending.Token);
            await host.WorkAsync(request, _stopping.Token);
            await DeliverAsync(http, host, request, delivery, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Abort(http);
        }
    }

    public async Task SettleAsync()
    {
        CatchUp(DateTimeOffset.MaxValue);
        while (!_late.IsEmpty) await Task.WhenAll(_late.Keys);
    }

    /// <summary>
    /// Under a clock of its own a server does what is due before it takes the next request; in between nobody could tell.
    /// </summary>
    private void CatchUp(DateTimeOffset now)
    {
        while (TakeDue(now) is { } effect) effect();
    }

    private Action? TakeDue(DateTimeOffset now)
    {
        lock (_due)
        {
            var next = _due.FindIndex(late => late.Due <= now);
            if (next < 0) return null;
            var effect = _due[next].Effect;
            _due.RemoveAt(next);
            return effect;
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await SettleAsync();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task DeliverAsync(HttpContext http, Host host, SimulatedRequest request, Delivery? delivery, CancellationToken ending)
    {
        switch (delivery)
        {
            case null:
                await SendAsync(http, request, host.Answer(request), ending);
                break;
            case Delivery.Replace replace:
                if (replace.Effect) host.Answer(request);
                var answer = Answer.Text(
                    replace.Status, "text/html", replace.Body ?? $"<html><body><h1>{replace.Status}</h1></body></html>");
                answer.Headers.AddRange(replace.Headers);
                // Without more, it is the server's own answer and not that of something in front of it.
                if (replace is { Body: null, Headers.Count: 0 } && host is MediaServer.ServerHost)
                {
                    answer.Headers.Add(("X-Plex-Protocol", "1.0"));
                }

                await SendAsync(http, request, answer, ending);
                break;
            case Delivery.Hang hang:
                if (hang.Effect) host.Answer(request);
                await Task.Delay(Timeout.InfiniteTimeSpan, ending);
                break;
            case Delivery.Reset reset:
                if (reset.Effect) host.Answer(request);
                Reset(http);
                break;
            case Delivery.Late late:
                Postpone(late.After, () => host.Answer(request));
                if (late.Answered) await SendAsync(http, request, Answer.Empty(), ending);
                else Reset(http);
                break;
            case Delivery.Close close:
                if (close.Effect) host.Answer(request);
                await CloseAsync(http, ending);
                break;
            case Delivery.Truncate:
                // Sending may fail, too: a client that has its half may be gone.
                ItemsOf(http)[Closed] = true;
                await SendHalfAsync(http, host.Answer(request), ending);
                await CloseAsync(http, ending);
                break;
            default:
                throw new NotSupportedException(delivery.ToString());
        }
    }

    private async Task SendAsync(HttpContext http, SimulatedRequest request, Answer answer, CancellationToken ending)
    {
        Head(http, request, answer);
        if (answer.Stream is { } stream) await stream(http.Response.Body, ending);
        else if (!HttpMethods.IsHead(request.Method) && answer.Body.Length > 0) await http.Response.Body.WriteAsync(answer.Body, ending);
    }

    private void Head(HttpContext http, SimulatedRequest request, Answer answer)
    {
        var response = http.Response;
        request.Status = answer.Status;
        response.StatusCode = answer.Status;
        if (answer.Status != StatusCodes.Status204NoContent) response.ContentType = answer.ContentType;

        if (world.SendsDate) response.Headers.Date = world.Clock.GetUtcNow().Add(world.DateOffset)
            .ToString("R", CultureInfo.InvariantCulture);
        else response.Headers.Date = StringValues.Empty;
        foreach (var (name, value) in answer.Headers) response.Headers[name] = value;
        if (answer.Status == StatusCodes.Status204NoContent) return;
        if (answer.Stream is null) response.ContentLength = answer.Body.Length;
    }

    /// <summary>Past Kestrel, whose flush does not tell when the bytes have left.</summary>
    private static async Task SendHalfAsync(HttpContext http, Answer answer, CancellationToken ending)
    {
        var socket = SocketOf(http);
        var head = $"HTTP/1.1 {answer.Status} OK\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {answer.Body.Length}\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), ending);
        await socket.SendAsync(answer.Body[..(answer.Body.Length / 2)], ending);
    }

    private static IDictionary<object, object?> ItemsOf(HttpContext http) =>
        http.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;

    private static Socket SocketOf(HttpContext http) => http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;

    /// <summary>RST: closing a socket that lingers for no time discards what is unsent and resets the peer.</summary>
    private static void Reset(HttpContext http)
    {
        var socket = SocketOf(http);
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        Abort(http);
    }

    /// <summary>FIN, then wait for the client to go. Kestrel's own abort would send a reset after it.</summary>
    private static async Task CloseAsync(HttpContext http, CancellationToken ending)
    {
        SocketOf(http).Shutdown(SocketShutdown.Send);
        try
        {
            await Task.Delay(Patience, ending);
        }
        catch (OperationCanceledException)
        {
            // The client closed its side too, or the simulator stops.
        }
        Abort(http);
    }

    private static void Abort(HttpContext http)
    {
        ItemsOf(http)[Closed] = true;
        http.Abort();
    }

    private void Postpone(TimeSpan after, Action effect)
    {
        if (world.Clock != TimeProvider.System)
        {
            lock (_due) _due.Add((world.Clock.GetUtcNow() + after, effect));
            return;
        }

        var task = RunAsync();
        _late[task] = 0;
        _ = task.ContinueWith(done => _late.TryRemove(done, out _), TaskScheduler.Default);

        async Task RunAsync()
        {
            try
            {
                await Task.Delay(after, _stopping.Token);
                effect();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The effect would come after the simulator's end.
            }
        }
    }
}
