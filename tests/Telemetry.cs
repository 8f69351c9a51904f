using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PlexSync.Tests;

/// <summary>What the library tells listeners about the test that made this one; of tests that run beside it, nothing.</summary>
internal sealed class Telemetry : IDisposable
{
    public const string Name = "PlexSync";

    private static readonly AsyncLocal<Telemetry?> Current = new();

    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public Telemetry()
    {
        Current.Value = this;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Name)
            {
                Instruments.Enqueue(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                Current.Value == this ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (Current.Value == this)
                {
                    Activities.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public ConcurrentQueue<Instrument> Instruments { get; } = [];

    public ConcurrentQueue<Measured> Measurements { get; } = [];

    /// <summary>Those that have ended.</summary>
    public ConcurrentQueue<Activity> Activities { get; } = [];

    /// <summary>Every tag of everything.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Tags =>
        Measurements.SelectMany(measured => measured.Tags).Concat(Activities.SelectMany(activity => activity.TagObjects));

    public IEnumerable<Measured> Of(string instrument) => Measurements.Where(measured => measured.Instrument == instrument);

    /// <summary>
    /// What a counter counted, for each combination of its tags, as in <c>applied watched</c>: by value, in the order of their names.
    /// </summary>
    public Dictionary<string, long> Count(string instrument) =>
        Of(instrument)
            .GroupBy(measured => string.Join(' ', measured.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => tag.Value)))
            .ToDictionary(group => group.Key, group => (long)group.Sum(measured => measured.Value));

    public Activity[] Named(string activity) => [.. Activities.Where(candidate => candidate.OperationName == activity)];

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Current.Value == this)
        {
            Measurements.Enqueue(new Measured(instrument.Name, value, tags.ToArray()));
        }
    }
}

internal sealed record Measured(string Instrument, double Value, IReadOnlyList<KeyValuePair<string, object?>> Tags)
{
    public object? this[string tag] => Tags.FirstOrDefault(candidate => candidate.Key == tag).Value;
}
