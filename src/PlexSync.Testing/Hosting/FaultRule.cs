using System.Globalization;
using System.Text;
using PlexSync.Testing.Hosting;

namespace PlexSync.Testing;

/// <summary>
/// One thing that goes wrong: to which requests (<c>On</c>), to which of those (<see cref="Skip"/>, <see cref="Times"/>,
/// <see cref="WithProbability"/>; without them to all), and what. It can combine a latency, a changed page and one way to deliver.
/// </summary>
public sealed class FaultRule
{
    private Func<SimulatedRequest, bool> _matches;
    private int _skip;
    private int _left = int.MaxValue;
    private double _probability = 1;
    private Random? _random;
    private int _hits;
    private int _together;
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FaultRule(Func<SimulatedRequest, bool> matches) => _matches = matches;

    /// <summary>How many requests it has struck.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal Delivery? Delivery { get; private set; }
    internal TimeSpan Delay { get; private set; }
    internal Func<ListingPage, ListingPage>? PageChange { get; private set; }
    internal Task Complete => _complete.Task;
    internal List<RawField> RawFields { get; } = [];
    internal Func<byte[], byte[]>? BodyChange { get; private set; }

    /// <summary>Requests that match.</summary>
    public static FaultRule On(Func<SimulatedRequest, bool> matches) => new(matches);

    /// <summary>Requests to this path, or below it when it ends with "/*".</summary>
    public static FaultRule On(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith("/*", StringComparison.Ordinal)
            ? new(request => request.Path.StartsWith(path[..^1], StringComparison.Ordinal))
            : new(request => request.Path == path);
    }

    /// <summary>Requests that ask for pages of more than so many items, or name more than so many: what a weak server chokes on.</summary>
    public static FaultRule OnMoreThan(int items) => new(request => SizeOf(request) > items);

    /// <summary>Narrows the rule.</summary>
    public FaultRule And(Func<SimulatedRequest, bool> matches)
    {
        var wider = _matches;
        return Set(() => _matches = request => wider(request) && matches(request));
    }

    /// <summary>Narrows the rule to one user's requests.</summary>
    public FaultRule By(SimulatedUser user) => And(request => request.UserId == user.Id);

    /// <summary>Lets so many of these requests pass first.</summary>
    public FaultRule Skip(int requests) => Set(() => _skip = requests);

    /// <summary>Strikes so many requests, then no more.</summary>
    public FaultRule Times(int requests) => Set(() => _left = requests);

    /// <summary>Strikes a request with this probability; which ones is the same for the same seed and order.</summary>
    public FaultRule WithProbability(double probability, int seed) => Set(() => (_probability, _random) = (probability, new Random(seed)));

    // What the client sees instead of the answer.

    /// <summary>Another status, and a body or headers if given.</summary>
    /// <param name="code">The status.</param>
    /// <param name="body">Its body; when absent, a short page as the server itself would send it.</param>
    /// <param name="afterEffect">Whether the request was carried out all the same.</param>
    /// <param name="headers">What the answer has besides.</param>
    public FaultRule Status(int code, string? body = null, bool afterEffect = false, params (string Name, string Value)[] headers) =>
        Deliver(new Delivery.Replace(code, body, headers, afterEffect));

    /// <summary>200 with a web page, as from a captive portal or a CDN in trouble (plex-facts §3.11).</summary>
    public FaultRule Html(bool afterEffect = false) =>
        Status(200, "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Please sign in.</p></body></html>", afterEffect);

    /// <summary>No answer until the client gives up.</summary>
    public FaultRule Hang(bool afterEffect = false) => Deliver(new Delivery.Hang(afterEffect));

    /// <summary>A TCP reset; the request was not carried out.</summary>
    public FaultRule ResetBefore() => Deliver(new Delivery.Reset(Effect: false));

    /// <summary>A TCP reset after the request was carried out.</summary>
    public FaultRule ResetAfter() => Deliver(new Delivery.Reset(Effect: true));

    /// <summary>
    /// The connection is closed in good order without an answer. Clients may then resend silently: .NET's SocketsHttpHandler does so three
    /// times, whatever the method, on fresh connections too, unless the request has content (an empty one will do).
    /// </summary>
    public FaultRule CloseBefore() => Deliver(new Delivery.Close(Effect: false));

    /// <summary>As <see cref="CloseBefore"/>, but the request was carried out: a client that resends does it twice.</summary>
    public FaultRule CloseAfter() => Deliver(new Delivery.Close(Effect: true));

    /// <summary>
    /// A reset at once, or an empty 200 if <paramref name="answered"/>; the request is carried out later
    /// (plex-facts §6.7, reads after writes).
    /// </summary>
    public FaultRule LateEffect(TimeSpan after, bool answered = false) => Deliver(new Delivery.Late(after, answered));

    /// <summary>The whole length is announced, half of the body sent, the connection closed. The request was carried out.</summary>
    public FaultRule TruncateBody() => Deliver(new Delivery.Truncate());

    /// <summary>The answer takes so much longer.</summary>
    public FaultRule Latency(TimeSpan delay) => Set(() => Delay = delay);

    /// <summary>No answer before so many of these requests have come; from then on at once.</summary>
    public FaultRule Together(int requests) => Set(() => _together = requests);

    // What a listing page holds instead of what it should (plex-facts §1.3).

    internal FaultRule ChangePage(Func<ListingPage, ListingPage> change) => Set(() => PageChange = change);

    /// <summary>An item is missing from the page; <paramref name="counted"/>: its size still counts it.</summary>
    public FaultRule DropItem(int index = 0, bool counted = true) => ChangePage(page => page with
    {
        Items = [.. page.Items.Where((_, at) => at != index)],
        Size = counted || index >= page.Items.Count ? page.Size : page.Size - 1,
    });

    /// <summary>Legal: fewer items than asked, and the page says so.</summary>
    public FaultRule ShortPage(int items) =>
        ChangePage(page => page with { Items = [.. page.Items.Take(items)], Size = Math.Min(items, page.Size) });

    /// <summary>Nothing on a page before the end.</summary>
    public FaultRule EmptyPage() => ShortPage(0);

    /// <summary>The previous page once more.</summary>
    public FaultRule RepeatPage() => ChangePage(page =>
    {
        IReadOnlyList<Node> previous = [.. page.Whole.Skip(Math.Max(0, page.Start - (page.Asked ?? 0))).Take(page.Asked ?? int.MaxValue)];
        return page with { Items = previous, Size = previous.Count };
    });

    /// <summary>The first items are gone, from the content and the total, as after a deletion between two pages.</summary>
    public FaultRule ShrinkListing(int items) => ChangePage(page =>
    {
        IReadOnlyList<Node> whole = [.. page.Whole.Skip(items)];
        IReadOnlyList<Node> rest = [.. whole.Skip(page.Start).Take(page.Asked ?? int.MaxValue)];
        return page with { Whole = whole, Items = rest, Size = rest.Count, Total = page.Total is null ? null : whole.Count };
    });

    /// <summary>Everything at once, whatever was asked, and no total.</summary>
    public FaultRule Unpaged() =>
        ChangePage(page => page with { Items = page.Whole, Size = page.Whole.Count, Total = null, Start = 0, Asked = null });

    /// <summary>A total that is off.</summary>
    public FaultRule WrongTotal(int by) => ChangePage(page => page with { Total = page.Total + by });

    // What stands in an answer that is right otherwise (plex-facts §14.4).

    /// <summary>
    /// In JSON, the row with this rating key, client identifier or id has this value, whatever it is: <c>"1997-98"</c> with its quotes,
    /// <c>1e999</c>, <c>{}</c>. It is added if the row has no such field. Answers without the row stay as they are.
    /// </summary>
    public FaultRule Field(string row, string field, string value) => Field(row, field, Encoding.UTF8.GetBytes(value));

    /// <summary>As above, in bytes that need be no UTF-8.</summary>
    public FaultRule Field(string row, string field, byte[] value) => Set(() => RawFields.Add(new RawField(row, field, value)));

    /// <summary>In JSON and XML alike, other bytes in place of a text, wherever it is.</summary>
    public FaultRule Replace(string text, byte[] bytes) =>
        Set(() => BodyChange = body => Replace(body, Encoding.UTF8.GetBytes(text), bytes));

    /// <summary>Decides, and uses up one count. Called under the lock of <see cref="Faults"/>.</summary>
    internal bool Fires(SimulatedRequest request)
    {
        if (_left == 0 || !_matches(request)) return false;
        if (_skip > 0)
        {
            _skip--;
            return false;
        }
        if (_random is { } random && random.NextDouble() >= _probability) return false;
        _left--;
        if (Interlocked.Increment(ref _hits) >= _together) _complete.TrySetResult();
        return true;
    }

    /// <summary>The page size asked for, or the number of ids in the path or of a write's uri.</summary>
    private static int SizeOf(SimulatedRequest request)
    {
        var asked =
            int.TryParse(request.HeaderOrQuery("X-Plex-Container-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size : 0;
        return Math.Max(asked, Math.Max(Ids(request.Path), Ids(request["uri"] ?? "")));

        static int Ids(string path) =>
            path.Contains("/library/metadata/", StringComparison.Ordinal) ? path.Split('/').Max(part => part.Count(c => c == ',')) + 1 : 0;
    }

    private static byte[] Replace(byte[] body, byte[] old, byte[] bytes)
    {
        var changed = new List<byte>(body.Length);
        var rest = body.AsSpan();
        for (var at = rest.IndexOf(old); at >= 0; at = rest.IndexOf(old))
        {
            changed.AddRange(rest[..at]);
            changed.AddRange(bytes);
            rest = rest[(at + old.Length)..];
        }

        changed.AddRange(rest);
        return [.. changed];
    }

    private FaultRule Deliver(Delivery delivery) => Set(() => Delivery = delivery);

    private FaultRule Set(Action change)
    {
        change();
        return this;
    }
}
