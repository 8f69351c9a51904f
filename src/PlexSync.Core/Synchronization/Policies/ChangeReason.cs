using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Why an item changes: a word of a closed, untranslated list for the built-in policies; other policies bring their own.</summary>
[JsonConverter(typeof(TextConverter<ChangeReason>))]
public readonly record struct ChangeReason : IParsable<ChangeReason>
{
    private readonly string? _value;

    private ChangeReason(string value) => _value = value;

    /// <summary>The source has watched the item.</summary>
    public static ChangeReason SourceWatched { get; } = new("sourceWatched");

    /// <summary>The source is in the middle of the item.</summary>
    public static ChangeReason SourceInProgress { get; } = new("sourceInProgress");

    /// <summary>The source is watching the item again, and later than the target did.</summary>
    public static ChangeReason SourceRewatching { get; } = new("sourceRewatching");

    /// <summary>An imported history says how many percent of the item were watched: the position is about right.</summary>
    public static ChangeReason ApproximatePosition { get; } = new("approximatePosition");

    /// <summary>An earlier run changed the item, and that is taken back.</summary>
    public static ChangeReason Undone { get; } = new("undone");

    /// <summary>The source has neither watched the item nor begun it.</summary>
    public static ChangeReason SourceUnwatched { get; } = new("sourceUnwatched");

    /// <summary>The source has rated the item differently.</summary>
    public static ChangeReason SourceRated { get; } = new("sourceRated");

    /// <summary>Somebody marks the item by hand (<see cref="WatchStateSynchronizer.PlanMarkAsync"/>).</summary>
    public static ChangeReason Marked { get; } = new("marked");

    /// <summary>A reason of one's own: one camelCase word.</summary>
    public static ChangeReason Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new(text);
    }

    /// <summary>The word.</summary>
    public override string ToString() => _value ?? "";

    static ChangeReason IParsable<ChangeReason>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<ChangeReason>.TryParse(string? s, IFormatProvider? provider, out ChangeReason result)
    {
        result = string.IsNullOrWhiteSpace(s) ? default : Parse(s);
        return result != default;
    }
}
