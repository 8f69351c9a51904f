namespace PlexSync.Testing;

/// <summary>What goes wrong, and when. Rules may be added while requests run.</summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<FaultRule> _rules = [];

    /// <summary>Added to every request of every host; right to a quarter of a millisecond.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Adds a rule; it holds from now on.</summary>
    public FaultRule Add(FaultRule rule)
    {
        lock (_gate) _rules.Add(rule);
        return rule;
    }

    /// <summary>Shorthand: adds a rule for one path and returns it to be completed.</summary>
    public FaultRule On(string path) => Add(FaultRule.On(path));

    /// <summary>Shorthand: adds a rule for the requests that match and returns it to be completed.</summary>
    public FaultRule On(Func<SimulatedRequest, bool> matches) => Add(FaultRule.On(matches));

    /// <summary>
    /// Shorthand: adds a rule for requests that ask for more than so many items, or name more, and returns it to be completed.
    /// </summary>
    public FaultRule OnMoreThan(int items) => Add(FaultRule.OnMoreThan(items));

    /// <summary>All is well again; <see cref="Latency"/> stays.</summary>
    public void Clear()
    {
        lock (_gate) _rules.Clear();
    }

    /// <summary>
    /// All rules that fire add up; of several ways to deliver the answer, the rule added first decides, and the others are not used up.
    /// </summary>
    internal (TimeSpan Latency, Delivery? Delivery) Apply(SimulatedRequest request)
    {
        var latency = Latency;
        Delivery? delivery = null;
        lock (_gate)
        {
            foreach (var rule in _rules)
            {
                if ((rule.Delivery is not null && delivery is not null) || !rule.Fires(request)) continue;
                latency += rule.Delay;
                request.Awaited.Add(rule.Complete);
                delivery ??= rule.Delivery;
                request.RawFields.AddRange(rule.RawFields);
                if (rule.BodyChange is { } spoil) request.ChangeBody = request.ChangeBody is { } first ? body => spoil(first(body)) : spoil;
                if (rule.PageChange is not { } change) continue;
                var before = request.ChangePage;
                request.ChangePage = before is null ? change : page => change(before(page));
            }
        }
        return (latency, delivery);
    }
}

/// <summary>A page of a listing before it is sent.</summary>
/// <param name="Whole">Everything the query selects.</param>
/// <param name="Start">How many come before this page.</param>
/// <param name="Asked">The container size; null when the request is not paged.</param>
/// <param name="Items">What this page holds.</param>
/// <param name="Size">What it says it holds.</param>
/// <param name="Total">What it says there is in all; null leaves it out.</param>
internal sealed record ListingPage(IReadOnlyList<Node> Whole, int Start, int? Asked, IReadOnlyList<Node> Items, int Size, int? Total);

/// <summary>How an answer reaches the client, or does not. "Effect": whether the request was carried out.</summary>
internal abstract record Delivery
{
    public sealed record Replace(int Status, string? Body, IReadOnlyList<(string Name, string Value)> Headers, bool Effect) : Delivery;
    public sealed record Hang(bool Effect) : Delivery;
    public sealed record Reset(bool Effect) : Delivery;
    public sealed record Close(bool Effect) : Delivery;
    public sealed record Late(TimeSpan After, bool Answered) : Delivery;
    public sealed record Truncate : Delivery;
}
